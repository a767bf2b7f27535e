const TITLE = '**Note from the crew:**';

/** An output with what the crew says about it: in JSON one more field, in Markdown the last paragraphs. */
export function addNote(output: string | object, note: string): string | object {
  if (typeof output === 'object') return { ...output, note_from_the_crew: note };
  const json = readObject(output);
  return json
    ? JSON.stringify(addNote(json, note), null, 2)
    : [output, '---', `${TITLE} ${note}`].join('\n\n');
}

function readObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
