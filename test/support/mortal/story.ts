import { expect } from 'vitest';
import { en as texts } from '../../../src/slack/texts/en.ts';
import { answered, clickOn, kickoff, revisionOf } from '../process-steps.ts';
import type { SpawnedBot } from '../spawn-bot.ts';
import { type Shown, shown, type World } from '../world.ts';
import { type Due, lookAtDue } from './due.ts';
import type { MortalBot } from './mortal-bot.ts';
import { PATIENCE, type Person, persist, type Scenario, type Told } from './scenario.ts';

const FEEDBACK = 'Shorter, please';
/** Two cards and the result. */
const MESSAGES = 3;

/** A crew's run. */
export async function prepareRun(world: World): Promise<Scenario> {
  const { platform } = world;
  return {
    tell: (bot, person) => tellStory(world, bot, person),
    scene: () => ({
      'POST /resume': platform.resumes.slice(-10).map(({ body, status, fate }) => ({ body, status, fate })),
      webhooks: platform.webhooks.map(({ kind, status, error }) => ({ kind, status, error })),
    }),
    close: async () => {},
  };
}

/** One run from its kickoff to its result, with a revision in between, whatever its bot dies of. Rejects if a promise was broken. */
async function tellStory(world: World, bot: MortalBot, person: Person): Promise<Told> {
  const due = await lookAtDue(world.settings.STORE_URL as string);
  try {
    return await createStory(world, bot, person, due).tell();
  } finally {
    await due.close();
  }
}

