/** What the crew says about its output, as the last paragraphs of a Markdown text; none without a note. */
export function noteLines(note: string | undefined): string[] {
  return note === undefined ? [] : ['---', `**Note from the crew:** ${note}`];
}
