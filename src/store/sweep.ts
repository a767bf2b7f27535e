import { setTimeout as pause, setImmediate } from 'node:timers/promises';
import type { z } from 'zod';
import { type Approval, approvalSchema, RECORD_VERSION } from '../approval/model/approval.ts';
import { runRecordSchema } from '../approval/model/run/run-record.ts';
import { startSchema } from '../approval/model/run/start.ts';
import type { Clock, Log, Stored } from '../approval/ports.ts';
import { sleep } from '../lib/time.ts';
import { joinChanges, type RecordChange, rewriteApproval, rewriteRun, rewriteStart } from './changes.ts';
import { FORMATTED, type FormatContext, type FormattedKind } from './formats/step.ts';
import { createRecordReader } from './read-record.ts';
import type { RawRecord, RecordStore } from './record-store.ts';

/** All records are of this format, or of a later one. */
export const SWEPT_KEY = 'format/swept';

const PAGE = 500;
/** Records of one commit: about 5 ms of the event loop. */
const AT_ONCE = 10;
/** A commit of clicks waits for one of the sweep at most every other time: it pauses for this share of what it takes. */
const PAUSED = 0.5;
const LOGGED_EVERY = 10_000;
const RETRIED_AFTER = 10_000;

/** How each kind of record is read, and written again as it is. */
const REWRITES: Readonly<
  Record<FormattedKind, { schema: z.ZodType; rewrite(stored: Stored<never>): RecordChange }>
> = {
  execution: { schema: runRecordSchema, rewrite: rewriteRun },
  approval: { schema: approvalSchema as z.ZodType<Approval>, rewrite: rewriteApproval },
  kickoff: { schema: startSchema, rewrite: rewriteStart },
};

/** Writes the records of earlier formats in this build's, behind the work. A sweep that was killed begins again and finds fewer. */
export class Sweep {
  readonly #records: RecordStore;
  readonly #options: FormatContext & { clock: Clock; log: Log };
  #migrated = 0;
  #state: 'waits' | 'runs' | 'done' | 'stopped' = 'waits';

  constructor(records: RecordStore, options: FormatContext & { clock: Clock; log: Log }) {
    this.#records = records;
    this.#options = options;
  }

  /** For /readyz: how far it is, in half a sentence; undefined once all is done. */
  describe(): string | undefined {
    return this.#state === 'runs'
      ? `${this.#migrated} records of an earlier format are written anew so far`
      : undefined;
  }

  /** For metrics: how many records were written anew, and whether it still runs. */
  get progress(): { migrated: number; running: boolean } {
    return { migrated: this.#migrated, running: this.#state === 'runs' };
  }

  /** Resolves once all records are of this build's format, or it was stopped. Never rejects: it is tried again. */
  async run(): Promise<void> {
    if (this.#state !== 'waits') return;
    const { clock, log } = this.#options;
    this.#state = 'runs';
    const began = clock.now();
    while (this.#state === 'runs') {
      try {
        if (Number(await this.#records.get(SWEPT_KEY)) >= RECORD_VERSION) break;
        for (const kind of FORMATTED) await this.#sweep(kind);
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
        if (!this.isStopped) log.error({ error }, 'records of earlier formats not migrated, tried again');
        if (this.isStopped) return;
        await sleep(clock, RETRIED_AFTER);
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
      const page = await this.#records.range(kind, { after, limit: PAGE });
      after = page.at(-1)?.key;
      const outdated = page.filter(({ raw }) => !isCurrent(raw));
      for (let at = 0; at < outdated.length && this.#state === 'runs'; at += AT_ONCE) {
        const began = performance.now();
        await this.#migrate(kind, outdated.slice(at, at + AT_ONCE));
        await pause((performance.now() - began) * PAUSED);
      }
      if (page.length < PAGE || this.#state !== 'runs') return;
      await setImmediate();
    }
  }

  async #migrate(kind: FormattedKind, some: readonly RawRecord[]): Promise<void> {
    const { log, strictestPolicy } = this.#options;
    const { schema, rewrite } = REWRITES[kind];
    const { readRecord } = createRecordReader(this.#records, log, strictestPolicy ? { strictestPolicy } : {});
    const changes: RecordChange[] = [];
    for (const { key, raw } of some) {
      const stored = await readRecord(key, schema, raw);
      if (stored?.upgraded) changes.push(rewrite(stored as Stored<never>));
    }
    // Whoever changes one of them meanwhile writes it in its new form: the others are written alone.
    const done = await this.#records.commit(joinChanges(changes));
    let migrated = done ? changes.length : 0;
    if (!done) for (const change of changes) migrated += (await this.#records.commit(change)) ? 1 : 0;
    const before = this.#migrated;
    this.#migrated += migrated;
    if (Math.floor(before / LOGGED_EVERY) < Math.floor(this.#migrated / LOGGED_EVERY))
      log.info({ migrated: this.#migrated }, 'records of an earlier format were migrated');
  }
}

function isCurrent(raw: string): boolean {
  return raw.startsWith(`{"value":{"v":${RECORD_VERSION},`);
}
