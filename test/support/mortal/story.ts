import { expect } from 'vitest';
import { en as texts } from '../../../src/slack/texts/en.ts';
import { answered, clickOn, kickoff, revisionOf } from '../process-steps.ts';
import type { SpawnedBot } from '../spawn-bot.ts';
import { type Shown, shown, type World } from '../world.ts';
import type { MortalBot } from './mortal-bot.ts';
import {
  PATIENCE,
  type Person,
  persist,
  persistClick,
  type Scenario,
  seesTooLate,
  type Told,
  tellToTheEnd,
} from './scenario.ts';

const FEEDBACK = 'Shorter, please';
/** Two cards and the result. */
const MESSAGES = 3;

/** A crew's run. */
export async function prepareRun(world: World): Promise<Scenario> {
  const { platform } = world;
  return {
    tell: (bot, person) => tellRun(world, bot, person),
    scene: () => ({
      'POST /resume': platform.resumes.slice(-10).map(({ body, status, fate }) => ({ body, status, fate })),
      webhooks: platform.webhooks.map(({ kind, status, error }) => ({ kind, status, error })),
    }),
    close: async () => {},
  };
}

/** One run from its kickoff to its result, with a revision in between, wherever its bot is killed. */
function tellRun(world: World, bot: MortalBot, person: Person): Promise<Told> {
  const { workspace, platform, dialect } = world;
  let execution = '';

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
   * last webhook: where both were lost with the bot, the card says "not confirmed yet" and no end is told.
   */
  const isEndUnknown = () =>
    dialect === 'live' && platform.resumes.filter((resume) => textOf(resume) === 'Approved.').length > 1;
  const wentOn = ({ all, buttons }: Shown) => {
    const unconfirmed = isEndUnknown() && all.includes('(round 2)') && all.includes(answered(world));
    return buttons.length === 0 && (unconfirmed || all.includes(texts.card.continued));
  };
  const decidable = (round: 1 | 2) => cards(round).filter(({ buttons }) => buttons.includes('Approve'));
  const sees = (what: string, predicate: () => boolean) =>
    workspace.changed(predicate, { what, timeoutMs: PATIENCE });
  const approve = (round: 1 | 2, user: string) =>
    persistClick(world, bot, { list: () => decidable(round), person, actionId: 'approve', user });

  async function requestRevision(): Promise<void> {
    const modal = () => workspace.openView('UANA') !== undefined;
    const click = async (life: SpawnedBot) => {
      const { ts } = decidable(1).at(person === 'hasty' ? 0 : -1) as Shown;
      const { acked } = await clickOn(world, ts, 'request_revision');
      // A bot that was killed after its ack opens no modal.
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

  function expectOneOfEach(): Pick<Told, 'secondSends'> {
    const { rounds, status } = platform.execution(execution);
    expect(status).toBe('completed');
    expect(rounds.map(({ feedback, approved }) => ({ feedback, approved }))).toEqual([
      { feedback: revisionOf(world, FEEDBACK), approved: false },
      { feedback: 'Approved.', approved: true },
    ]);
    // The rounds show that only two had an effect: the live platform answers 200 to all of them.
    if (dialect === 'live') return { secondSends: platform.resumes.length - 2 };
    const isTaken = (resume: { status?: number | undefined }) => resume.status === 200;
    expect(platform.resumes.filter(isTaken)).toHaveLength(2);
    const again = platform.resumes.filter((resume) => !isTaken(resume));
    const message = 'Execution is not in pending human input state';
    for (const resume of again) expect(resume).toMatchObject({ status: 400, answer: { message } });
    return { secondSends: again.length };
  }

  function expectTrueMessages(): Pick<Told, 'twins'> {
    expect(allCards().filter((card) => !wentOn(card))).toEqual([]);
    for (const { all } of cards(1)) expect(all).toContain('Revision requested by <@UANA>');
    for (const { all } of cards(2)) expect(all).toContain('Approved by <@UANA>');
    const threads = cards(1).map(({ ts }) => ts);
    for (const { thread_ts } of [...cards(2), ...results()]) expect(threads).toContain(thread_ts);
    expect([...allCards(), ...results()]).toHaveLength(messages().length);
    return { twins: messages().length - (results().length === 0 ? MESSAGES - 1 : MESSAGES) };
  }

  return tellToTheEnd(world, bot, {
    async begin(due) {
      execution = kickoff(world, bot);
      for (const [round, decide] of [
        [1, requestRevision],
        [2, () => approve(2, 'UANA')],
      ] as const) {
        await sees(`a card of round ${round}`, () => decidable(round).length > 0);
        // CrewAI takes its time after each decision, as crews do: longer than the bot needs to hear that it was taken.
        platform.hold();
        if (person === 'patient') await due.nothing(PATIENCE);
        await decide();
        const accepted = ({ all }: Shown) =>
          all.includes('CrewAI accepted it') || all.includes(answered(world));
        await sees(`round ${round} accepted`, () => cards(round).some(accepted));
        await bot.up();
        platform.release();
      }
    },
    async end(due) {
      let clickedLate = 0;
      await sees('the result', () => results().length > 0 || isEndUnknown());
      for (const round of [1, 2] as const) {
        await sees(`round ${round} went on`, () => cards(round).some(wentOn));
        if (decidable(round).length === 0) continue;
        // A card that Slack never told the bot of learns by the next click that it was decided.
        clickedLate += 1;
        await approve(round, 'UBEN');
        await seesTooLate(world);
      }
      await sees('every card settled', () => allCards().every(wentOn));
      // A run whose end is not known is asked for when nothing has been heard of it for long.
      if (!isEndUnknown()) await due.nothing(PATIENCE);
      return clickedLate;
    },
    check: () => ({ ...expectOneOfEach(), ...expectTrueMessages() }),
  });
}
