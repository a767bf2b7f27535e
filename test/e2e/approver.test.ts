import { DatabaseSync } from '@photostructure/sqlite';
import { expect, test } from 'vitest';
import { DEFAULT_DIALECT, type Dialect } from '../../src/sandbox/crewai/dialect.ts';
import { en as texts } from '../../src/slack/texts/en.ts';
import { clickOn, file, kickoff, ready } from '../support/process-steps.ts';
import { alreadyApproved, closedBy } from '../support/sentences.ts';
import { until } from '../support/until.ts';
import { approvalOf, draft, ephemeralsTo, sees, startBot, startWorld, type World } from '../support/world.ts';
import { crewsFile } from './crew-settings.ts';

/** What a person chooses in the menu of a card. */
const menu = ({ workspace }: World, ts: string, what: string, id: string, user = 'UANA') => {
  const said = JSON.stringify(workspace.message('CAPPROVALS', ts)?.blocks);
  const [option = ''] = new RegExp(`${what}:${id}\\.\\d+\\.\\w+`).exec(said) ?? [];
  return workspace.click({ user, channel: 'CAPPROVALS', ts, actionId: 'more', selected: [option] });
};
const modal = ({ workspace }: World, user: string, what: string) =>
  workspace.changed(() => JSON.stringify(workspace.openView(user) ?? '').includes(what), {
    what: `a modal: ${what}`,
  });
const says = ({ workspace }: World, ts: string, words: string) =>
  sees(workspace, words, (message) => message.ts === ts && message.all.includes(words));

async function start(lines: string[] = [], tasks = [draft], dialect: Dialect = DEFAULT_DIALECT) {
  const world = await startWorld(tasks, { dialect });
  const bot = await startBot(world, crewsFile(world, ...lines));
  const execution = kickoff(world, bot);
  const card = await sees(world.workspace, 'the card', ready);
  return { world, bot, execution, card, id: approvalOf(card), ...world };
}

test('a note with an approval is what CrewAI gets, and a note for people is not', async () => {
  const { world, workspace, platform, card, id } = await start([], [draft], 'documented');
  await menu(world, card.ts, 'approve_note', id);
  await modal(world, 'UANA', 'Approve with a note');
  const values = {
    feedback: { feedback: 'Fine, mention the sale' },
    people_note: { people_note: 'Ask legal next time' },
  };
  expect(await workspace.submit({ user: 'UANA', values })).toMatchObject({ acked: true, closed: true });
  await says(world, card.ts, 'CrewAI accepted it');
  expect(platform.resumes[0]?.body).toMatchObject({
    is_approve: true,
    human_feedback: 'Fine, mention the sale',
  });
  expect(JSON.stringify(platform.resumes)).not.toContain('legal');
  const note = await sees(workspace, 'the note', ({ all }) => all.includes('Ask legal next time'));
  expect(note).toMatchObject({ thread_ts: card.ts });
});

test('a platform that takes any text for a revision gets the plain approval, and the note stays in the thread', async () => {
  const world = await startWorld();
  const bot = await startBot(world, crewsFile(world));
  const execution = kickoff(world, bot);
  const card = await sees(world.workspace, 'the card', ready);
  await menu(world, card.ts, 'approve_note', approvalOf(card));
  await modal(world, 'UANA', 'The note stays in the thread');
  await world.workspace.submit({ user: 'UANA', values: { feedback: { feedback: 'Mention the sale' } } });
  await world.platform.changed(() => world.platform.resumes.length === 1, { what: '/resume' });
  expect(world.platform.resumes[0]?.body).toMatchObject({ humanFeedback: 'Approved.' });
  await sees(world.workspace, 'the note', ({ all }) => all.includes('Mention the sale'));
  await world.platform.changed(() => world.platform.execution(execution).status === 'completed', {
    what: 'the end of the run',
  });
});

