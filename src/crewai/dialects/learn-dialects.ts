import { createHash, randomUUID } from 'node:crypto';
import type { AlertOperators } from '../../approval/alerts.ts';
import type { Dialect, Dialects } from '../../approval/model/crew/dialect.ts';
import type { Endpoints } from '../../approval/model/crew/endpoint.ts';
import type { Clock, Log, Meter } from '../../approval/ports.ts';
import { callCrew, locateApi } from '../api.ts';
import { parseObject } from '../resume-answer.ts';
import { isDocumentedNotFound } from './documented.ts';
import { isLiveStatus } from './live.ts';

const TIMEOUT = 8_000;
/** Time after which a crew without a known dialect is asked again, in milliseconds. */
const ASKED_AGAIN = 5 * 60_000;

type Known = Exclude<Dialect, 'unknown'>;

/** Stores facts per crew and deployment: the dialect, and whether webhooks carry tickets. Rejects with a StoreError. */
export interface DialectStore {
  dialect(crew: string, deployment: string): Promise<Known | undefined>;
  saveDialect(crew: string, deployment: string, dialect: Known): Promise<void>;
  hasTickets(crew: string, deployment: string): Promise<boolean>;
  saveTickets(crew: string, deployment: string): Promise<void>;
}

export interface DialectsSetup {
  endpoints: Endpoints;
  store: DialectStore;
  clock: Clock;
  log: Log;
  alert: AlertOperators;
  /** Called with each known dialect, including dialects from the store. */
  learned: (crew: string, dialect: Known) => void;
  /** Counts calls. */
  called: Meter['crewAICalled'];
}

/**
 * The dialects of crews with `resume_format: auto`. They are stored, asked for in the background, and learned again when a
 * response shows another dialect. Decisions never wait for a dialect.
 */
export class LearnedDialects implements Dialects {
  private readonly setup: DialectsSetup;
  private readonly known = new Map<string, Known>();
  private readonly withTickets = new Set<string>();
  /** Names of the crews whose dialect is learned. */
  private readonly learnedCrews: string[];
  private cancel = () => {};
  private closed = false;

  constructor(setup: DialectsSetup) {
    this.setup = setup;
    const learning = [...setup.endpoints.values()].filter(({ crew }) => crew.resumeFormat === 'auto');
    this.learnedCrews = learning.map(({ crew }) => crew.name);
  }

  of(crew: string): Dialect {
    const format = this.setup.endpoints.get(crew)?.crew.resumeFormat;
    if (format === 'camelcase') return 'live';
    return format === 'documented' ? 'documented' : (this.known.get(crew) ?? 'unknown');
  }

  /** Records the dialect that a response showed. Never rejects. */
  async learn(crew: string, dialect: Known): Promise<void> {
    const { store, log, learned } = this.setup;
    if (!this.learnedCrews.includes(crew) || this.known.get(crew) === dialect) return;
    this.known.set(crew, dialect);
    log.info({ crew, dialect }, 'dialect learned');
    learned(crew, dialect);
    try {
      await store.saveDialect(crew, this.hashDeployment(crew), dialect);
    } catch (error) {
      log.error({ crew, error }, 'dialect not stored');
    }
  }

  /** True if the crew's webhooks carry tickets. Asks the store too: another replica may know. Rejects with a StoreError. */
  async bringsTickets(crew: string): Promise<boolean> {
    if (this.withTickets.has(crew)) return true;
    const isStored = await this.setup.store.hasTickets(crew, this.hashDeployment(crew));
    if (isStored) this.withTickets.add(crew);
    return isStored;
  }

  /** Records that a webhook carried the ticket of a decision: the deployment calls the URLs of each decision. Never rejects. */
  async learnTickets(crew: string): Promise<void> {
    if (this.withTickets.has(crew)) return;
    this.withTickets.add(crew);
    const { store, log } = this.setup;
    log.info({ crew }, 'webhooks bring the tickets of decisions');
    await store
      .saveTickets(crew, this.hashDeployment(crew))
      .catch((error: unknown) => log.error({ crew, error }, 'tickets of a crew not stored'));
  }

  /** Asks the crew for its dialect, since a rejection may come from another dialect than the known one. Never rejects. */
  async doubt(crew: string): Promise<void> {
    if (this.learnedCrews.includes(crew)) await this.ask(crew);
  }

  async start(): Promise<void> {
    const { endpoints, store, learned } = this.setup;
    for (const crew of this.learnedCrews) {
      const stored = await store.dialect(crew, this.hashDeployment(crew)).catch(() => undefined);
      if (stored) this.known.set(crew, stored);
    }
    for (const crew of endpoints.keys()) {
      if (await store.hasTickets(crew, this.hashDeployment(crew)).catch(() => false))
        this.withTickets.add(crew);
      const dialect = this.of(crew);
      if (dialect !== 'unknown') learned(crew, dialect);
    }
    void this.askAll(true);
  }

  close(): void {
    this.closed = true;
    this.cancel();
  }

  private hashDeployment(crew: string): string {
    return createHash('sha256')
      .update(this.setup.endpoints.get(crew)?.deployment?.baseUrl ?? '')
      .digest('hex')
      .slice(0, 16);
  }

  /** Asks a crew for the status of a run that never existed. The dialects respond differently, and the call has no effect. */
  private async ask(crew: string): Promise<void> {
    const { endpoints, log, alert, called } = this.setup;
    const deployment = endpoints.get(crew)?.deployment;
    if (!deployment) return;
    const api = locateApi(deployment, `/status/${randomUUID()}`);
    const answer = await callCrew(crew, { method: 'get', ...api, timeout: TIMEOUT }, called);
    if ('code' in answer) return;
    if (answer.status === 401 || answer.status === 403) {
      log.error({ crew, status: answer.status }, 'bearer token rejected by CrewAI');
      alert({ kind: 'crew_token_rejected', crew, status: answer.status });
      return;
    }
    const dialect = readDialect(answer.status, answer.body);
    if (dialect) await this.learn(crew, dialect);
  }

  /** `includesKnown`: also asks crews with a known dialect, since a deployment may have been replaced. */
  private async askAll(includesKnown = false): Promise<void> {
    const { clock } = this.setup;
    await Promise.all(
      this.learnedCrews
        .filter((crew) => includesKnown || !this.known.has(crew))
        .map((crew) => this.ask(crew)),
    );
    if (!this.closed && this.learnedCrews.some((crew) => !this.known.has(crew)))
      this.cancel = clock.after(ASKED_AGAIN, () => void this.askAll());
  }
}

/** Reads the dialect from a response to GET /status of a run that never existed; undefined: unknown. Pure. */
function readDialect(status: number, body: string): Known | undefined {
  const json = parseObject(body);
  if (!json) return undefined;
  if (isLiveStatus(status, json)) return 'live';
  return isDocumentedNotFound(status, json) ? 'documented' : undefined;
}
