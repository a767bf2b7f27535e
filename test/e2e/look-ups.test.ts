import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { type Answered, answersTo, ask, press, reports, turn } from '../support/asking.ts';
import { answered, clickOn, kickoff, ready, requestRevision } from '../support/process-steps.ts';
import { alreadyApproved } from '../support/sentences.ts';
import {
  approvalOf,
  type Bot,
  draft,
  sees,
  shown,
  startBot,
  startWorld,
  type World,
} from '../support/world.ts';

const DAY = 24 * 60 * 60_000;

/** So many approvals wait, with their cards. */
async function withWaiting(count: number): Promise<{ world: World; bot: Bot; ids: string[] }> {
  const world = await startWorld();
  const bot = await startBot(world);
  // CrewAI takes every decision on these runs that are not its own.
  world.platform.failures.plan({ on: 'resume', times: Infinity, failure: { status: 200, body: '{}' } });
  const ids: string[] = [];
  for (let n = 1; n <= count; n += 1) ids.push(await reports(bot, `task_${n}`, `run-${n}`));
  await world.workspace.changed(() => shown(world.workspace).length === count, {
    what: 'the cards',
    timeoutMs: 30_000,
  });
  return { world, bot, ids };
}

async function approveCard(world: World, id: string, user = 'UANA'): Promise<void> {
  const card = await sees(world.workspace, id, ({ all }) => all.includes(`approval ${id}`));
  await world.workspace.click({ user, channel: 'CAPPROVALS', ts: card.ts, actionId: 'approve' });
}

/** The tasks that the rows of a list are about, not what their outputs say. */
const tasksIn = ({ paragraphs }: Answered) =>
  paragraphs.flatMap((text) => /^\*(?:<https[^|]*\|)?(task_\d+)/.exec(text)?.[1] ?? []);
const labelsIn = ({ buttons }: Answered) => buttons.map(({ label }) => label);