test('two people have to approve: the card shows one of two, and who; one request for a revision is enough', async () => {
  const { world, workspace, platform, card } = await start([
    'approvers: [UANA, UBEN, UCAT]',
    'approvals_required: 2',
  ]);
  await clickOn(world, card.ts, 'approve', 'UANA');
  const one = await says(world, card.ts, '1 of 2 approved: <@UANA>.');
  expect(one.buttons).toContain('Approve');
  await clickOn(world, card.ts, 'approve', 'UANA');
  await workspace.changed(
    () => ephemeralsTo(workspace, 'UANA').some(({ text }) => text.startsWith('Your vote')),
    { what: 'the answer' },
  );
  expect(platform.resumes).toEqual([]);
  await clickOn(world, card.ts, 'approve', 'UBEN');
  await says(world, card.ts, 'CrewAI accepted it');
  expect(platform.resumes).toHaveLength(1);
});

test('a decision is undone before it is sent, and another is sent instead', async () => {
  const { world, platform, card, execution } = await start(['undo_window: 1 h']);
  await clickOn(world, card.ts, 'approve', 'UANA');
  const sending = await says(world, card.ts, 'takes it back');
  expect(sending.buttons).toEqual(['Undo']);
  await clickOn(world, card.ts, 'undo', 'UBEN');
  await world.workspace.changed(() => ephemeralsTo(world.workspace, 'UBEN').length === 1, {
    what: 'the answer',
  });
  expect(ephemeralsTo(world.workspace, 'UBEN')[0]?.text).toBe(texts.refusals.undo.not_yours);
  await clickOn(world, card.ts, 'undo', 'UANA');
  await sees(world.workspace, 'it waits again', (message) => message.ts === card.ts && ready(message));
  expect(platform.resumes).toEqual([]);
  expect(platform.execution(execution).status).toBe('pending human input');
});

