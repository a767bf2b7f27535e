import type { State } from '../state.ts';

/**
 * Builds the text of a command as Slack sends it with `should_escape: true`. People and channels chosen from its list
 * (`@name`, `#name`) become `<@U…|name>` and `<#C…|name>`; elsewhere the three special characters become entities.
 * https://docs.slack.dev/interactivity/implementing-slash-commands
 */
export function escapeCommandText(
  text: string,
  { people, channels }: Pick<State, 'people' | 'channels'>,
): string {
  const findPerson = (name: string) => people.find((person) => person.name === name);
  const findChannel = (name: string) => channels.find((channel) => channel.name === name);
  const escaped = text
    // A mention that a person pasted is already in Slack's form and stays unescaped.
    .split(/(<[@#][A-Z0-9]+(?:\|[^<>]*)?>)/)
    .map((part, index) =>
      index % 2 === 1 ? part : part.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;'),
    )
    .join('');
  return escaped.replace(
    /(^|\s)([@#])([a-z0-9._-]+)/g,
    (whole, before: string, kind: string, name: string) => {
      const target = kind === '@' ? findPerson(name) : findChannel(name);
      return target ? `${before}<${kind}${target.id}|${name}>` : whole;
    },
  );
}
