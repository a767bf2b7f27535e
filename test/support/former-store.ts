import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DatabaseSync } from '@photostructure/sqlite';
import { approvalSchema } from '../../src/approval/model/approval.ts';
import { upgradeRecord } from '../../src/store/formats/formats.ts';
import { buildIndexKeys } from '../../src/store/keys.ts';
import type { RawRecord, RecordStore } from '../../src/store/record-store.ts';
import { FORMAT_KEY } from '../../src/store/store-format.ts';
import { SWEPT_KEY } from '../../src/store/sweep.ts';

export const FORMER = 7;
const FIXTURE = join(import.meta.dirname, '..', 'fixtures', 'stores', `format-${FORMER}.db.gz`);
const CREW = 'press';
/** A pause in the fixture that waits. Slack did not accept its card. */
const CARDLESS = '80ZAH72YW6W2B73S';
const AT_ONCE = 1_000;

interface Ids {
  id: string;
  executionId: string;
}

/**
 * Approvals as the build of format 7 wrote them, with their runs, outputs and index entries, under new ids. Histories
 * are left out: their hashes contain the ids.
 */
export class FormerApprovals {
  readonly #records = readFixture();
  readonly #settled = this.#findIdle('settled');
  readonly #waiting = this.#findIdle('waiting');

  /** Copies a settled approval with nothing left to do. Consecutive numbers give approvals of different kinds. */
  settled(number: number, ids: Ids): RawRecord[] {
    return this.#copy(this.#settled[number % this.#settled.length] as string, ids);
  }

  /** Copies a waiting approval with its card in Slack and nothing due. */
  waiting(number: number, ids: Ids): RawRecord[] {
    return this.#copy(this.#waiting[number % this.#waiting.length] as string, ids);
  }

  /** Copies a waiting approval. `card`: its place in Slack; absent: its card is due. */
  cardless(ids: Ids, card?: object): RawRecord[] {
    const records = this.#copy(CARDLESS, ids);
    if (card === undefined) return records;
    return records.flatMap(({ key, raw }) => {
      if (key.startsWith('open/')) return [];
      if (!key.startsWith('approval/')) return [{ key, raw }];
      const { value } = JSON.parse(raw);
      value.rounds[0].card = card;
      value.lanes.card = { failures: 0 };
      return [{ key, raw: JSON.stringify({ value }) }];
    });
  }

  /** Finds the approvals in this index for which nothing is due in this build's form either. */
  #findIdle(index: 'settled' | 'waiting'): string[] {
    return this.#records.flatMap(({ key, raw }) => {
      if (!key.startsWith('approval/')) return [];
      const approval = approvalSchema.parse(upgradeRecord(key, JSON.parse(raw).value, {})?.value);
      const run = JSON.parse(this.#read(`execution/${approval.executionId}/${approval.crew}`) ?? '{}').value;
      const kinds = buildIndexKeys(approval).map((entry) => entry.split('/')[0]);
      const isIdle = kinds.includes(index) && !kinds.includes('open') && run?.checkAt === undefined;
      return isIdle && approval.crew === CREW && run?.approvals.length === 1 ? [approval.id] : [];
    });
  }

  #read(key: string): string | undefined {
    return this.#records.find((record) => record.key === key)?.raw;
  }

  #copy(from: string, { id, executionId }: Ids): RawRecord[] {
    const { executionId: run } = JSON.parse(this.#read(`approval/${from}`) as string).value as Ids;
    const rename = (text: string) => text.replaceAll(from, id).replaceAll(run, executionId);
    return this.#records
      .filter(({ key, raw }) => {
        if (/^(?:fact|event|root)\//.test(key)) return false;
        const isAlias = key.startsWith('alias/') && raw.includes(`"${run}"`);
        return isAlias || key.includes(from) || key === `execution/${run}/${CREW}`;
      })
      .map(({ key, raw }) => ({ key: rename(key), raw: rename(raw) }));
  }
}

function readFixture(): RawRecord[] {
  const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-former-'));
  try {
    writeFileSync(join(folder, 'fixture.db'), gunzipSync(readFileSync(FIXTURE)));
    const database = new DatabaseSync(join(folder, 'fixture.db'), { readOnly: true });
    const records = database
      .prepare('SELECT key, raw FROM records ORDER BY key')
      .all() as unknown as RawRecord[];
    database.close();
    return records;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes records regardless of the store's format. */
export async function writeAll(records: RecordStore, all: Iterable<readonly RawRecord[]>): Promise<void> {
  let puts: RawRecord[] = [];
  const write = async () => {
    await records.commit({ compare: [], puts, deletes: [] });
    puts = [];
  };
  for (const batch of all) {
    puts.push(...batch);
    if (puts.length >= AT_ONCE) await write();
  }
  await write();
}

/** Gives the store the former format and removes the mark of the sweep. */
export async function makeFormer(records: RecordStore): Promise<void> {
  const puts = [{ key: FORMAT_KEY, raw: String(FORMER) }];
  await records.commit({ compare: [], puts, deletes: [SWEPT_KEY] });
}
