const TITLE = '**Note from the crew:**';

/** Adds a note of the crew to an output: a field in JSON, the last paragraphs in Markdown. */
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
