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
/** Delay before the bot again asks crews with an unknown dialect, in milliseconds. */
const ASK_INTERVAL = 5 * 60_000;

type KnownDialect = Exclude<Dialect, 'unknown'>;

/** Stores facts per crew and deployment: the dialect, and whether webhooks carry tickets. Rejects with a StoreError. */
export interface DialectStore {
  dialect(crew: string, deployment: string): Promise<KnownDialect | undefined>;
  saveDialect(crew: string, deployment: string, dialect: KnownDialect): Promise<void>;
  hasTickets(crew: string, deployment: string): Promise<boolean>;
  saveTickets(crew: string, deployment: string): Promise<void>;
}

export interface DialectsSetup {
  endpoints: Endpoints;
  store: DialectStore;
  clock: Clock;
  log: Log;
  alert: AlertOperators;
  /** Called with each known dialect, including dialects from the settings and the store. */
  onLearned: (crew: string, dialect: KnownDialect) => void;
  countCall: Meter['crewAICalled'];
}

/**
 * The dialects of the crews, and which crews' webhooks carry tickets. Dialects of crews with `resume_format: auto` are stored,
 * asked for in the background, and learned again when a response shows another dialect. Decisions never wait for a dialect.
 */
export class LearnedDialects implements Dialects {
  private readonly setup: DialectsSetup;
  private readonly dialectByCrew = new Map<string, KnownDialect>();
  private readonly crewsWithTickets = new Set<string>();
  /** Names of the crews with `resume_format: auto`. */
  private readonly autoCrews: string[];
  private cancel = () => {};
  private closed = false;

  constructor(setup: DialectsSetup) {
    this.setup = setup;
    const autoEndpoints = [...setup.endpoints.values()].filter(({ crew }) => crew.resumeFormat === 'auto');
    this.autoCrews = autoEndpoints.map(({ crew }) => crew.name);
  }

  of(crew: string): Dialect {
    const format = this.setup.endpoints.get(crew)?.crew.resumeFormat;
    if (format === 'camelcase') return 'live';
    return format === 'documented' ? 'documented' : (this.dialectByCrew.get(crew) ?? 'unknown');
  }

  /** Records the dialect that a response showed. Never rejects. */
  async learn(crew: string, dialect: KnownDialect): Promise<void> {
    const { store, log, onLearned } = this.setup;
    if (!this.autoCrews.includes(crew) || this.dialectByCrew.get(crew) === dialect) return;
    this.dialectByCrew.set(crew, dialect);
    log.info({ crew, dialect }, 'dialect learned');
    onLearned(crew, dialect);
    try {
      await store.saveDialect(crew, this.hashDeployment(crew), dialect);
    } catch (error) {
      log.error({ crew, error }, 'dialect not stored');
    }
  }

  /** True if the crew's webhooks carry tickets. Asks the store too: another replica may know. Rejects with a StoreError. */
  async bringsTickets(crew: string): Promise<boolean> {
    if (this.crewsWithTickets.has(crew)) return true;
    const isStored = await this.setup.store.hasTickets(crew, this.hashDeployment(crew));
    if (isStored) this.crewsWithTickets.add(crew);
    return isStored;
  }

  /** Records that a webhook carried the ticket of a decision, so the deployment uses each decision's own URLs. Never rejects. */
  async learnTickets(crew: string): Promise<void> {
    if (this.crewsWithTickets.has(crew)) return;
    this.crewsWithTickets.add(crew);
    const { store, log } = this.setup;
    log.info({ crew }, 'tickets detected in webhooks');
    await store
      .saveTickets(crew, this.hashDeployment(crew))
      .catch((error: unknown) => log.error({ crew, error }, 'tickets of a crew not stored'));
  }

  /** Asks the crew for its dialect after a rejection: the known dialect may be wrong. Never rejects. */
  async askAgain(crew: string): Promise<void> {
    if (this.autoCrews.includes(crew)) await this.ask(crew);
  }

  async start(): Promise<void> {
    const { endpoints, store, onLearned } = this.setup;
    for (const crew of this.autoCrews) {
      const stored = await store.dialect(crew, this.hashDeployment(crew)).catch(() => undefined);
      if (stored) this.dialectByCrew.set(crew, stored);
    }
    for (const crew of endpoints.keys()) {
      if (await store.hasTickets(crew, this.hashDeployment(crew)).catch(() => false))
        this.crewsWithTickets.add(crew);
      const dialect = this.of(crew);
      if (dialect !== 'unknown') onLearned(crew, dialect);
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
    const { endpoints, log, alert, countCall } = this.setup;
    const deployment = endpoints.get(crew)?.deployment;
    if (!deployment) return;
    const api = locateApi(deployment, `/status/${randomUUID()}`);
    const answer = await callCrew(crew, { method: 'get', ...api, timeout: TIMEOUT }, countCall);
    if ('code' in answer) return;
    if (answer.status === 401 || answer.status === 403) {
      log.error({ crew, status: answer.status }, 'bearer token rejected by CrewAI');
      alert({ kind: 'crew_token_rejected', crew, status: answer.status });
      return;
    }
    const dialect = readDialect(answer.status, answer.body);
    if (dialect) await this.learn(crew, dialect);
  }

  /** `includesKnownDialects`: also asks crews with a known dialect, since a deployment may have been replaced. */
  private async askAll(includesKnownDialects = false): Promise<void> {
    const { clock } = this.setup;
    await Promise.all(
      this.autoCrews
        .filter((crew) => includesKnownDialects || !this.dialectByCrew.has(crew))
        .map((crew) => this.ask(crew)),
    );
    if (!this.closed && this.autoCrews.some((crew) => !this.dialectByCrew.has(crew)))
      this.cancel = clock.after(ASK_INTERVAL, () => void this.askAll());
  }
}

/** Reads the dialect from a response to GET /status of a run that never existed; undefined: unknown. Pure. */
function readDialect(status: number, body: string): KnownDialect | undefined {
  const json = parseObject(body);
  if (!json) return undefined;
  if (isLiveStatus(status, json)) return 'live';
  return isDocumentedNotFound(status, json) ? 'documented' : undefined;
}
