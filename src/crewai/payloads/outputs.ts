import { hashOfText, hashOutput, isBlank, type Output, readOutput } from '../../approval/model/output.ts';

/** A field that may hold an output; `source`: its JSON text, where parsing changes the value. */
export interface OutputField {
  raw: unknown;
  source: string | undefined;
}

/** The first output that is not blank: usually `output`, else `output_json`. */
export function readFirstOutput(fields: readonly OutputField[]): Output {
  const outputs = fields.map(({ raw, source }) => readOutput(raw, source));
  return outputs.find((candidate) => !isBlank(candidate)) ?? (outputs[0] as Output);
}

/** Hashes of a task's text and of its JSON form (`json`): a duplicate webhook may carry either of them. */
export function hashOutputs(shown: Output, fields: readonly OutputField[], json?: OutputField): string[] {
  if (shown.kind === 'json') {
    // Version 0.1.0 read JSON in a text as text.
    const asText = fields.find(({ raw }) => shown.source !== undefined && raw === shown.source);
    return [...hashOutput(shown), ...(asText ? [hashOfText(shown.source ?? '')] : [])];
  }
  const other = json?.raw == null ? undefined : readOutput(json.raw, json.source);
  return [...hashOutput(shown), ...(other?.kind === 'json' ? hashOutput(other) : [])];
}
