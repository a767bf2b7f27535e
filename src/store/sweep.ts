import { setTimeout as pause, setImmediate } from 'node:timers/promises';
import type { z } from 'zod';
import { type Approval, approvalSchema, RECORD_VERSION } from '../approval/model/approval.ts';
import { runRecordSchema } from '../approval/model/run/run-record.ts';
import { startSchema } from '../approval/model/run/start.ts';
import type { Clock, Log, Stored } from '../approval/ports.ts';
import { sleep } from '../lib/time.ts';
import { joinChanges, type RecordChange, rewriteApproval, rewriteRun, rewriteStart } from './changes.ts';
import { FORMATTED_KINDS, type FormatContext, type FormattedKind } from './formats/step.ts';
import { createRecordReader } from './read-record.ts';
import type { RawRecord, RecordStore } from './record-store.ts';

/** Key of the format that all records have, or a later one. */
export const SWEPT_KEY = 'format/swept';

const PAGE_SIZE = 500;
/** Records per commit: about 5 ms of the event loop. */
const RECORDS_PER_COMMIT = 10;
/** Pause after each commit, as a share of its time: a third of the time is left to others, such as clicks. */
const PAUSE_SHARE = 0.5;
const LOG_EVERY = 10_000;
const RETRY_DELAY = 10_000;

/** How to read each kind of record and rewrite it with the same content. */
const REWRITES: Readonly<
  Record<FormattedKind, { schema: z.ZodType; rewrite(stored: Stored<never>): RecordChange }>
> = {
  execution: { schema: runRecordSchema, rewrite: rewriteRun },
  approval: { schema: approvalSchema as z.ZodType<Approval>, rewrite: rewriteApproval },
  kickoff: { schema: startSchema, rewrite: rewriteStart },
};

/** Rewrites records of earlier formats in this build's, in the background. A killed sweep starts again and finds fewer. */
export class Sweep {
  readonly #records: RecordStore;
  readonly #options: FormatContext & { clock: Clock; log: Log };
  #migrated = 0;
  #state: 'waits' | 'runs' | 'done' | 'stopped' = 'waits';

  constructor(records: RecordStore, options: FormatContext & { clock: Clock; log: Log }) {
    this.#records = records;
    this.#options = options;
  }

  /** Returns the progress in half a sentence, for /readyz; undefined: the sweep does not run. */
  describe(): string | undefined {
    return this.#state === 'runs'
      ? `${this.#migrated} records of an earlier format have been rewritten so far`
      : undefined;
  }

  /** Number of rewritten records, and whether the sweep runs. For metrics. */
  get progress(): { migrated: number; running: boolean } {
    return { migrated: this.#migrated, running: this.#state === 'runs' };
  }

  /** Resolves once all records have this build's format, or the sweep was stopped. Retries after errors, so never rejects. */
  async run(): Promise<void> {
    if (this.#state !== 'waits') return;
    const { clock, log } = this.#options;
    this.#state = 'runs';
    const began = clock.now();
    while (this.#state === 'runs') {
      try {
        if (Number(await this.#records.get(SWEPT_KEY)) >= RECORD_VERSION) break;
        for (const kind of FORMATTED_KINDS) await this.#sweep(kind);
        if (this.#state !== 'runs') return;
        const puts = [{ key: SWEPT_KEY, raw: String(RECORD_VERSION) }];
        await this.#records.commit({ compare: [], puts, deletes: [] });
        const seconds = Math.round((clock.now() - began) / 1_000);
        log.info(
          { format: RECORD_VERSION, migrated: this.#migrated, seconds },
          'all records are of the current format',
        );
        break;
      } catch (error) {
        if (!this.isStopped) log.error({ error }, 'records of earlier formats not migrated; retrying');
        if (this.isStopped) return;
        await sleep(clock, RETRY_DELAY);
      }
    }
    if (this.#state === 'runs') this.#state = 'done';
  }

  get isStopped(): boolean {
    return this.#state === 'stopped';
  }

  stop(): void {
    this.#state = 'stopped';
  }

  async #sweep(kind: FormattedKind): Promise<void> {
    let after: string | undefined;
    for (;;) {
      const page = await this.#records.range(kind, { after, limit: PAGE_SIZE });
      after = page.at(-1)?.key;
      const outdated = page.filter(({ raw }) => !isCurrent(raw));
      for (let at = 0; at < outdated.length && this.#state === 'runs'; at += RECORDS_PER_COMMIT) {
        const began = performance.now();
        await this.#migrate(kind, outdated.slice(at, at + RECORDS_PER_COMMIT));
        await pause((performance.now() - began) * PAUSE_SHARE);
      }
      if (page.length < PAGE_SIZE || this.#state !== 'runs') return;
      await setImmediate();
    }
  }

  async #migrate(kind: FormattedKind, outdated: readonly RawRecord[]): Promise<void> {
    const { log, strictestPolicy } = this.#options;
    const { schema, rewrite } = REWRITES[kind];
    const { readRecord } = createRecordReader(this.#records, log, strictestPolicy ? { strictestPolicy } : {});
    const changes: RecordChange[] = [];
    for (const { key, raw } of outdated) {
      const stored = await readRecord(key, schema, raw);
      if (stored?.upgraded) changes.push(rewrite(stored as Stored<never>));
    }
    // A record that changed in between is already in the new format. The other records are then written one by one.
    const isCommitted = await this.#records.commit(joinChanges(changes));
    let migrated = isCommitted ? changes.length : 0;
    if (!isCommitted) for (const change of changes) migrated += (await this.#records.commit(change)) ? 1 : 0;
    const countBefore = this.#migrated;
    this.#migrated += migrated;
    if (Math.floor(countBefore / LOG_EVERY) < Math.floor(this.#migrated / LOG_EVERY))
      log.info({ migrated: this.#migrated }, 'records of an earlier format were migrated');
  }
}

function isCurrent(raw: string): boolean {
  return raw.startsWith(`{"value":{"v":${RECORD_VERSION},`);
}
