/** A text with a note of the crew: in JSON as one more field. */
export function addNote(text: string, note: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return JSON.stringify({ ...value, note_from_the_crew: note }, null, 2);
  } catch {
    // It is no JSON.
  }
  return [text, ...noteLines(note)].join('\n\n');
}

/** What the crew says about its output, as the last paragraphs of a Markdown text; none without a note. */
export function noteLines(note: string | undefined): string[] {
  return note === undefined ? [] : ['---', `**Note from the crew:** ${note}`];
}
