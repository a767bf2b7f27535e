/** Fills in a pattern with `{words for one|words for others|words for none}`; `#` is the number. */
export function fillIn(pattern: string, count: number): string {
  const choose = (_: string, words: string) => {
    const [one = '', others = '', none = others] = words.split('|');
    return count === 1 ? one : count === 0 ? none : others;
  };
  return pattern.replace(/\{(.*?)\}/g, choose).replaceAll('#', count === 0 ? '0' : '1,000');
}