function createStory(world: World, bot: MortalBot, person: Person, due: Due) {
  const { workspace, platform, dialect } = world;
  let clickedLate = 0;

  const messages = () => shown(workspace);
  const cards = (round: 1 | 2) =>
    messages().filter(({ thread_ts, all }) =>
      round === 1 ? thread_ts === undefined : thread_ts !== undefined && all.includes('(round 2)'),
    );
  const allCards = () => [...cards(1), ...cards(2)];
  const results = () => messages().filter(({ all }) => all.includes('has finished'));
  const textOf = ({ body }: { body: unknown }) => (body as { humanFeedback?: string }).humanFeedback;
  /**
   * On the live dialect the answer to the last decision tells under which id the run ends, and so does the ticket of its
   * last webhook: where both died with the bot, the card says "not confirmed yet" and no end is told.
   */
  const isEndUnknown = () =>
    dialect === 'live' && platform.resumes.filter((resume) => textOf(resume) === 'Approved.').length > 1;
  const wentOn = ({ all, buttons }: Shown) => {
    const unconfirmed = isEndUnknown() && all.includes('(round 2)') && all.includes(answered(world));
    const settled = unconfirmed || all.includes(texts.card.continued);
    return buttons.length === 0 && settled;
  };
  const decidable = (round: 1 | 2) => cards(round).filter(({ buttons }) => buttons.includes('Approve'));
  const chosen = (round: 1 | 2) => decidable(round).at(person === 'hasty' ? 0 : -1)?.ts as string;
  const sees = (what: string, predicate: () => boolean) =>
    workspace.changed(predicate, { what, timeoutMs: PATIENCE });

  const approve = (round: 1 | 2, user: string) =>
    persist(
      bot,
      'the click on Approve',
      () => decidable(round).length > 0,
      () => clickOn(world, chosen(round), 'approve', user),
    );

  async function requestRevision(): Promise<void> {
    const modal = () => workspace.openView('UANA') !== undefined;
    const click = async (life: SpawnedBot) => {
      const { acked } = await clickOn(world, chosen(1), 'request_revision');
      // A bot that died after its ack opens no modal.
      if (acked) await Promise.race([sees('the modal', modal), life.ended]);
      return { acked: acked && modal() };
    };
    await persist(bot, 'the click on Request revision', () => !modal(), click);
    let tries = 0;
    const submit = async () => {
      tries += 1;
      const sent = await workspace.submit({ user: 'UANA', values: { feedback: { feedback: FEEDBACK } } });
      if (sent.acked && !sent.closed) {
        // The one before was recorded, and only its ack was lost: the modal says so.
        expect(tries).toBe(2);
        expect(JSON.stringify(workspace.openView('UANA')?.blocks)).toContain('already requested a revision');
      }
      return sent;
    };
    await persist(bot, 'the submission', () => true, submit);
  }

  /** CrewAI takes its time after each decision, as crews do: longer than the bot needs to hear that it was taken. */
  async function decide(round: 1 | 2, work: () => Promise<void>): Promise<void> {
    await sees(`a card of round ${round}`, () => decidable(round).length > 0);
    platform.hold();
    if (person === 'patient') await due.nothing(PATIENCE);
    await work();
    const accepted = ({ all }: Shown) => all.includes('CrewAI accepted it') || all.includes(answered(world));
    await sees(`round ${round} accepted`, () => cards(round).some(accepted));
    await bot.up();
    platform.release();
  }

  /** A card that Slack never told the bot of learns by the next click that it was decided. */
  async function clickTwins(round: 1 | 2): Promise<void> {
    await sees(`round ${round} went on`, () => cards(round).some(wentOn));
    if (decidable(round).length === 0) return;
    clickedLate += 1;
    await approve(round, 'UBEN');
    const told = () => workspace.ephemerals('UBEN').some(({ text }) => /nothing .*was recorded/.test(text));
    await sees('whose decision it was', told);
  }

  async function end(): Promise<void> {
    await sees('the result', () => results().length > 0 || isEndUnknown());
    for (const round of [1, 2] as const) await clickTwins(round);
    await sees('every card settled', () => allCards().every(wentOn));
    // A run whose end is not known is asked for when nothing has been heard of it for long.
    if (!isEndUnknown()) await due.nothing(PATIENCE);
  }

  function expectOneOfEach(execution: string): { secondSends: number } {
    const { rounds, status } = platform.execution(execution);
    expect(status).toBe('completed');
    expect(rounds.map(({ feedback, approved }) => ({ feedback, approved }))).toEqual([
      { feedback: revisionOf(world, FEEDBACK), approved: false },
      { feedback: 'Approved.', approved: true },
    ]);
    // The rounds show that only two had an effect: the live platform answers 200 to all of them.
    if (dialect === 'live') return { secondSends: platform.resumes.length - 2 };
    const taken = platform.resumes.filter((resume) => resume.status === 200);
    expect(taken).toHaveLength(2);
    const again = platform.resumes.filter((resume) => !taken.includes(resume));
    for (const { status, answer } of again) {
      const message = 'Execution is not in pending human input state';
      expect({ status, answer }).toMatchObject({ status: 400, answer: { message } });
    }
    return { secondSends: again.length };
  }

  function expectTrueMessages(): { twins: number } {
    expect(allCards().filter((card) => !wentOn(card))).toEqual([]);
    for (const { all } of cards(1)) expect(all).toContain('Revision requested by <@UANA>');
    for (const { all } of cards(2)) expect(all).toContain('Approved by <@UANA>');
    const threads = cards(1).map(({ ts }) => ts);
    for (const { thread_ts } of [...cards(2), ...results()]) expect(threads).toContain(thread_ts);
    expect([...allCards(), ...results()]).toHaveLength(messages().length);
    return { twins: messages().length - (results().length === 0 ? MESSAGES - 1 : MESSAGES) };
  }

  async function tell(): Promise<Told> {
    const execution = kickoff(world, bot);
    await decide(1, requestRevision);
    await decide(2, () => approve(2, 'UANA'));
    // It may die at its very end, and has to come to the same end then.
    let errors: unknown[];
    do {
      await end();
      errors = bot.logged().filter(({ level }) => level >= 50);
    } while (!(await bot.stop()));

    const told = { ...expectOneOfEach(execution), ...expectTrueMessages(), clickedLate };
    expect(errors).toEqual([]);
    // It dies once.
    expect(told.twins).toBeLessThanOrEqual(1);
    expect(told.secondSends).toBeLessThanOrEqual(1);
    return told;
  }

  return { tell };
}