test('someone is on it, someone is asked, and giving up is asked twice', async () => {
  const { world, workspace, platform, card, id } = await start(['approvers: [UANA, UBEN]']);
  await menu(world, card.ts, 'claim', id);
  await says(world, card.ts, '<@UANA> is on it.');
  await menu(world, card.ts, 'release', id, 'UBEN');
  await workspace.changed(() => ephemeralsTo(workspace, 'UBEN').length === 1, { what: 'the answer' });
  expect(ephemeralsTo(workspace, 'UBEN')[0]?.text).toBe('<@UANA> is already on it. You can still decide.');
  await menu(world, card.ts, 'assign', id);
  await modal(world, 'UANA', 'Who should decide');
  const refused = await workspace.submit({ user: 'UANA', values: { assignee: { assignee: 'UCAT' } } });
  expect(refused).toMatchObject({
    closed: false,
    errors: { assignee: expect.stringMatching(/^This person can't decide .* Choose someone else\.$/) },
  });
  await workspace.submit({ user: 'UANA', values: { assignee: { assignee: 'UBEN' } } });
  await says(world, card.ts, '<@UBEN> was asked to decide.');
  await sees(workspace, 'the call', ({ all }) => all.includes('<@UBEN>, you were asked to decide on this.'));
  await menu(world, card.ts, 'give_up', id, 'UBEN');
  await modal(world, 'UBEN', 'its run keeps waiting');
  await workspace.submit({ user: 'UBEN', values: {} });
  await says(world, card.ts, closedBy('<@UBEN>'));
  expect(platform.resumes).toEqual([]);
});

test('whoever started the run, a guest and a stranger do not decide, and are told so', async () => {
  const people = [
    { id: 'UANA', name: 'ana', email: 'ana@example.com' },
    { id: 'UBEN', name: 'ben' },
    { id: 'UCAT', name: 'cat', guest: true },
  ];
  const world = await startWorld([draft], {}, { people });
  const { workspace, platform } = world;
  const bot = await startBot(world, crewsFile(world, 'approvers: []', 'exclude_requester: true'));
  kickoff(world, bot, { meta: { requested_by: 'ana@example.com' } });
  const card = await sees(workspace, 'the card', ready);
  const answer = async (user: string) => {
    await clickOn(world, card.ts, 'approve', user);
    await workspace.changed(() => ephemeralsTo(workspace, user).length === 1, {
      what: `the answer to ${user}`,
    });
    return ephemeralsTo(workspace, user)[0]?.text;
  };
  expect(await answer('UANA')).toContain('You started this run');
  expect(await answer('UCAT')).toBe(texts.refusals.decide.guest);
  await clickOn(world, card.ts, 'approve', 'UBEN');
  await says(world, card.ts, 'Approved by <@UBEN>');
  expect(platform.resumes).toHaveLength(1);
});

test('a long output is read in pages, the whole of it is a file, and round 2 tells what changed', async () => {
  const paragraph = 'The market for linen has grown in each of the last five years. '.repeat(8);
  const chapters = Array.from({ length: 120 }, (_, n) => `## Chapter ${n + 1}\n\n${paragraph}`).join('\n\n');
  const long = {
    ...draft,
    output: ({ feedback }: { feedback: readonly string[] }) =>
      `${chapters}\n\nPrice: ${feedback.length === 0 ? 79 : 69} €`,
  };
  const { world, workspace, card } = await start([], [long]);
  expect(card.reading).toContain('Read in full');
  expect(card.all).toMatch(/[\d,]+ more characters are not shown here/);
  const file = await sees(
    workspace,
    'the file',
    ({ ts, thread_ts }) => ts !== card.ts && thread_ts === card.ts,
  );
  expect(file).toBeDefined();
  await clickOn(world, card.ts, 'read_in_full');
  await modal(world, 'UANA', 'page 1 of');
  await workspace.clickInView({ user: 'UANA', actionId: 'page_after' });
  await modal(world, 'UANA', 'page 2 of');
  await workspace.clickInView({ user: 'UANA', actionId: 'page_before' });
  await modal(world, 'UANA', 'page 1 of');
  await clickOn(world, card.ts, 'request_revision', 'UBEN');
  await modal(world, 'UBEN', 'Price: 79 €');
  await workspace.submit({ user: 'UBEN', values: { feedback: { feedback: 'Cheaper' } } });
  const second = await sees(
    workspace,
    'round 2',
    ({ all, buttons }) => all.includes('(round 2)') && buttons.length > 0,
  );
  expect(second.all).toContain('>Cheaper');
  await clickOn(world, second.ts, 'what_changed');
  await modal(world, 'UANA', 'paragraphs unchanged');
  const shown = JSON.stringify(workspace.openView('UANA')?.blocks);
  expect(shown).toContain('{"type":"text","text":"79","style":{"strike":true}}');
  expect(shown).toContain('{"type":"text","text":"69","style":{"bold":true}}');
});

test('the home tab is an inbox: what waits for me, decided there, and what I decided lately', async () => {
  const { world, workspace, platform } = await start(['approvers: [UANA]']);
  await workspace.openHome({ user: 'UANA' });
  const home = (user: string) => JSON.stringify(workspace.home(user)?.blocks ?? '');
  await workspace.changed(() => home('UANA').includes('One approval is waiting for you'), {
    what: 'the inbox',
  });
  await workspace.openHome({ user: 'UBEN' });
  await workspace.changed(() => home('UBEN').includes('One approval is waiting for other people'), {
    what: "Ben's inbox",
  });
  expect(home('UBEN')).toContain('Nothing is waiting for you');
  await workspace.clickInView({ user: 'UANA', actionId: 'approve' });
  await platform.changed(() => platform.resumes.length === 1, { what: '/resume' });
  await workspace.changed(() => home('UANA').includes('Your recent decisions'), {
    what: 'the decision in the inbox',
  });
  expect(home('UANA')).toContain('Nothing is waiting for you');
  await world.workspace.changed(() => home('UBEN').includes('Nothing is waiting for you'), {
    what: 'the end',
  });
});

test('a direct message goes to its approver, and to the channel when Slack does not take it', async () => {
  const tasks = ['approvers: [UANA, UBEN]', 'tasks:', '  - match: draft_*', '    channel: UANA'];
  const world = await startWorld(undefined, { dialect: 'documented' });
  const bot = await startBot(world, crewsFile(world, ...tasks));
  const execution = kickoff(world, bot);
  const direct = () => world.workspace.calls.find(({ method }) => method === 'chat.postMessage');
  await world.workspace.changed(() => direct()?.answer !== undefined, { what: 'the direct message' });
  expect(direct()?.args).toMatchObject({ channel: 'UANA' });
  world.workspace.failures.plan({
    on: 'chat.postMessage',
    times: Number.POSITIVE_INFINITY,
    failure: { error: 'channel_not_found' },
    when: (body) => JSON.stringify(body).includes('"UANA"') || String(body).includes('channel=UANA'),
  });
  kickoff(world, bot);
  const card = await sees(world.workspace, 'the card in the channel', ready);
  expect(card.buttons).toEqual(['Approve', 'Request revision']);
  expect(execution).not.toBe('');
});

test('what was typed into a form that another overtook stands there whole, the note for people too', async () => {
  const { world, workspace, card } = await start();
  await clickOn(world, card.ts, 'request_revision', 'UBEN');
  await modal(world, 'UBEN', 'What should change');
  await clickOn(world, card.ts, 'approve', 'UANA');
  await says(world, card.ts, 'CrewAI accepted it');
  const feedback = Array.from({ length: 30 }, (_, n) => `Line ${n} of what should change`).join('\n');
  const values = { feedback: { feedback }, people_note: { people_note: 'Not for the crew' } };
  expect(await workspace.submit({ user: 'UBEN', values })).toMatchObject({ closed: false });
  await modal(world, 'UBEN', alreadyApproved('<@UANA>'));
  const shown = JSON.stringify(workspace.openView('UBEN'));
  expect(shown).toContain(JSON.stringify(feedback));
  expect(shown).toContain('Not for the crew');
});

test('an output that Markdown makes nothing of can be sent back, and the home tab shows it', async () => {
  const { world, workspace, card } = await start([], [{ ...draft, output: () => '&nbsp;' }]);
  await clickOn(world, card.ts, 'request_revision', 'UBEN');
  await modal(world, 'UBEN', 'What should change');
  await workspace.openHome({ user: 'UANA' });
  await workspace.changed(
    () => JSON.stringify(workspace.home('UANA') ?? '').includes('One approval is waiting'),
    {
      what: 'the inbox',
    },
  );
});

test('a page that is turned twice at once is turned, and nobody is told that it was not', async () => {
  const long = { ...draft, output: () => 'A long paragraph of a report.\n\n'.repeat(2_000) };
  const { world, workspace, card } = await start([], [long]);
  await clickOn(world, card.ts, 'read_in_full');
  await modal(world, 'UANA', 'page 1 of');
  const next = () => workspace.clickInView({ user: 'UANA', actionId: 'page_after' });
  await Promise.all([next(), next()]);
  await modal(world, 'UANA', 'page 2 of');
  const updates = () => workspace.calls.filter(({ method, answer }) => method === 'views.update' && answer);
  await workspace.changed(() => updates().length === 2, { what: 'both clicks' });
  expect(updates().map(({ answer }) => answer?.ok)).toEqual([true, false]);
  // What would be told comes before the answer to a later click.
  await clickOn(world, card.ts, 'read_in_full');
  await modal(world, 'UANA', 'page 1 of');
  const told = workspace.calls.filter(({ args }) => String(args.text).includes("couldn't look that up"));
  expect(told).toEqual([]);
});

test('whoever may not decide and asks to send it back is answered, and that is kept', async () => {
  const { world, workspace, card, id } = await start(['approvers: [UANA]']);
  await clickOn(world, card.ts, 'request_revision', 'UBEN');
  await menu(world, card.ts, 'give_up', id, 'UBEN');
  await workspace.changed(() => ephemeralsTo(workspace, 'UBEN').length === 2, { what: 'both answers' });
  expect(ephemeralsTo(workspace, 'UBEN')[0]?.text).toContain(texts.refusals.decide.not_approver);
  const kept = () => {
    const records = new DatabaseSync(file(world), { readOnly: true });
    const rows = records.prepare('SELECT raw FROM records').all() as { raw: string }[];
    records.close();
    return rows.some(({ raw }) => raw.includes('refused_person'));
  };
  await until(() => expect(kept()).toBe(true));
});
