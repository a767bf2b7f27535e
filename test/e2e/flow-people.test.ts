import { describe, expect, test } from 'vitest';
import type { Question } from '../../src/sandbox/crewai/flow/question.ts';
import { en as texts } from '../../src/slack/texts/en.ts';
import { FLOW_SECRET, type FlowWorld, QUESTION, startFlow, waits } from '../support/flow-world.ts';
import { clickOn } from '../support/process-steps.ts';
import { approvalOf, sees, startBot, startWorld } from '../support/world.ts';
import { crewsFile } from './crew-settings.ts';

const PEOPLE = ['ana', 'ben', 'cat'].map((name) => ({
  id: `U${name.toUpperCase()}`,
  name,
  email: `${name}@example.com`,
}));

/** A crew of Ana's and Ben's with these settings, in a workspace where people have e-mail addresses. */
async function start(...lines: string[]): Promise<FlowWorld> {
  const world = await startWorld(undefined, {}, { people: PEOPLE });
  const flow = await startFlow();
  const bot = await startBot(
    world,
    crewsFile(
      world,
      'approvers: [UANA, UBEN]',
      `flow_webhook_secrets: [${FLOW_SECRET}]`,
      `callback_hosts: ['${new URL(flow.baseUrl).host}']`,
      ...lines,
    ),
  );
  flow.sendTo(`${bot.url}/webhooks/press/flow`);
  return { ...world, flow, bot };
}

/** The card of a review, as far as it says who is asked. */
async function asked(question: Partial<Question>, ...lines: string[]): Promise<string> {
  const world = await start(...lines);
  world.flow.ask({ ...QUESTION, ...question });
  return (await waits(world)).all;
}

describe('the card of a review', () => {
  test('mentions only the person whom CrewAI assigned it to, by their e-mail address', async () => {
    const card = await asked({ assignedToEmail: 'ben@example.com' });
    expect(card).toContain('<@UBEN>: *review_report* of press is waiting for your decision.');
    expect(card).toContain('<@UBEN> was asked to decide');
    expect(card).not.toContain('UANA');
    expect(card).not.toContain('ben@example.com');
  });

  test.each([
    ['nobody in Slack', 'zoe@example.com'],
    ['someone who may not decide', 'cat@example.com'],
  ])('names an assignee who is %s, and mentions the approvers', async (_, email) => {
    const card = await asked({ assignedToEmail: email });
    expect(card).toContain('<@UANA> <@UBEN>: *review_report*');
    expect(card).toContain(`CrewAI assigned it to ${email}`);
    expect(card).not.toContain('was asked to decide');
  });

  test('mentions only those of the approvers who may answer by the routing of CrewAI', async () => {
    const routing = { responders: ['ben@example.com', 'cat@example.com'], enforceRouting: true };
    const card = await asked(routing);
    expect(card).toContain('<@UBEN>: *review_report*');
    expect(card).not.toContain('UANA');
    expect(card).not.toContain('UCAT');
  });
});

test('when everyone has voted and no answer has enough votes, the thread says so once, and a changed vote decides', async () => {
  const world = await start('approvals_required: 2');
  const { workspace, flow } = world;
  const review = flow.ask(QUESTION);
  const card = await waits(world);
  await clickOn(world, card.ts, 'choose_1');
  await clickOn(world, card.ts, 'choose_2', 'UBEN');
  const tie = await sees(
    workspace,
    'the tie',
    ({ thread_ts, all }) => thread_ts === card.ts && all.includes('everyone who can decide has voted'),
  );
  expect(tie.all).toContain(
    '<@UANA> <@UBEN>, everyone who can decide has voted, but no answer has 2 equal votes.',
  );
  await clickOn(world, card.ts, 'choose_3', 'UBEN');
  await clickOn(world, card.ts, 'choose_1', 'UBEN');
  expect(await review.answered).toMatchObject({ feedback: 'publish', via: 'api' });
  await sees(workspace, 'accepted', ({ ts, all }) => ts === card.ts && all.includes('CrewAI accepted it'));
  const ties = workspace.messages('CAPPROVALS').filter((one) => JSON.stringify(one).includes('has voted'));
  expect(ties).toHaveLength(1);
});

describe('the state of a Flow', () => {
  const state = { article: 42, note: 'only-for-deciders', rate: 0.1 };

  /** Opens the details from the menu of a card, then the state from there; what the person sees last. */
  async function openState(world: FlowWorld, user: string): Promise<string> {
    const { workspace } = world;
    const card = await waits(world);
    const id = approvalOf(card);
    const blocks = JSON.stringify(workspace.message('CAPPROVALS', card.ts)?.blocks);
    const [option = ''] = new RegExp(`details:${id}\\.\\d+\\.\\w+`).exec(blocks) ?? [];
    await workspace.click({ user, channel: 'CAPPROVALS', ts: card.ts, actionId: 'more', selected: [option] });
    const views = () => JSON.stringify(workspace.openView(user) ?? '');
    await workspace.changed(() => views().includes('Approval details'), { what: 'the details' });
    expect(views()).not.toContain('only-for-deciders');
    await workspace.clickInView({ user, actionId: 'read_state' });
    await workspace.changed(() => !views().includes('read_state'), { what: 'the state' });
    return views();
  }

  test('is on no card, and is read from the details by those who may decide only, also afterwards', async () => {
    const world = await start('look_ups: members');
    const { workspace, flow } = world;
    const review = flow.ask({ ...QUESTION, state });
    expect(await openState(world, 'UANA')).toContain('only-for-deciders');
    const refused = await openState(world, 'UCAT');
    expect(refused).toContain(texts.refusals.notYourState);
    expect(refused).not.toContain('only-for-deciders');
    expect(JSON.stringify(workspace.messages('CAPPROVALS'))).not.toContain('only-for-deciders');

    const card = await waits(world);
    await clickOn(world, card.ts, 'choose_1');
    await review.answered;
    await workspace.shortcut({
      user: 'UBEN',
      channel: 'CAPPROVALS',
      ts: card.ts,
      callbackId: 'approval_details',
    });
    const views = () => JSON.stringify(workspace.openView('UBEN') ?? '');
    await workspace.changed(() => views().includes('Approval details'), { what: 'the details' });
    await workspace.clickInView({ user: 'UBEN', actionId: 'read_state' });
    await workspace.changed(() => views().includes('only-for-deciders'), { what: 'the state' });
  });

  test('stands for the output where there is none', async () => {
    const world = await start();
    world.flow.ask({ ...QUESTION, output: null, state });
    const card = await waits(world);
    expect(card.all).toContain(texts.card.stateInMenu);
    expect(card.all).not.toContain('The output is empty');
    expect(await openState(world, 'UBEN')).toContain('only-for-deciders');
  });

  test('of 1 MiB is taken, and read page by page', async () => {
    const world = await start();
    const large = { note: 'only-for-deciders', text: 'x'.repeat(1_048_000) };
    const review = world.flow.ask({ ...QUESTION, state: large });
    expect(await review.webhookStatus()).toBe(202);
    const view = await openState(world, 'UANA');
    expect(view).toContain('page 1 of');
    expect(view).toContain('only-for-deciders');
  });
});
