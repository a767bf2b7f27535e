import type { Output } from '../../approval/output.ts';
import { clean, count, cut, type Preview, preview, tamedMarkdown } from './text.ts';

/** Longer JSON is not indented: no card shows the whole of it. */
const LONGEST_INDENTED = 50_000;

/** An output as Markdown for a `markdown` block, at most `max` characters. */
export function outputMarkdown(output: Output, max: number): Preview {
  if (output.kind === 'text') return preview(tamedMarkdown(output.text), max);
  // A fence inside would end ours.
  const json = tamedMarkdown(readableJson(output.value)).replace(/`{3,}/g, (fence) =>
    [...fence].join('\u200b'),
  );
  const whole = `\`\`\`\n${json}\n\`\`\``;
  return whole.length <= max ? { shown: whole, missing: 0 } : preview(`\`\`\`\n${json}`, max);
}

/** An output as plain text, for a card that Slack refused to show with Markdown; at most `max` characters. */
export function outputPlain(output: Output, max: number): Preview {
  const text = tamedMarkdown(output.kind === 'text' ? output.text : readableJson(output.value));
  if (text.length <= max) return { shown: text, missing: 0 };
  const shown = cut(text, max);
  return { shown, missing: text.length - shown.length + 1 };
}

/** What a reader is told of an output that has nothing to read. */
export function blankWords(output: Output): string | undefined {
  const blank = output.kind === 'text' && clean(output.text).trim() === '';
  return blank ? '_The output is empty._' : undefined;
}

export function missingWords(missing: number): string | undefined {
  return missing > 0 ? `${count(missing)} more characters are not shown here.` : undefined;
}

function readableJson(value: unknown): string {
  const compact = JSON.stringify(value) ?? 'null';
  return compact.length > LONGEST_INDENTED ? compact : JSON.stringify(value, null, 2);
}
