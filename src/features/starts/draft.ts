import { z } from 'zod';

const draftSchema = z.object({
  id: z.string(),
  crew: z.string().optional(),
  channel: z.string().optional(),
  again: z.string().optional(),
});
/** What a form to start a run is about. `id`: of the run; `again`: the run whose inputs it begins with. */
export type StartDraft = z.infer<typeof draftSchema>;

export function writeDraft(draft: StartDraft): string {
  return JSON.stringify(draft);
}

/** Reads what a form keeps beside its fields; undefined for any other text. */
export function readDraft(metadata: string): StartDraft | undefined {
  try {
    return draftSchema.parse(JSON.parse(metadata));
  } catch {
    return undefined;
  }
}
