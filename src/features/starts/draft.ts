import { z } from 'zod';

const draftSchema = z.object({
  id: z.string(),
  crew: z.string().optional(),
  channel: z.string().optional(),
  again: z.string().optional(),
});
/** Subject of a form that starts a run. `id`: id of the new start; `again`: id of the start whose inputs are filled in. */
export type StartDraft = z.infer<typeof draftSchema>;

export function writeDraft(draft: StartDraft): string {
  return JSON.stringify(draft);
}

/** Reads text from `writeDraft`; undefined for any other text. */
export function readDraft(metadata: string): StartDraft | undefined {
  try {
    return draftSchema.parse(JSON.parse(metadata));
  } catch {
    return undefined;
  }
}
