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
import { createRunRecord, type RunRecord } from '../../../src/approval/model/run/run-record.ts';
import { createApprovalStore } from '../../../src/store/approval-store.ts';
import { openStore } from '../../../src/store/open-store.ts';
import type { Commit, RecordStore } from '../../../src/store/record-store.ts';
import { SILENT, voidRecords } from './nothing-stored.ts';
import { APPROVER, CREW, draft } from './world.ts';

const SECOND = 1_000;
/** Percentage that waits even without `allWait`: of 100 approvals, more than a page of a list. */
const WAITING_IN_100 = 20;
/** Approvals written at once. */
const AT_ONCE = 250;

/** An approval as the product leaves it, with its run and output. */
interface Seed {
  approval: Approval;
  run: RunRecord;
  output: Output;
}

/**
 * Makes an approval by the real transitions, with its card posted and up to date. It waits or has gone its whole way.
 */
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
      : { type: 'other_webhook', at: at + 90 * SECOND, isTaskReport: true },
  ];
  const card = { channel, ts: `${Math.floor(at / SECOND)}.000001`, shown: '' };
  const posted = recordCard(opened, 1, card, at + SECOND);
  const done = waits ? posted : events.reduce(applyEvent, posted);
  const shown = hashCardFacts(buildCardFacts(done, currentRound(done)));
  const approval = recordCard(done, 1, { ...card, shown }, at + 91 * SECOND);
  const ended = waits ? {} : { finishedAt: at + 90 * SECOND };
  const run = {
    ...createRunRecord({ name: CREW }, executionId),
    approvals: [id],
    lastWebhookAt: at,
    ...ended,
  };
  return { approval, output, run: run };
}

function applyEvent(approval: Approval, event: ApprovalEvent): Approval {
  const result = transition(approval, event);
  if ('refusal' in result) throw new Error(`${event.type} was refused: ${result.refusal.code}`);
  return result.approval;
}

/** Stores this many approvals: all waiting, or a fifth of them. Returns a few of them, from the middle. */
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
  const sampleApprovals: Approval[] = [];
  const first = Date.now() - count * SECOND;
  for (let index = 0; index < count; index += 1) {
    // tsx kills a process at once if it is too busy for signals; nothing would then be cleaned up.
    if (index % 10 === 0) await setImmediate();
    const waits = allWait || index % 100 < WAITING_IN_100;
    const { approval, run, output } = seed(first + index * SECOND, waits, channel);
    await store.save({ run: { previous: undefined, next: run } });
    const hash = currentRound(approval).hashes[0] as string;
    await store.save({ approvals: [{ previous: undefined, next: approval, outputs: [{ hash, output }] }] });
    if (Math.abs(index - count / 2) < 10) sampleApprovals.push(approval);
    if (commits.length >= 2 * AT_ONCE || index === count - 1) {
      await records.commit(merged(commits));
      commits = [];
    }
  }
  return sampleApprovals;
}

/** Stores one run with this many settled and this many waiting approvals. */
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
    const run = { ...createRunRecord({ name: CREW }, executionId), approvals, lastWebhookAt: Date.now() };
    await store.save({ run: { previous: undefined, next: run } });
    for (const { approval, output } of seeds) {
      const hash = currentRound(approval).hashes[0] as string;
      await store.save({ approvals: [{ previous: undefined, next: approval, outputs: [{ hash, output }] }] });
    }
  } finally {
    await close();
  }
}

/** Fills the store of a STORE_URL and closes it. */
export async function fillStore(url: string, count: number, options?: { allWait: boolean }): Promise<void> {
  const { records, close } = await openStore(url, SILENT);
  try {
    await fill(records, count, options);
  } finally {
    await close();
  }
}

/** Joins several commits into one. None of their records existed before. */
function merged(commits: readonly Commit[]): Commit {
  return { compare: [], puts: commits.flatMap(({ puts }) => puts), deletes: [] };
}
