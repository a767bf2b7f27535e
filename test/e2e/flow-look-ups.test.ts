import { expect, test } from 'vitest';
import type { FlowReview } from '../../src/sandbox/crewai/flow/flow-review.ts';
import { answersTo, ask, press } from '../support/asking.ts';
import { type FlowWorld, QUESTION, startFlowWorld } from '../support/flow-world.ts';
import { clickOn, exportFacts, seesModal } from '../support/process-steps.ts';
import { approvalOf, type Shown, sees } from '../support/world.ts';

/** A review of a method of its own, with its card. */
async function opens(
  { flow, workspace }: FlowWorld,
  method: string,
): Promise<{ review: FlowReview; card: Shown }> {
  const review = flow.ask({ ...QUESTION, method });
  return { review, card: await sees(workspace, method, ({ all }) => all.includes(`*${method}*`)) };
}

const settles = ({ workspace }: FlowWorld, { ts }: Shown, says: string) =>
  sees(workspace, says, (message) => message.ts === ts && message.all.includes(says));

/** One review that was answered by an option, one by a text, and one in CrewAI's dashboard. */
async function startDecided() {
  const world = await startFlowWorld();
  const { workspace, flow } = world;
  const option = await opens(world, 'by_option');
  await clickOn(world, option.card.ts, 'choose_1');
  await settles(world, option.card, 'CrewAI accepted it');
  const text = await opens(world, 'by_text');
  await clickOn(world, text.card.ts, 'other_answer', 'UBEN');
  await seesModal(world, 'UBEN');
  await workspace.submit({ user: 'UBEN', values: { feedback: { feedback: 'Not before Monday.' } } });
  await settles(world, text.card, 'CrewAI accepted it');
  const elsewhere = await opens(world, 'by_dashboard');
  flow.answerByDashboard(elsewhere.review.requestId, 'rewrite');
  await clickOn(world, elsewhere.card.ts, 'choose_3');
  await settles(world, elsewhere.card, "answered in CrewAI's dashboard");
  return { world, option, text, elsewhere };
}

test('answered reviews are in the history, the figures, the export and what find finds, with their answers', async () => {
  const { world, option, text, elsewhere } = await startDecided();
  const { paragraphs } = await ask(world, 'history');
  const row = (method: string) => paragraphs.find((said) => said.includes(`|${method}>`));
  expect(row('by_option')).toContain('answered *publish*, accepted by CrewAI · <@UANA>');
  expect(row('by_text')).toContain('answered, accepted by CrewAI · <@UBEN>');
  expect(row('by_dashboard')).toContain('resolved elsewhere');
  const stats = (await ask(world, 'stats')).all;
  expect(stats).toContain('0 waiting now · 3 decisions');
  expect(stats).toContain('<@UANA>: 2 decisions');
  expect(stats).not.toContain('Revisions');
  expect((await ask(world, 'find before Monday')).all).toContain('by_text');
  const { all } = await ask(world, approvalOf(option.card));
  expect(all).toContain('Round 1: answered *publish*');
  expect(all).not.toContain('webhook URL');
  expect((await ask(world, approvalOf(text.card))).all).toContain('>Not before Monday.');

  const lines = await exportFacts(world);
  const story = (card: Shown) =>
    lines
      .filter(({ approval, what }) => approval === approvalOf(card) && what !== 'posted')
      .map(({ what, by, origin, detail, text: said }) =>
        [what, origin, by, detail, said].filter(Boolean).join(' '),
      );
  const sent = (decided: string, ...after: string[]) => [
    'received webhook',
    `decided ${decided}`,
    'attempt bot number 1',
    ...after,
  ];
  const accepted = ['attempt_ended crewai accepted', 'answered crewai'];
  expect(story(option.card)).toEqual(sent('card UANA choose publish', ...accepted));
  expect(story(text.card)).toEqual(sent('modal UBEN choose Not before Monday.', ...accepted));
  expect(story(elsewhere.card)).toEqual(
    sent('card UANA choose discard', 'attempt_ended crewai not_pending', 'resolved_elsewhere crewai'),
  );
});

test('a review is answered by its own options from a list, a look-up and the Home tab, and not approved or revised by typing', async () => {
  const world = await startFlowWorld();
  const { workspace } = world;
  const typed = await opens(world, 'by_typing');
  const id = approvalOf(typed.card);
  expect((await ask(world, `approve ${id}`)).all).toContain('one of its own options: *publish*, *rewrite*');
  await workspace.command({
    user: 'UANA',
    channel: 'CAPPROVALS',
    command: '/approvals',
    text: `revise ${id}`,
  });
  await workspace.changed(() => answersTo(world, 'UANA').length === 2, { what: 'the refusal' });
  expect(answersTo(world, 'UANA')[1]?.all).toContain('one of its own options');
  expect([workspace.openView('UANA'), typed.review.answer()]).toEqual([undefined, undefined]);
  await clickOn(world, typed.card.ts, 'choose_1');
  expect(await typed.review.answered).toMatchObject({ feedback: 'publish' });

  const listed = await opens(world, 'in_a_list');
  const list = await ask(world, 'waiting');
  expect(list.all).toContain(QUESTION.message);
  expect(list.buttons.map(({ label }) => label)).toEqual([...QUESTION.emit, 'Other answer…', 'Open']);
  await press(world, list, 'rewrite');
  expect(await listed.review.answered).toMatchObject({ feedback: 'rewrite' });

  const looked = await opens(world, 'in_a_look_up');
  await press(world, await ask(world, approvalOf(looked.card)), 'discard');
  expect(await looked.review.answered).toMatchObject({ feedback: 'discard' });

  const home = await opens(world, 'in_the_home_tab');
  await workspace.openHome({ user: 'UANA' });
  await workspace.changed(() => JSON.stringify(workspace.home('UANA') ?? '').includes('in_the_home_tab'), {
    what: 'the review in the Home tab',
  });
  expect(JSON.stringify(workspace.home('UANA'))).toContain(QUESTION.message);
  await workspace.clickInView({ user: 'UANA', actionId: 'choose_1' });
  expect(await home.review.answered).toMatchObject({ feedback: 'publish' });
});
