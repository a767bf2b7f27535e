import type { Workspace } from '../../sandbox/slack/workspace.ts';
import type { Board, SeenCard } from './board.ts';
import type { Chance } from './chance.ts';
import type { Life } from './replicas.ts';

/** One click of a person, and what came of it as far as that shows at once. */
export interface Press {
  person: string;
  execution: string;
  round: number;
  action: string;
  at: number;
  acked: boolean;
  status: number;
  ms: number;
  /** Who took it; none when nobody listened. */
  life: Life | undefined;
  /** What shows beside an approved card: a form was opened or taken, a card lost its Retry. */
  done?: boolean;
  /** A form stayed open with a sentence. */
  told?: boolean;
}

const AGAIN = /Please (try|click) again/;
/** A round that waits for nobody any more, whatever became of it. */
export const CLOSED =
  /Decision sent\. |resolved elsewhere|answered (?:elsewhere|in CrewAI)|run ended|newer output|Closed without a decision/;

/** How long after a click its answer may still be on its way; a replica that dies within takes it along. */
const ANSWER_TAKES = 25_000;

export function diedWith({ life, at }: Pick<Press, 'life' | 'at'>): boolean {
  const { killedAt } = life ?? {};
  return killedAt !== undefined && killedAt <= at + ANSWER_TAKES;
}

export type People = ReturnType<typeof createPeople>;

/** What people do with cards: they click, click again when Slack says that it failed, and read what they are told. */
export function createPeople(options: {
  workspace: Workspace;
  board: Board;
  taken: ReadonlyMap<string, Life>;
  chance: Chance;
}) {
  const { workspace, board, taken, chance } = options;
  const presses: Press[] = [];
  const told = (person: string) => workspace.ephemerals(person).map(({ text }) => text);
  const live = (execution: string, round: number, button = 'Approve') =>
    board.cards(execution, round).filter(({ buttons }) => buttons.includes(button));
  const decided = (execution: string, round: number) =>
    board.cards(execution, round).some(({ buttons }) => !buttons.includes('Approve'));

  /** Undefined when the button has gone meanwhile. */
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

  /** Until someone has decided this round, whoever it was; an outsider until they are told that they may not. */
  async function decide(
    person: string,
    execution: string,
    round: number,
    { mayDecide = true }: { mayDecide?: boolean } = {},
  ): Promise<void> {
    const over = () => decided(execution, round);
    const clickable = () => live(execution, round);
    while (mayDecide || told(person).length === 0) {
      const isReady = () => over() || clickable().length > 0;
      await board.until(`${execution}.${round} to be clicked by ${person}`, isReady);
      if (over()) return;
      const before = told(person).length;
      const pressed = await press(person, chance.pick(clickable()), 'approve');
      if (!pressed?.acked) continue;
      const again = () => told(person).findIndex((text, at) => at >= before && AGAIN.test(text)) !== -1;
      await patiently(() => over() || again() || (!mayDecide && answered(pressed, before)));
      if (over()) return;
    }
  }

  /** As long as an answer may take; whoever hears nothing by then clicks again. */
  const patiently = (predicate: () => boolean) =>
    board.until('an answer', predicate, ANSWER_TAKES).catch((error: unknown) => {
      if (board.isLate()) throw error;
    });

  const answered = (pressed: Press, before: number) =>
    told(pressed.person).length > before || diedWith(pressed);

  async function requestRevision(person: string, execution: string, feedback: string): Promise<void> {
    for (;;) {
      const isReady = () => decided(execution, 1) || live(execution, 1).length > 0;
      await board.until(`${execution} to be sent back by ${person}`, isReady);
      if (decided(execution, 1)) return;
      const before = told(person).length;
      const pressed = await press(person, chance.pick(live(execution, 1)), 'request_revision');
      if (!pressed?.acked) continue;
      const open = () => workspace.openView(person) !== undefined;
      await patiently(() => open() || answered(pressed, before));
      pressed.done = open();
      if (pressed.done) return submit(person, execution, feedback);
      const heard = told(person).slice(before);
      if (heard.length > 0 && !heard.some((text) => AGAIN.test(text)))
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
      // What is over is told in the modal's own place: a dying replica had recorded it before.
      const over = acked && !closed && JSON.stringify(workspace.openView(person)?.blocks ?? '');
      const life = taken.get(person);
      presses.push({
        ...{ person, execution, round: 1, action: 'submit', at, acked, status, ms, life },
        done: closed,
        told: sentence !== undefined || /nothing (more )?was recorded/.test(over || ''),
      });
      if (closed) return;
      if (acked && !AGAIN.test(sentence ?? '')) return void (await workspace.closeModal({ user: person }));
      await chance.while(200, 800);
    }
  }

  /** Until CrewAI has taken the decision of this round, or it is closed otherwise: Retry where a card asks for it. */
  async function seeThrough(person: string, execution: string, round: number): Promise<void> {
    for (;;) {
      const closed = () => board.cards(execution, round).some(({ all }) => CLOSED.test(all));
      const asking = () => live(execution, round, 'Retry');
      await board.until(`the end of ${execution}.${round}`, () => closed() || asking().length > 0);
      if (closed()) return;
      const before = told(person).length;
      const pressed = await press(person, asking()[0] as SeenCard, 'retry');
      if (!pressed?.acked) continue;
      const gone = () => asking().length === 0;
      await patiently(() => gone() || answered(pressed, before));
      pressed.done = gone();
      if (!pressed.done && !diedWith(pressed)) await patiently(gone);
    }
  }

  /** Clicks on a card that was decided on a twin of it: it says so from then on. */
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

  return { presses, told, live, sentBack, decide, requestRevision, seeThrough, sweep };
}
