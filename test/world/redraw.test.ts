import { expect, test } from 'vitest';
import { buildCardFacts, hashCardFacts } from '../../src/approval/card-facts.ts';
import { currentRound } from '../../src/approval/model/approval.ts';
import { isOpen, listCards } from '../../src/approval/model/round.ts';
import { CARD_DESIGN_VERSION } from '../../src/slack/views/card/card.ts';
import type { RawRecord } from '../../src/store/record-store.ts';
import { scaleLimit } from '../support/limits.ts';
import { crewsFileOf, readManifestOf, readWholeStore } from './fixture-store.ts';
import { listPosted, readApproval } from './resumed-story.ts';
import { createWorld, HOUR, MINUTE, type World } from './world.ts';

/** The format of version 0.2.0, whose cards have no number of a drawing. */
const FORMAT = 8;
/** `REDRAWN=10000` takes four minutes of a processor: for a change of how cards are drawn anew. */
const MANY = Number(process.env.REDRAWN ?? (process.env.CI ? 2_000 : 300));
const DRAWINGS = 'usage/drawings';
const STORE_WIDE = ['format', 'usage/', 'dialect/'];

const { approvals, madeAt } = readManifestOf(FORMAT);
type Named = (typeof approvals)[string];

/** So many copies of approvals of the store of 0.2.0, and what the store holds beside approvals. */
function copyApprovals(copied: readonly Named[], count: number): RawRecord[] {
  const whole = readWholeStore(FORMAT);
  const records = copied.map(({ id, run }) =>
    whole.filter(({ key }) => key.includes(id) || key.includes(run)),
  );
  const copies = Array.from({ length: count }, (_, n) => {
    const at = n % copied.length;
    const { id, run } = copied[at] as Named;
    const found = records[at] as RawRecord[];
    const approval = readApproval(found.find(({ key }) => key === `approval/${id}`) as RawRecord);
    const renamed = [[id, `COPY${String(n).padStart(12, '0')}`] as const, [run, `${run}-${n}`] as const];
    const cards = approval.rounds.flatMap(listCards);
    const moved = cards.map(({ ts }, card) => [ts, `${1_700_000_000 + n}.00${card}000`] as const);
    const rename = (text: string) =>
      [...renamed, ...moved].reduce((next, [from, to]) => next.replaceAll(from, to), text);
    const copy = found.map(({ key, raw }) => ({ key: rename(key), raw: rename(raw) }));
    return copy.map((record) => (record.key.startsWith('approval/') ? noteDrawn(record) : record));
  });
  return [...whole.filter(({ key }) => STORE_WIDE.some((kind) => key.startsWith(kind))), ...copies.flat()];
}

/** The id is one of the facts of a card. */
function noteDrawn(record: RawRecord): RawRecord {
  const approval = readApproval(record);
  let { raw } = record;
  for (const round of approval.rounds)
    for (const { shown } of listCards(round))
      raw = raw.replaceAll(
        `"shown":"${shown}"`,
        `"shown":"${hashCardFacts(buildCardFacts(approval, round))}"`,
      );
  return { ...record, raw };
}

const startOn = (holds: readonly RawRecord[], replicas = 1) =>
  createWorld({
    settings: { CREWS_FILE: crewsFileOf(FORMAT) },
    slack: { messages: listPosted(holds) },
    store: { holds, at: madeAt },
    replicas,
  });

const drawings = (world: World) =>
  JSON.parse(world.records.all().find(({ key }) => key === DRAWINGS)?.raw ?? '{}') as Record<string, number>;
/** The messages that were changed, each as often as it was. */
const updated = ({ workspace }: World) =>
  workspace.calls.filter(({ method }) => method === 'chat.update').map(({ args }) => String(args.ts));
const isAll = (names: Named['rounds'], ...statuses: string[]) => names.every((one) => statuses.includes(one));

const SETTLED = ['approved', 'answered', 'run_ended', 'given_up', 'resolved_elsewhere', 'withdrawn'];
/** Notes are due about these runs. */
const TELLS = ['approved', 'result_due', 'result_waiting'];
const settled = Object.entries(approvals).flatMap(([name, one]) =>
  one.next === 'look' && isAll(one.rounds, ...SETTLED) && !TELLS.includes(name) ? [one] : [],
);
const open = Object.values(approvals).filter(
  ({ crew, rounds, next }) => crew === 'press' && next === 'decide' && isAll(rounds, 'waiting'),
);

test('the facts of settled cards have the hashes that 0.2.0 wrote', () => {
  const ids = settled.map(({ id }) => `approval/${id}`);
  const records = readWholeStore(FORMAT).filter(({ key }) => ids.includes(key));
  expect(records.length).toBeGreaterThan(10);
  for (const record of records) {
    const approval = readApproval(record);
    const round = currentRound(approval);
    expect(isOpen(round)).toBe(false);
    for (const { shown } of listCards(round))
      expect(shown, approval.id).toBe(hashCardFacts(buildCardFacts(approval, round)));
  }
});

test('settled cards of 0.2.0 stay as they are: a start calls Slack for none of them', {
  timeout: scaleLimit(300_000),
}, async () => {
  const holds = copyApprovals(settled, MANY);
  for (const record of holds.filter(({ key }) => key.startsWith('approval/'))) {
    const approval = readApproval(record);
    const round = currentRound(approval);
    expect(isOpen(round)).toBe(false);
    for (const card of listCards(round))
      expect(card.shown).toBe(hashCardFacts(buildCardFacts(approval, round)));
  }
  const world = await startOn(holds);
  await world.pass(5 * MINUTE);
  expect(drawings(world).press).toBe(CARD_DESIGN_VERSION);
  const written = world.workspace.calls.filter(({ method }) => /^(chat|files)\./.test(method));
  expect(written).toEqual([]);
});

test('cards of 0.2.0 that wait are drawn anew once, at the pace of Slack, also if the bot is killed meanwhile', {
  timeout: scaleLimit(900_000),
}, async () => {
  const holds = copyApprovals(open, MANY);
  const cards = new Set(
    holds
      .filter(({ key }) => key.startsWith('approval/'))
      .flatMap((record) => listCards(currentRound(readApproval(record))).map(({ ts }) => ts)),
  );
  expect(cards.size).toBe(MANY);
  const world = await startOn(holds);
  await world.pass(MINUTE);
  const inMinute = new Set(updated(world)).size;
  expect(inMinute).toBeGreaterThan(10);
  expect(inMinute).toBeLessThan(MANY);
  await world.restart();
  for (let hours = 0; new Set(updated(world)).size < MANY && hours < 24; hours += 1) await world.pass(HOUR);
  await world.pass(HOUR);
  expect(new Set(updated(world))).toEqual(cards);
  // The one that was under way when the bot was killed.
  expect(updated(world).length).toBeLessThanOrEqual(MANY + 1);
  await world.restart();
  await world.pass(HOUR);
  expect(updated(world).length).toBeLessThanOrEqual(MANY + 1);
});
