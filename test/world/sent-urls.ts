import { isObject } from '../../src/lib/own-member.ts';
import type { CalledUrls } from '../sandbox/crewai/called-urls.ts';

/** The URLs that the played CrewAI calls after a decision. `none`: URLs without a ticket, unless a story names one. */
export type Called = CalledUrls | 'none';

export const CALLED = ['resume', 'newest', 'first', 'stale', 'none'] as const satisfies readonly Called[];

/** Reads CREWAI_CALLS: all stories of a test run happen on this platform. */
export function readCalled(): Called | undefined {
  const { CREWAI_CALLS: named } = process.env;
  const called = CALLED.find((one) => one === named);
  if (named && !called) throw new TypeError(`CREWAI_CALLS is none of ${CALLED.join(', ')}`);
  return called;
}

type Body = Record<string, unknown>;

interface Webhook {
  kind: string;
  body: Body;
  /**
   * Number of the decision that the webhook follows, among those of its run that CrewAI accepted, from 0; negative:
   * from the end.
   */
  follows?: number | undefined;
}

/** A decision that CrewAI accepted. */
interface Taken {
  run: string;
  body: Body;
  /** The id under which the run continues, if CrewAI named one. */
  goesOnAs: unknown;
}

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  task: ['taskWebhookUrl'],
  step: ['stepWebhookUrl'],
  crew: ['crewWebhookUrl'],
  'human-input': ['humanInputWebhook', 'humanInputWebhookUrl'],
};
/** Ids of a story's own run and its continuations. */
const STORY_RUN = /^e\d+$/;

/** The URLs that the bot has sent with their tickets. Finds the URL to which a webhook comes. */
export class SentUrls {
  readonly #called: Called;
  readonly #live: boolean;
  #kickoff: Body | undefined;
  readonly #taken: Taken[] = [];
  /** Ids that can be resumed. */
  readonly #pending = new Set<string>();
  /** The ticket of each webhook: a redelivery comes to the same URL. */
  readonly #came = new Map<string, string | undefined>();
  /** Kinds that had a webhook before the first decision: the kickoff named their URLs. */
  readonly #named = new Set<string>();

  constructor(called: Called, live: boolean) {
    this.#called = called;
    this.#live = live;
  }

  /** Notes that the bot starts a run. */
  noteKickoff(body: Body): void {
    this.#kickoff ??= body;
  }

  /** Notes that the bot sends a decision. CrewAI accepts the first attempt that it does not refuse. */
  noteResume(body: Body, said: { status: number; body: object } | 'no_answer'): void {
    const refused = said !== 'no_answer' && said.status !== 200 && said.status !== 504;
    const id = String(body.taskId ?? body.task_id);
    if (refused || !this.#pending.delete(id)) return;
    const { kickoff_id: goesOnAs } = (said === 'no_answer' ? {} : said.body) as Body;
    this.#taken.push({ run: String(body.executionId ?? body.execution_id), body, goesOnAs });
  }

  /** Finds the ticket of the URL to which a webhook comes. */
  ticketOf({ kind, body, follows }: Webhook): string | undefined {
    const pauseOrTask = kind === 'human-input' || (kind === 'task' && body.output !== undefined);
    const id = body.task_id ?? body.name;
    const identity = kind === 'human-input' && this.#isPauseId(id) ? `${id}` : JSON.stringify([kind, body]);
    const isAgain = follows === undefined && pauseOrTask && this.#came.has(identity);
    if (isAgain) return this.#came.get(identity);
    if (pauseOrTask) this.#pending.add(String(id));
    if (this.#taken.length === 0) this.#named.add(kind);
    const ticket = this.#find({ kind, body, follows });
    this.#came.set(identity, ticket);
    return ticket;
  }

  #isPauseId(id: unknown): boolean {
    return this.#live || /^[0-9a-f]{8}-/.test(String(id));
  }

  #find({ kind, body, follows }: Webhook): string | undefined {
    if (this.#called === 'none') return undefined;
    const ids = [body.kickoff_id, body.execution_id].flatMap((one) =>
      one === undefined ? [] : [String(one)],
    );
    const run = this.#runOf(ids);
    const taken = this.#taken.filter((one) => one.run === run);
    // A decision names no URL for events.
    const after = kind === 'events' ? 0 : this.#after(kind, ids, taken, follows);
    const start = run === 'e1' ? this.#kickoff : undefined;
    const bodies = [start, ...taken.map((one) => one.body)];
    const first = start || this.#named.has(kind) || kind === 'events' ? 0 : Math.min(1, taken.length);
    const called = {
      resume: after,
      newest: kind === 'events' ? 0 : taken.length,
      first,
      stale: Math.max(0, after - 1),
    };
    return readTicketOf(bodies[called[this.#called]], kind);
  }

  #runOf(ids: readonly string[]): string | undefined {
    const decision = this.#taken.find(({ run, goesOnAs }) => ids.some((id) => id === run || id === goesOnAs));
    return decision?.run ?? (ids.some((id) => STORY_RUN.test(id)) ? 'e1' : undefined);
  }

  /** Finds the number of the decision that a webhook follows; 0 is the start. */
  #after(kind: string, ids: readonly string[], taken: readonly Taken[], follows: number | undefined): number {
    if (follows !== undefined) return follows < 0 ? taken.length + 1 + follows : follows + 1;
    const decisionIndex = taken.findLastIndex(({ goesOnAs }) => ids.some((id) => id === goesOnAs));
    if (decisionIndex !== -1) return decisionIndex + 1;
    // The live platform continues a run under another id: a webhook with the first id is from before.
    const isEarlier = this.#live && kind !== 'human-input' && taken.some(({ run }) => ids.includes(run));
    return isEarlier ? 0 : taken.length;
  }
}

/** Reads the ticket in the URL of a kind. Without a URL of this kind, reads the first ticket in the body. */
export function readTicketOf(body: Body | undefined, kind: string): string | undefined {
  const urlFields = (FIELDS[kind] ?? []).flatMap((field) => body?.[field] ?? []);
  const [url = body] = urlFields.map((one) => (isObject(one) ? one.url : one));
  return /[?&]run=([^"&]+)/.exec(JSON.stringify(url ?? ''))?.[1];
}
