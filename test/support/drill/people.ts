import type { Workspace } from '../../sandbox/slack/workspace.ts';
import type { Board, SeenCard } from './board.ts';
import type { Chance } from './chance.ts';
import type { Life } from './replicas.ts';

/** A click of a person and its immediate outcome. */
export interface Press {
  person: string;
  execution: string;
  round: number;
  action: string;
  at: number;
  acked: boolean;
  status: number;
  ms: number;
  /** The replica that received the click; undefined if no replica listened. */
  life: Life | undefined;
  /**
   * True if the click has an effect besides an approved card: a form opened or was accepted, or a card lost its Retry.
   */
  done?: boolean;
  /** True if a form stayed open with a sentence for the person. */
  told?: boolean;
}

const AGAIN = /Please (try|click) again/;
/** Matches a round that no longer waits for anyone, whatever happened to it. */
export const CLOSED =
  /Decision sent\. |resolved elsewhere|answered (?:elsewhere|in CrewAI)|run ended|newer output|Closed without a decision/;

/**
 * Time in which the answer to a click may still arrive, in milliseconds. A replica that is killed within this time
 * takes the answer along.
 */
const ANSWER_TAKES = 25_000;

export function diedWith({ life, at }: Pick<Press, 'life' | 'at'>): boolean {
  const { killedAt } = life ?? {};
  return killedAt !== undefined && killedAt <= at + ANSWER_TAKES;
}

export type People = ReturnType<typeof createPeople>;

