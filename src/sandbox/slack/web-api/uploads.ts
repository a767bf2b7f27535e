import { Router } from 'express';
import { type Answer, answerWithFailures, type Failures } from '../../failures.ts';
import type { State } from '../state.ts';

/** Serves the upload URLs of files.getUploadURLExternal. Planned failures have the name `upload`. */
export function createUploads(state: State, failures: Failures): Router {
  const router = Router();
  router.post('/upload/:id', async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const content = await fileIn(Buffer.concat(chunks), req.get('content-type') ?? '');
    const failure = failures.next('upload', content);
    await answerWithFailures(res, failure, (): Answer => {
      const file = state.files.get(req.params.id);
      if (!file) return { status: 404, body: 'file_not_found' };
      if (content.length !== file.length) return { status: 400, body: 'the length is not the announced one' };
      file.content = content;
      state.touch();
      return { status: 200, body: `OK - ${content.length}` };
    });
  });
  return router;
}

async function fileIn(body: Buffer, contentType: string): Promise<Buffer> {
  if (!contentType.startsWith('multipart/form-data')) return body;
  const headers = { 'content-type': contentType };
  const form = await new Response(new Uint8Array(body), { headers }).formData();
  for (const value of form.values()) {
    return typeof value === 'string' ? Buffer.from(value) : Buffer.from(await value.arrayBuffer());
  }
  return Buffer.alloc(0);
}
