/** Who somebody is on the page, and what they look at. */
export interface Look {
  /** The person to be. */
  as: string;
  /** A channel's id; `home` and `app` are the tabs of the app. */
  at: string;
  /** The ts of the message whose thread is open. */
  thread?: string | undefined;
  /** Which side a phone shows. */
  pane: 'slack' | 'crewai';
}

const TS = /^\d{1,12}\.\d{6}$/;

/** Reads the address; what names nobody and nowhere falls back to the first person and the first channel. */
export function readLook(
  query: URLSearchParams,
  people: readonly { id: string }[],
  channels: readonly { id: string }[],
): Look {
  const as = people.find(({ id }) => id === query.get('as')) ?? people[0];
  const places = [...channels.map(({ id }) => id), 'home', 'app'];
  const at = places.find((place) => place === query.get('at')) ?? places[0];
  const thread = query.get('thread') ?? '';
  return {
    as: as?.id ?? '',
    at: at ?? '',
    ...(TS.test(thread) && at !== 'home' ? { thread } : {}),
    pane: query.get('pane') === 'crewai' ? 'crewai' : 'slack',
  };
}

/** The address of a look, and of a message in its open thread or else in its channel. */
export function lookHref(look: Look, message?: string): string {
  const query = new URLSearchParams({ as: look.as, at: look.at });
  if (look.thread) query.set('thread', look.thread);
  if (look.pane === 'crewai') query.set('pane', 'crewai');
  return `/?${query}${message ? `#${look.thread ? 'thread-' : ''}m-${message}` : ''}`;
}
