import { expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { LIVE } from '../slack/hostile.ts';
import { type Answered, ask, press } from './asking.ts';
import { createWorld } from './world.ts';

/** A world in which so many approvals wait; CrewAI takes every decision on these runs that are not its own. */
async function withWaiting(count: number, options: Parameters<typeof createWorld>[0] = {}) {
  const world = await createWorld({ dialect: 'documented', ...options });
  world.platform.failures.plan({ on: 'resume', times: Infinity, failure: { status: 200, body: '{}' } });
  const ids: string[] = [];
  for (let n = 1; n <= count; n += 1) {
    const task = { name: `task_${n}`, output: `Output of task_${n}`, kickoff_id: `run-${n}` };
    ids.push((await world.hook('task', task)).data.approval);
  }
  return { world, ids };
}

/** The tasks that the rows of a list are about, not what their outputs say. */
const tasksIn = ({ paragraphs }: Answered) =>
  paragraphs.flatMap((text) => /^\*(?:<https[^|]*\|)?(Task \d+)/.exec(text)?.[1] ?? []);
const labelsIn = ({ buttons }: Answered) => buttons.map(({ label }) => label);

test('what waits has its age, a link and buttons, in pages that work after a restart', async () => {
  const { world, ids } = await withWaiting(13);
  const first = await ask(world, '');
  expect(first.via).toBe('response_url');
  expect(first.paragraphs[0]).toBe('13 approvals are waiting, oldest first:');
  expect(tasksIn(first)).toEqual(Array.from({ length: 10 }, (_, n) => `Task ${n + 1}`));
  expect(first.paragraphs[1]).toBe('Task 1');
  expect(first.paragraphs[2]).toMatch(/^\*<https:\/\/.*\|Task 1>\* · waiting for less than a minute\n/);
  expect(first.paragraphs[2]).toContain(`\`${ids[0]}\``);
  expect(first.paragraphs[3], 'what is decided stands above its buttons').toBe('Output of task_1');
  expect(labelsIn(first).slice(0, 3)).toEqual(['Approve', 'Request revision', 'Open']);
  expect(labelsIn(first).slice(-2)).toEqual(['Newer', 'Decide several…']);
  const second = await press(world, first, 'Newer');
  expect(tasksIn(second)).toEqual(['Task 11', 'Task 12', 'Task 13']);
  expect(labelsIn(second)).not.toContain('Newer');
  await world.restart();
  const back = await press(world, second, 'Older');
  expect(tasksIn(back)).toEqual(tasksIn(first));
  expect(tasksIn(await press(world, back, 'Newer'))).toEqual(tasksIn(second));
});

test('a hostile command is answered with a plain sentence that Slack accepts and that mentions nobody', async () => {
  const { world } = await withWaiting(1);
  const long = 'x'.repeat(8_000);
  const typed: [text: string, says: RegExp][] = [
    ['frobnicate', /I found no approval or run "frobnicate".*Type `\/approvals help` to see all commands/],
    ['history <@UNOBODY1>', /^No decisions by <@UNOBODY1>\.$/],
    ['history @', /I found no person ""/],
    ['waiting nocrew', /I found no crew "nocrew" that you have access to\. Your crews: press/],
    ['approve ZZZZZZZZZ0', /I found no approval/],
    ['find <!channel> ```|` x', /I found nothing for "&lt;!channel&gt;/],
    ['find @here', /I found no person "here"/],
    ['find \u0000\u202e', /I found nothing|Matches for/],
    ['`<!channel>`', /I found no approval or run "&lt;!channel&gt;"/],
    [`waiting ${long}`, /I found no crew "x+…"/],
    [`history <@${'U'.repeat(7_000)}>`, /I found no crew/],
    [`find ${'"\\'.repeat(4_000)}`, /I found nothing for/],
    [`status ${long}`, /CrewAI (doesn't know|didn't respond)/],
    [`approve ${long}`, /Decisions are made with the buttons/],
    [long, /I found no approval or run "x+…"/],
    [`${'word '.repeat(1_600)}`, /I don't know this command/],
  ];
  for (const [text, says] of typed) {
    const { all } = await ask(world, text);
    expect(all, text.slice(0, 60)).toMatch(says);
    const own = all.replace(/<@UNOBODY1>|@ana/g, '').replace(/<https?:[^|>]*\|/g, '');
    expect(own, text.slice(0, 60)).not.toMatch(LIVE);
  }
  const { all: help } = await ask(world, 'help');
  for (const word of ['waiting', 'find', 'history', 'status', 'stats'])
    expect(help).toContain(`\`/approvals ${word} `);
});

const people = ['UANA', 'UBEN', 'UCAT', 'UDAN'].map((id) => ({ id, name: id.slice(1).toLowerCase() }));
const channels = [
  { id: 'CAPPROVALS', name: 'approvals', members: ['UCAT'], botIsMember: true },
  { id: 'CTOWN', name: 'town', members: people.map(({ id }) => id), private: true },
];
const town = (user: string) => ({ user, channel: 'CTOWN' });

test('members of the channel and approvers, also of a group, look approvals up in any channel; nobody else does', async () => {
  const settings = { APPROVERS: 'UANA,SEDITORS' };
  const { world, ids } = await withWaiting(1, { settings, slack: { people, channels } });
  const [id] = ids;
  for (const user of ['UANA', 'UBEN', 'UCAT']) {
    expect((await ask(world, '', town(user))).all).toContain('One approval is waiting');
    const looked = await ask(world, `${id}`, town(user));
    expect(looked.all).toContain(`approval ${id}`);
    expect(looked.all.includes('can decide.'), 'for those who can, who else can').toBe(user !== 'UCAT');
  }
  const looks = ['', 'waiting mine', 'history', 'find task', 'stats', id, 'run-1', 'status run-1'];
  for (const text of [...looks, `approve ${id}`, `revise ${id}`]) {
    const { all, buttons } = await ask(world, `${text}`, town('UDAN'));
    expect(all, text).toContain(texts.refusals.mayNotLook);
    expect(buttons).toEqual([]);
  }
  const about = world.platform.requests.filter(({ path }) => path.includes('run-1'));
  expect(about, 'CrewAI is not asked for them').toEqual([]);
  expect((await ask(world, 'help', town('UDAN'))).all).toContain('Commands:');
  const looked = await ask(world, `${id}`, town('UANA'));
  await press(world, looked, 'Approve', town('UANA'));
  expect(world.card().text).toContain('Approved by <@UANA>');
});

test('Home and lists name who can decide, and nobody who has voted', async () => {
  const { world } = await withWaiting(1, { settings: { APPROVERS: 'UANA,UBEN', APPROVALS_REQUIRED: '2' } });
  const list = (user: string) => ask(world, '', { user });
  const both = 'both have to approve';
  expect(await world.home('UANA')).toContain(both);
  expect((await list('UANA')).all).toContain(both);
  await world.click('UBEN', 'approve');
  const more = /One more approval is needed, from ana\./i;
  expect(await world.home('UANA')).toMatch(more);
  expect((await list('UANA')).all).toMatch(more);
});