describe('what waits', () => {
  test('is told with age, link and what can be done, in pages that go on working after a restart', async () => {
    const { world, bot, ids } = await withWaiting(13);
    const first = await ask(world, '');
    expect(first.via).toBe('response_url');
    expect(first.paragraphs[0]).toBe('13 approvals are waiting, oldest first:');
    expect(tasksIn(first)).toEqual(Array.from({ length: 10 }, (_, n) => `task_${n + 1}`));
    expect(first.paragraphs[1]).toMatch(/^\*<https:\/\/.*\|task_1>\* · waiting for less than a minute\n/);
    expect(first.paragraphs[1]).toContain(`\`${ids[0]}\``);
    expect(first.paragraphs[2], 'what is decided stands above its buttons').toBe('Output of task_1');
    expect(labelsIn(first).slice(0, 3)).toEqual(['Approve', 'Request revision', 'Open']);
    expect(first.buttons.at(-1)?.label).toBe('Newer');

    const second = await turn(world, first, 'Newer');
    expect(tasksIn(second)).toEqual(['task_11', 'task_12', 'task_13']);
    expect(second.buttons.map(({ label }) => label)).not.toContain('Newer');

    await bot.stop();
    await startBot(world);
    const back = await turn(world, second, 'Older');
    expect(tasksIn(back)).toEqual(tasksIn(first));
    expect(tasksIn(await turn(world, back, 'Newer'))).toEqual(tasksIn(second));
  });

  test('is paged by two people at once, each in their own answer, while some of it is decided', async () => {
    const { world, ids } = await withWaiting(12);
    const [ana, ben] = await Promise.all([ask(world, ''), ask(world, 'waiting mine', { user: 'UBEN' })]);
    const cat = await ask(world, '', { user: 'UCAT' });
    expect(ben.paragraphs[0]).toBe('Waiting for you, oldest first:');
    await approveCard(world, ids[11] as string);
    const [one, other] = await Promise.all([
      turn(world, ana, 'Newer'),
      turn(world, ben, 'Newer', { user: 'UBEN' }),
    ]);
    expect([tasksIn(one), tasksIn(other)]).toEqual([['task_11'], ['task_11']]);
    await approveCard(world, ids[10] as string);
    await world.workspace.changed(() => world.platform.resumes.length === 2, { what: 'both are decided' });
    // Whoever turns to it only now finds the page gone.
    const gone = await turn(world, cat, 'Newer', { user: 'UCAT' });
    expect([gone.all, gone.buttons.map(({ label }) => label)]).toEqual([
      'Nothing else is waiting.',
      ['Older'],
    ]);
    expect(tasksIn(await turn(world, gone, 'Older', { user: 'UCAT' }))).toHaveLength(10);
  });

  test('is decided from the list, the same way as on the card', async () => {
    const { world, ids } = await withWaiting(2);
    const list = await ask(world, '');
    await press(world, list, 'Approve', { value: ids[1] as string });
    await sees(
      world.workspace,
      'the card decided',
      ({ all }) => all.includes('task_2') && all.includes('Approved by <@UANA>'),
    );
    await world.workspace.changed(() => answersTo(world, 'UANA').length === 2, { what: 'what was done' });
    expect(answersTo(world, 'UANA')[1]?.all).toMatch(/^Recorded\./);
    // Once more on the list as it was.
    await press(world, list, 'Approve', { value: ids[1] as string });
    await world.workspace.changed(() => answersTo(world, 'UANA').length === 3, { what: 'why not' });
    expect(answersTo(world, 'UANA')[2]?.all).toContain(alreadyApproved('<@UANA>'));

    await press(world, list, 'Request revision', { value: ids[0] as string });
    await world.workspace.changed(() => world.workspace.openView('UANA') !== undefined, { what: 'modal' });
    await world.workspace.submit({ user: 'UANA', values: { feedback: { feedback: 'Shorter' } } });
    await sees(world.workspace, 'the revision', ({ all }) => all.includes('Revision requested by <@UANA>'));
  });

  test('is opened from the list in full, also what the asker may not decide', async () => {
    const { world, ids } = await withWaiting(1);
    const list = await ask(world, '', { user: 'UCAT' });
    await press(world, list, 'Open', { user: 'UCAT' });
    await world.workspace.changed(() => world.workspace.openView('UCAT') !== undefined, { what: 'details' });
    const view = JSON.stringify(world.workspace.openView('UCAT'));
    for (const text of ['Approval details', 'Round 1: waiting', `approval ${ids[0]}`, 'execution run-1'])
      expect(view).toContain(text);
    // A list neither shows the output nor offers a decision to someone who may not decide.
    expect(list.all).not.toContain('Output of task_1');
    expect(labelsIn(list)).toEqual(['Open']);
    await world.workspace.closeModal({ user: 'UCAT' });
    // A list of an earlier version offered one.
    const { blockId: block_id, value } = list.buttons[0] as Answered['buttons'][number];
    const old = { channel: 'CAPPROVALS', ts: list.ts, actionId: 'approve', action: { block_id, value } };
    await world.workspace.click({ user: 'UCAT', ...old, stale: true });
    await world.workspace.changed(() => answersTo(world, 'UCAT').length === 2, { what: 'why not' });
    expect(answersTo(world, 'UCAT')[1]?.all).toContain(texts.refusals.decide.not_approver);
  });
});

describe('an id', () => {
  test('of an approval shows it in full: rounds, who, when, delivery, URLs without their secrets', async () => {
    const world = await startWorld();
    const bot = await startBot(world, { PUBLIC_URL: 'https://bot.example.com' });
    const execution = kickoff(world, bot);
    const card = await sees(world.workspace, 'the card', ({ buttons }) => buttons.length > 0);
    await clickOn(world, card.ts, 'request_revision', 'UBEN');
    await world.workspace.changed(() => world.workspace.openView('UBEN') !== undefined, { what: 'modal' });
    await world.workspace.submit({ user: 'UBEN', values: { feedback: { feedback: 'Shorter, please' } } });
    await sees(world.workspace, 'accepted', ({ all }) => all.includes(answered(world)));
    const id = approvalOf(card);

    for (const text of [id, id.slice(0, 6).toLowerCase(), execution, execution.slice(0, 8)]) {
      const answer = await ask(world, text);
      expect(answer.all).toContain('Round 1: revision requested');
      expect(answer.all).toContain('<@UBEN>');
      expect(answer.all).toContain('>Shorter, please');
      expect(answer.all).toContain("bot.example.com/webhooks/press/task?… (the bot's own)");
      expect(answer.all).toContain(`execution ${execution} · approval ${id}`);
      expect(answer.all).not.toContain('a-webhook-secret');
    }
  });

  test('of an execution shows all its approvals in order', async () => {
    const world = await startWorld();
    const bot = await startBot(world);
    const ids = [];
    for (let n = 1; n <= 5; n += 1) ids.push(await reports(bot, `task_${n}`, 'run-of-five'));
    const answer = await ask(world, 'run-of-five');
    const places = ids.map((id) => answer.all.indexOf(id as string));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });
});

