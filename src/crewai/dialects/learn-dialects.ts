import { createHash, randomUUID } from 'node:crypto';
import type { Crew } from '../../approval/model/crew/crew.ts';
import type { Dialect, Dialects } from '../../approval/model/crew/dialect.ts';
import type { AlertOperators, Clock, Log } from '../../approval/ports.ts';
import { callCrew, type Deployment } from '../api.ts';
import { parseObject } from '../resume-answer.ts';
import { isDocumentedNotFound } from './documented.ts';
import { isLiveStatus } from './live.ts';

const TIMEOUT = 8_000;
/** A crew that has not shown its dialect is asked again after this time, in milliseconds. */
const ASKED_AGAIN = 5 * 60_000;

type Known = Exclude<Dialect, 'unknown'>;

/** Where dialects are kept, per crew and deployment. Rejects with a StoreError. */
export interface DialectStore {
  dialect(crew: string, deployment: string): Promise<Known | undefined>;
  saveDialect(crew: string, deployment: string, dialect: Known): Promise<void>;
}

export type LearnedDialects = Dialects & {
  /** An answer showed it. Never rejects. */
  learn(crew: string, dialect: Known): Promise<void>;
  /** A refusal may come from another dialect than the one that is known: asks the crew. Never rejects. */
  doubt(crew: string): Promise<void>;
  start(): Promise<void>;
  close(): void;
};

/**
 * The dialects of the crews whose settings leave it open: kept in the store, asked for in the background, and learned
 * again when an answer shows another one. No decision waits for it.
 */
export function createLearnedDialects({
  crews,
  deployments,
  store,
  clock,
  log,
  alarm,
  learned = () => {},
}: {
  crews: ReadonlyMap<string, Crew>;
  deployments: ReadonlyMap<string, Deployment>;
  store: DialectStore;
  clock: Clock;
  log: Log;
  alarm: AlertOperators;
  /** Called with each dialect that is known, also from before. */
  learned?: (crew: string, dialect: Known) => void;
}): LearnedDialects {
  const known = new Map<string, Known>();
  const open = [...crews.values()]
    .filter(({ resumeFormat }) => resumeFormat === 'auto')
    .map(({ name }) => name);
  let cancel = () => {};
  let closed = false;

  function of(crew: string): Dialect {
    const format = crews.get(crew)?.resumeFormat;
    if (format === 'camelcase') return 'live';
    return format === 'documented' ? 'documented' : (known.get(crew) ?? 'unknown');
  }

  async function learn(crew: string, dialect: Known): Promise<void> {
    if (crews.get(crew)?.resumeFormat !== 'auto' || known.get(crew) === dialect) return;
    known.set(crew, dialect);
    log.info({ crew, dialect }, 'dialect of the crew learned');
    learned(crew, dialect);
    try {
      await store.saveDialect(crew, deploymentKey(crew), dialect);
    } catch (error) {
      log.error({ crew, error }, 'dialect of the crew could not be stored');
    }
  }

  function deploymentKey(crew: string): string {
    return createHash('sha256')
      .update(deployments.get(crew)?.baseUrl ?? '')
      .digest('hex')
      .slice(0, 16);
  }

  /** Asks a crew for the status of a run that never existed: the two dialects answer differently, and it has no effect. */
  async function ask(crew: string): Promise<void> {
    const deployment = deployments.get(crew);
    if (!deployment) return;
    const path = `/status/${randomUUID()}`;
    const answer = await callCrew(deployment, { method: 'get', path, timeout: TIMEOUT });
    if ('code' in answer) return;
    if (answer.status === 401 || answer.status === 403) {
      log.error({ crew, status: answer.status }, 'CrewAI rejected the bearer token of the crew');
      alarm(`token ${crew}`, `CrewAI rejects the bearer token of the crew ${crew} (${answer.status}).`);
      return;
    }
    const shown = readDialect(answer.status, answer.body);
    if (shown) await learn(crew, shown);
  }

  /** `first`: also those that are known; a deployment may have been replaced. */
  async function askAll(first = false): Promise<void> {
    await Promise.all(open.filter((crew) => first || !known.has(crew)).map(ask));
    if (!closed && open.some((crew) => !known.has(crew)))
      cancel = clock.after(ASKED_AGAIN, () => void askAll());
  }

  async function start(): Promise<void> {
    for (const crew of open) {
      const kept = await store.dialect(crew, deploymentKey(crew)).catch(() => undefined);
      if (kept) known.set(crew, kept);
    }
    for (const { name } of crews.values()) {
      const dialect = of(name);
      if (dialect !== 'unknown') learned(name, dialect);
    }
    void askAll(true);
  }

  return {
    of,
    learn,
    doubt: async (crew) => {
      if (open.includes(crew)) await ask(crew);
    },
    start,
    close() {
      closed = true;
      cancel();
    },
  };
}

/** What the answer to GET /status of a run that never existed shows; undefined when it shows nothing. Pure. */
function readDialect(status: number, body: string): Known | undefined {
  const json = parseObject(body);
  if (!json) return undefined;
  if (isLiveStatus(status, json)) return 'live';
  return isDocumentedNotFound(status, json) ? 'documented' : undefined;
}
