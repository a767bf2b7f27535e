import type { State } from '../state.ts';

/**
 * The text of a command as Slack sends it with `should_escape: true`: people and channels that were chosen from its list
 * (`@name`, `#name`) as `<@U…|name>` and `<#C…|name>`, the three special characters of everything else as entities.
 * https://docs.slack.dev/interactivity/implementing-slash-commands
 */
export function escapeCommandText(
  text: string,
  { people, channels }: Pick<State, 'people' | 'channels'>,
): string {
  const person = (name: string) => people.find((one) => one.name === name);
  const channel = (name: string) => channels.find((one) => one.name === name);
  const escaped = text
    // What a person pasted as a mention is one already.
    .split(/(<[@#][A-Z0-9]+(?:\|[^<>]*)?>)/)
    .map((part, index) =>
      index % 2 === 1 ? part : part.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;'),
    )
    .join('');
  return escaped.replace(
    /(^|\s)([@#])([a-z0-9._-]+)/g,
    (whole, before: string, kind: string, name: string) => {
      const found = kind === '@' ? person(name) : channel(name);
      return found ? `${before}<${kind}${found.id}|${name}>` : whole;
    },
  );
}