test('find tells what waits first, then the newest, by words of any kind', async () => {
  const { world, ids } = await withWaiting(4);
  await approveCard(world, ids[1] as string, 'UBEN');
  await sees(world.workspace, 'decided', ({ all }) => all.includes('Approved by <@UBEN>'));
  expect(tasksIn(await ask(world, 'find TASK'))).toEqual(['task_1', 'task_3', 'task_4', 'task_2']);
  expect(tasksIn(await ask(world, 'find writer run-3'))).toEqual(['task_3']);
  // As Slack sends what people type.
  expect(tasksIn(await ask(world, 'find @ben task'))).toEqual(['task_2']);
  expect((await ask(world, 'find @ben run-3')).all).toBe('I found nothing for "run-3" and <@UBEN>.');
  expect((await ask(world, 'find @nobody')).all).toContain('I found no person "nobody"');
  expect((await ask(world, 'find nothing of that kind')).all).toBe(
    'I found nothing for "nothing of that kind".',
  );
});

test('history tells what was decided, of a crew, of a person by name or id, since a time', async () => {
  const { world, ids } = await withWaiting(3);
  await approveCard(world, ids[0] as string, 'UANA');
  await sees(world.workspace, 'decided', ({ all }) => all.includes('Approved by <@UANA>'));
  await approveCard(world, ids[2] as string, 'UBEN');
  await sees(world.workspace, 'decided', ({ all }) => all.includes('Approved by <@UBEN>'));
  const all = await ask(world, 'history');
  expect(all.paragraphs[0]).toBe('Decisions, newest first:');
  expect(tasksIn(all)).toEqual(['task_3', 'task_1']);
  expect(labelsIn(all), 'what was decided is only opened').toEqual(['Open', 'Open']);
  expect(tasksIn(await ask(world, 'history press @ben since 7d'))).toEqual(['task_3']);
  expect(tasksIn(await ask(world, 'history <@UANA|ana>'))).toEqual(['task_1']);
  expect((await ask(world, 'history @cat')).all).toMatch(/^No decisions by <@UCAT>/);
  expect((await ask(world, 'history @nobody')).all).toContain('I found no person "nobody"');
  const tomorrow = new Date(Date.now() + DAY).toISOString().slice(0, 10);
  expect((await ask(world, `history since ${tomorrow}`)).all).toMatch(/^No decisions since/);
});

test('history offers no decision while a later round waits, and the list of what waits shows that round', async () => {
  const world = await startWorld();
  const bot = await startBot(world);
  kickoff(world, bot);
  const card = await sees(world.workspace, 'the card', ready);
  expect(await requestRevision(world, card.ts, 'With the prices')).toMatchObject({ closed: true });
  await sees(world.workspace, 'round 2', (it) => it.ts !== card.ts && ready(it));
  const history = await ask(world, 'history');
  expect(history.all).toContain('revision requested');
  expect(labelsIn(history)).toEqual(['Open']);
  const list = await ask(world, '');
  expect(list.paragraphs[1]).toContain('(round 2)');
  expect(list.paragraphs[2]).toContain('With the prices');
  await press(world, list, 'Approve');
  await sees(world.workspace, 'the decision', ({ all }) => all.includes('Approved by <@UANA>'));
});

