import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { buildCardFacts, hashCardFacts } from '../../../src/approval/card-facts.ts';
import { recordCard } from '../../../src/approval/lifecycle/cards.ts';
import type { ApprovalEvent } from '../../../src/approval/lifecycle/events.ts';
import { openApproval } from '../../../src/approval/lifecycle/rounds.ts';
import { transition } from '../../../src/approval/lifecycle/transitions.ts';
import { type Approval, buildApprovalId, currentRound } from '../../../src/approval/model/approval.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import { excerptOutput, hashOutput, type Output } from '../../../src/approval/model/output.ts';
import { newRunRecord, type RunRecord } from '../../../src/approval/model/run/run-record.ts';
import { createApprovalStore } from '../../../src/store/approval-store.ts';
import { openStore } from '../../../src/store/open-store.ts';
import type { Commit, RecordStore } from '../../../src/store/record-store.ts';
import { SILENT, voidRecords } from './nothing-stored.ts';
import { APPROVER, CREW, draft } from './world.ts';

const SECOND = 1_000;
/** Of what is not asked to wait, so many in a hundred still do: with 100 stored more than a page of a list. */
const WAITING_IN_100 = 20;
/** Approvals written at once. */
const AT_ONCE = 250;

/** One approval as the product leaves it, with its run and its output. */
interface Seed {
  approval: Approval;
  run: RunRecord;
  output: Output;
}

/** An approval made by the real transitions, its card posted and up to date: it waits, or it went its whole way. */
function seed(at: number, waits: boolean, channel: string, of?: { executionId: string; name: string }): Seed {
  const { executionId = randomUUID(), name = draft.name } = of ?? {};
  const isAlone = of === undefined;
  const id = buildApprovalId(CREW, executionId, name);
  const output: Output = {
    kind: 'text',
    text: `# Draft of ${executionId}\n\n${'Made from *recycled linen*. '.repeat(40)}`,
  };
  const { agent, description, expectedOutput } = draft;
  const excerpt = excerptOutput(output);
  const task = { taskId: name, humanInput: false, hashes: [hashOutput(output)], excerpt };
  const opened = openApproval(
    { id, crew: CREW, executionId, task: name, channel, urls: {}, policy: DEFAULT_POLICY },
    { type: 'output', at, opensRounds: true, output: { ...task, agent, description, expectedOutput } },
  );
  const events: ApprovalEvent[] = [
    { type: 'decide', at: at + 60 * SECOND, round: 1, action: 'approve', feedback: '', by: APPROVER },
    { type: 'attempt_started', dialect: 'documented', at: at + 60 * SECOND, round: 1 },
    { type: 'attempt_ended', at: at + 61 * SECOND, round: 1, outcome: { kind: 'accepted' }, backoffMs: 0 },
    isAlone
      ? { type: 'run_finished', at: at + 90 * SECOND, withResult: false }
      : { type: 'other_webhook', at: at + 90 * SECOND, taskReported: true },
  ];
  const card = { channel, ts: `${Math.floor(at / SECOND)}.000001`, shown: '' };
  const posted = recordCard(opened, 1, card, at + SECOND);
  const done = waits ? posted : events.reduce(after, posted);
  const shown = hashCardFacts(buildCardFacts(done, currentRound(done)));
  const approval = recordCard(done, 1, { ...card, shown }, at + 91 * SECOND);
  const ended = waits ? {} : { finishedAt: at + 90 * SECOND };
  const run = { ...newRunRecord({ name: CREW }, executionId), approvals: [id], lastWebhookAt: at, ...ended };
  return { approval, output, run: run };
}

function after(approval: Approval, event: ApprovalEvent): Approval {
  const result = transition(approval, event);
  if ('refusal' in result) throw new Error(`${event.type} was refused: ${result.refusal.code}`);
  return result.approval;
}

/** Stores so many approvals: all waiting, or a fifth of them. Gives a few of them, from the middle. */
export async function fill(
  records: RecordStore,
  count: number,
  { allWait = false, channel = 'C00000' } = {},
): Promise<Approval[]> {
  let commits: Commit[] = [];
  const store = createApprovalStore(
    voidRecords((commit) => commits.push(commit)),
    SILENT,
  );
  const some: Approval[] = [];
  const first = Date.now() - count * SECOND;
  for (let index = 0; index < count; index += 1) {
    // tsx kills at once what is too busy to hear a signal, and nothing would be cleaned up.
    if (index % 10 === 0) await setImmediate();
    const waits = allWait || index % 100 < WAITING_IN_100;
    const { approval, run, output } = seed(first + index * SECOND, waits, channel);
    await store.save({ run: { previous: undefined, next: run } });
    const hash = currentRound(approval).hashes[0] as string;
    await store.save({ approvals: [{ previous: undefined, next: approval, outputs: [{ hash, output }] }] });
    if (Math.abs(index - count / 2) < 10) some.push(approval);
    if (commits.length >= 2 * AT_ONCE || index === count - 1) {
      await records.commit(merged(commits));
      commits = [];
    }
  }
  return some;
}

/** Stores one run with so many approvals that are settled, and so many that wait. */
export async function fillRun(
  url: string,
  executionId: string,
  { settled, waiting }: { settled: number; waiting: number },
): Promise<void> {
  const { records, close } = await openStore(url, SILENT);
  try {
    const store = createApprovalStore(records, SILENT);
    const count = settled + waiting;
    const first = Date.now() - (count + 200) * SECOND;
    const seeds = Array.from({ length: count }, (_, index) =>
      seed(first + index * SECOND, index >= settled, 'C00000', { executionId, name: `seeded_${index}` }),
    );
    if (seeds.length === 0) return;
    const approvals = seeds.map(({ approval }) => approval.id);
    const run = { ...newRunRecord({ name: CREW }, executionId), approvals, lastWebhookAt: Date.now() };
    await store.save({ run: { previous: undefined, next: run } });
    for (const { approval, output } of seeds) {
      const hash = currentRound(approval).hashes[0] as string;
      await store.save({ approvals: [{ previous: undefined, next: approval, outputs: [{ hash, output }] }] });
    }
  } finally {
    await close();
  }
}

/** Fills the store of a STORE_URL, and closes it. */
export async function fillStore(url: string, count: number, options?: { allWait: boolean }): Promise<void> {
  const { records, close } = await openStore(url, SILENT);
  try {
    await fill(records, count, options);
  } finally {
    await close();
  }
}

/** Several commits as one: none of their records was there before. */
function merged(commits: readonly Commit[]): Commit {
  return { compare: [], puts: commits.flatMap(({ puts }) => puts), deletes: [] };
}
