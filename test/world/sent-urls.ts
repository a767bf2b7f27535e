import { isObject } from '../../src/lib/own-member.ts';
import type { CalledUrls } from '../sandbox/crewai/called-urls.ts';

/** Which URLs the played CrewAI calls after a decision; `none`: none that carries a ticket, unless a story names it. */
export type Called = CalledUrls | 'none';

export const CALLED = ['resume', 'newest', 'first', 'stale', 'none'] as const satisfies readonly Called[];

/** What CREWAI_CALLS says: all stories of a run of the tests happen on this platform. */
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
  /** It follows the decision with this number among those of its run that CrewAI took, from 0 on, or from the end. */
  follows?: number | undefined;
}

/** A decision that CrewAI took. */
interface Taken {
  run: string;
  body: Body;
  /** The id under which the run goes on, where CrewAI named one. */
  goesOnAs: unknown;
}

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  task: ['taskWebhookUrl'],
  step: ['stepWebhookUrl'],
  crew: ['crewWebhookUrl'],
  'human-input': ['humanInputWebhook', 'humanInputWebhookUrl'],
};
/** A story's own run and what it goes on as. */
const OWN = /^e\d+$/;

/** The URLs that the bot has sent, with the tickets in them, and which of them a webhook comes to. */
export class SentUrls {
  readonly #called: Called;
  readonly #live: boolean;
  #kickoff: Body | undefined;
  readonly #taken: Taken[] = [];
  /** Ids that can be resumed. */
  readonly #pending = new Set<string>();
  /** The ticket that each webhook came with: one that is delivered again comes to the same URL. */
  readonly #came = new Map<string, string | undefined>();
  /** Kinds of which a webhook came before the first decision: the kickoff named their URLs. */
  readonly #named = new Set<string>();

  constructor(called: Called, live: boolean) {
    this.#called = called;
    this.#live = live;
  }

  /** The bot starts a run. */
  noteKickoff(body: Body): void {
    this.#kickoff ??= body;
  }

  /** The bot sends a decision. Of several attempts CrewAI takes the first that it does not refuse. */
  noteResume(body: Body, said: { status: number; body: object } | 'no_answer'): void {
    const refused = said !== 'no_answer' && said.status !== 200 && said.status !== 504;
    const id = String(body.taskId ?? body.task_id);
    if (refused || !this.#pending.delete(id)) return;
    const { kickoff_id: goesOnAs } = (said === 'no_answer' ? {} : said.body) as Body;
    this.#taken.push({ run: String(body.executionId ?? body.execution_id), body, goesOnAs });
  }

  /** The ticket of the URL that a webhook comes to. */
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
    const named = [start, ...taken.map((one) => one.body)];
    const first = start || this.#named.has(kind) || kind === 'events' ? 0 : Math.min(1, taken.length);
    const called = {
      resume: after,
      newest: kind === 'events' ? 0 : taken.length,
      first,
      stale: Math.max(0, after - 1),
    };
    return readTicketOf(named[called[this.#called]], kind);
  }

  #runOf(ids: readonly string[]): string | undefined {
    const known = this.#taken.find(({ run, goesOnAs }) => ids.some((id) => id === run || id === goesOnAs));
    return known?.run ?? (ids.some((id) => OWN.test(id)) ? 'e1' : undefined);
  }

  /** Which decision a webhook follows: 0 is the start. */
  #after(kind: string, ids: readonly string[], taken: readonly Taken[], follows: number | undefined): number {
    if (follows !== undefined) return follows < 0 ? taken.length + 1 + follows : follows + 1;
    const named = taken.findLastIndex(({ goesOnAs }) => ids.some((id) => id === goesOnAs));
    if (named !== -1) return named + 1;
    // The live platform goes on under another id: under the first one a webhook is from before.
    const isEarlier = this.#live && kind !== 'human-input' && taken.some(({ run }) => ids.includes(run));
    return isEarlier ? 0 : taken.length;
  }
}

/** The ticket in the URL of a kind; where there is none of this kind, in any other. */
export function readTicketOf(body: Body | undefined, kind: string): string | undefined {
  const own = (FIELDS[kind] ?? []).flatMap((field) => body?.[field] ?? []);
  const [url = body] = own.map((one) => (isObject(one) ? one.url : one));
  return /[?&]run=([^"&]+)/.exec(JSON.stringify(url ?? ''))?.[1];
}