describe('status', () => {
  test.each([
    // The live platform does not know a run that waits.
    ['not found', undefined, texts.crewai.waitsForPerson],
    [
      'running',
      {
        status: 200,
        body: '{"status":"running","current_task":"edit","progress":{"completed_tasks":1,"total_tasks":3}}',
      },
      'CrewAI says that the run is in progress, at *edit*, 1 of 3 tasks done.',
    ],
    ['running in the observed form', { status: 200, body: '{"state":"STARTED"}' }, 'the run is in progress.'],
    ['finished', { status: 200, body: '{"state":"SUCCESS"}' }, texts.crewai.completed],
    [
      'failed',
      { status: 200, body: '{"status":"error","error":"no model <!here>"}' },
      'the run has failed: no model &lt;!',
    ],
    ['no access', { status: 401 }, texts.crewai.statusRejected(401)],
    ['down', { status: 503 }, "CrewAI didn't respond to the status request (HTTP 503)."],
  ])('says of a run that is %s what CrewAI says, beside our approvals', async (_, failure, sentence) => {
    const world = await startWorld();
    const bot = await startBot(world);
    await reports(bot, 'task_1', 'run-1');
    if (failure) world.platform.failures.plan({ on: 'status', failure });
    const answer = await ask(world, 'status run-1');
    expect(answer.all).toContain(sentence);
    expect(answer.all).toContain('task_1');
    expect(answer.all).toContain('waiting for a decision');
  });

  test('tells of a real run its progress, of one that nobody knows that nobody knows it, and CrewAI cut off from both', async () => {
    const world = await startWorld([{ ...draft, name: 'outline' }, draft], { dialect: 'documented' });
    const bot = await startBot(world);
    const execution = kickoff(world, bot);
    await sees(world.workspace, 'the card', ({ buttons }) => buttons.length > 0);
    expect((await ask(world, `status ${execution}`)).all).toMatch(/CrewAI says that .* tasks done/);
    const unknown = await ask(world, 'status 00000000-0000-4000-8000-000000000000');
    expect(unknown.all).toContain(texts.crewai.unknownRun);
    expect(unknown.all).toContain(texts.lists.noApprovalsOfRun);
    world.platform.failures.plan({ on: 'status', failure: { reset: true } });
    expect((await ask(world, `status ${execution}`)).all).toContain("CrewAI didn't respond");
  });
});

describe('stats', () => {
  async function decidedOnce() {
    const { world, ids } = await withWaiting(2);
    await approveCard(world, ids[0] as string);
    await sees(world.workspace, 'decided', ({ all }) => all.includes('Approved by <@UANA>'));
    return world;
  }

  test('answers once with figures by crew and approver, and decisions per week as bars', async () => {
    const world = await decidedOnce();
    const answer = await ask(world, 'stats 30d');
    expect(answer.all).toMatch(/1 waiting now · 1 decision since/);
    expect(answer.all).toMatch(/median \*\d+ sec\*, 90th percentile \*\d+ sec\*/);
    expect(answer.all).toContain('Revisions per approval: *0.00* (1 approval)');
    expect(answer.all).toMatch(/\*By crew\*\n• press: 1 decision, median/);
    expect(answer.all).toMatch(/\*By approver\*\n• <@UANA>: 1 decision, median/);
    expect(answer.all).toMatch(
      /\*Decisions per week \(UTC\)\*\nweek of [^\n]* 0\n(.*\n)*week of \S+ \S+ +1 █+\n/,
    );
    expect(answersTo(world, 'UANA')).toHaveLength(1);
    expect(world.workspace.files()).toEqual([]);
  });

  test('of seven days has one bar per day', async () => {
    const world = await decidedOnce();
    const answer = await ask(world, 'stats');
    expect(answer.all).toMatch(
      /\*Decisions per day \(UTC\)\*\n(\w{3} \d+ \w{3} +0\n){6}\w{3} \d+ \w{3} +1 █+\n/,
    );
  });

  test('of nothing decided is a line', async () => {
    const world = await startWorld();
    await startBot(world);
    expect((await ask(world, 'stats')).all).toMatch(/^\*0 waiting now · 0 decisions since .*\*$/);
    expect(world.workspace.files()).toEqual([]);
  });
});

test('help has an example of everything', async () => {
  const world = await startWorld();
  await startBot(world);
  const help = await ask(world, 'help');
  for (const word of ['waiting', 'find', 'history', 'status', 'stats', 'approve', 'revise'])
    expect(help.all).toContain(`\`/approvals ${word} `);
  expect(help.all).toContain('*Approval details*');
});

test('an answer that takes longer than two seconds comes by the response_url', async () => {
  const world = await startWorld();
  await startBot(world);
  world.platform.failures.plan({
    on: 'status',
    failure: { noAnswer: true },
    times: Number.POSITIVE_INFINITY,
  });
  const answer = await ask(world, 'status run-1');
  expect(answer.via).toBe('response_url');
  expect(answer.all).toContain("CrewAI didn't respond");
});