/** Creates people who click on cards, click again if Slack reports a failure, and read the bot's answers. */
export function createPeople(options: {
  workspace: Workspace;
  board: Board;
  taken: ReadonlyMap<string, Life>;
  chance: Chance;
}) {
  const { workspace, board, taken, chance } = options;
  const presses: Press[] = [];
  const ephemeralTexts = (person: string) => workspace.ephemerals(person).map(({ text }) => text);
  const live = (execution: string, round: number, button = 'Approve') =>
    board.cards(execution, round).filter(({ buttons }) => buttons.includes(button));
  const decided = (execution: string, round: number) =>
    board.cards(execution, round).some(({ buttons }) => !buttons.includes('Approve'));

  /** Clicks on a card; undefined if the button has disappeared. */
  async function press(person: string, card: SeenCard, action: string): Promise<Press | undefined> {
    const { channel, ts, execution, round } = card;
    const blocks = JSON.stringify(workspace.message(channel, ts)?.blocks);
    if (!blocks.includes(`"action_id":"${action}"`)) {
      board.lookSoon();
      await chance.while(100, 200);
      return undefined;
    }
    const at = Date.now();
    const { acked, status } = await workspace.click({ user: person, channel, ts, actionId: action });
    const ms = Date.now() - at;
    const life = taken.get(person);
    const pressed: Press = { person, execution, round, action, at, acked, status, ms, life };
    presses.push(pressed);
    if (!acked) await chance.while(200, 800);
    return pressed;
  }

  /** Clicks until anyone has decided this round. An outsider clicks until the bot says that they may not decide. */
  async function decide(
    person: string,
    execution: string,
    round: number,
    { mayDecide = true }: { mayDecide?: boolean } = {},
  ): Promise<void> {
    const isOver = () => decided(execution, round);
    const clickable = () => live(execution, round);
    while (mayDecide || ephemeralTexts(person).length === 0) {
      const isReady = () => isOver() || clickable().length > 0;
      await board.until(`${execution}.${round} to be clicked by ${person}`, isReady);
      if (isOver()) return;
      const textCount = ephemeralTexts(person).length;
      const pressed = await press(person, chance.pick(clickable()), 'approve');
      if (!pressed?.acked) continue;
      const isAskedToRetry = () =>
        ephemeralTexts(person).findIndex((text, at) => at >= textCount && AGAIN.test(text)) !== -1;
      await patiently(() => isOver() || isAskedToRetry() || (!mayDecide && wasAnswered(pressed, textCount)));
      if (isOver()) return;
    }
  }

  /** Waits as long as an answer may take. A person without an answer then clicks again. */
  const patiently = (predicate: () => boolean) =>
    board.until('an answer', predicate, ANSWER_TAKES).catch((error: unknown) => {
      if (board.isLate()) throw error;
    });

  const wasAnswered = (pressed: Press, textCount: number) =>
    ephemeralTexts(pressed.person).length > textCount || diedWith(pressed);

  async function requestRevision(person: string, execution: string, feedback: string): Promise<void> {
    for (;;) {
      const isReady = () => decided(execution, 1) || live(execution, 1).length > 0;
      await board.until(`${execution} to be sent back by ${person}`, isReady);
      if (decided(execution, 1)) return;
      const textCount = ephemeralTexts(person).length;
      const pressed = await press(person, chance.pick(live(execution, 1)), 'request_revision');
      if (!pressed?.acked) continue;
      const open = () => workspace.openView(person) !== undefined;
      await patiently(() => open() || wasAnswered(pressed, textCount));
      pressed.done = open();
      if (pressed.done) return submit(person, execution, feedback);
      const newTexts = ephemeralTexts(person).slice(textCount);
      if (newTexts.length > 0 && !newTexts.some((text) => AGAIN.test(text)))
        await patiently(() => decided(execution, 1));
    }
  }

  async function submit(person: string, execution: string, feedback: string): Promise<void> {
    for (;;) {
      const at = Date.now();
      const values = { feedback: { feedback } };
      const { acked, status, errors, closed } = await workspace.submit({ user: person, values });
      const ms = Date.now() - at;
      const sentence = errors?.feedback;
      // If the round is over, the bot says so in the modal's place: a killed replica had recorded the decision before.
      const modalText = acked && !closed && JSON.stringify(workspace.openView(person)?.blocks ?? '');
      const life = taken.get(person);
      presses.push({
        ...{ person, execution, round: 1, action: 'submit', at, acked, status, ms, life },
        done: closed,
        told: sentence !== undefined || /nothing (more )?was recorded/.test(modalText || ''),
      });
      if (closed) return;
      if (acked && !AGAIN.test(sentence ?? '')) return void (await workspace.closeModal({ user: person }));
      await chance.while(200, 800);
    }
  }

  /**
   * Clicks Retry if a card asks for it, until CrewAI accepts the decision of this round or the round is closed
   * otherwise.
   */
  async function seeThrough(person: string, execution: string, round: number): Promise<void> {
    for (;;) {
      const closed = () => board.cards(execution, round).some(({ all }) => CLOSED.test(all));
      const asking = () => live(execution, round, 'Retry');
      await board.until(`the end of ${execution}.${round}`, () => closed() || asking().length > 0);
      if (closed()) return;
      const textCount = ephemeralTexts(person).length;
      const pressed = await press(person, asking()[0] as SeenCard, 'retry');
      if (!pressed?.acked) continue;
      const isRetryGone = () => asking().length === 0;
      await patiently(() => isRetryGone() || wasAnswered(pressed, textCount));
      pressed.done = isRetryGone();
      if (!pressed.done && !diedWith(pressed)) await patiently(isRetryGone);
    }
  }

  /** Clicks on a duplicate of a decided card, which then shows the decision. */
  async function sweep(person: string, card: SeenCard): Promise<void> {
    const { execution, round, ts } = card;
    const stale = () =>
      board.cards(execution, round).find((other) => other.ts === ts && other.buttons.length > 0);
    while (stale()) {
      const action = card.buttons.includes('Approve') ? 'approve' : 'retry';
      const pressed = await press(person, card, action);
      if (pressed?.acked) await patiently(() => !stale());
    }
  }

  const sentBack = (execution: string) =>
    board.cards(execution, 1).some(({ all }) => /Revision requested by|newer output/.test(all));

  return {
    presses,
    told: ephemeralTexts,
    live,
    sentBack,
    decide,
    requestRevision,
    seeThrough,
    sweep,
    patiently,
  };
}
