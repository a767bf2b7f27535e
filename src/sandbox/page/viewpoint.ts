/** The person that a visitor acts as, and the place that the page shows. */
export interface Viewpoint {
  /** Id of the person. */
  as: string;
  /** Id of a channel; `home` and `app` are the tabs of the app. */
  at: string;
  /** Ts of the message whose thread is open. */
  thread?: string | undefined;
  /** Side that a phone shows. */
  pane: 'slack' | 'crewai';
}

const TS = /^\d{1,12}\.\d{6}$/;

/** Reads the address. An unknown person or place falls back to the first person or channel. */
export function readViewpoint(
  query: URLSearchParams,
  people: readonly { id: string }[],
  channels: readonly { id: string }[],
): Viewpoint {
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

/** Builds the address of a viewpoint, or of a message in its open thread or else in its channel. */
export function viewpointHref(viewpoint: Viewpoint, message?: string): string {
  const query = new URLSearchParams({ as: viewpoint.as, at: viewpoint.at });
  if (viewpoint.thread) query.set('thread', viewpoint.thread);
  if (viewpoint.pane === 'crewai') query.set('pane', 'crewai');
  return `/?${query}${message ? `#${viewpoint.thread ? 'thread-' : ''}m-${message}` : ''}`;
}
