import { readApprovalId } from '../../src/sandbox/demo/run-of-card.ts';
import type { Message } from '../../src/sandbox/slack/state.ts';
import { ACTIONS, OPTION_BUTTONS } from '../../src/slack/app/ids.ts';
import { en as texts } from '../../src/slack/texts/texts.ts';

/** The state that a card shows for its round, in the words of `texts.card`. */
type CardState =
  | 'waiting'
  | 'sending'
  | 'refused'
  | 'undelivered'
  | 'sent'
  | 'continued'
  | 'superseded'
  | 'elsewhere'
  | 'ended'
  | 'closed';

/** A card as a person reads it. */
export interface Card {
  channel: string;
  ts: string;
  threadTs: string | undefined;
  approval: string;
  round: number;
  state: CardState;
  /** True if the card says that an attempt may have reached CrewAI. */
  mayHaveArrived: boolean;
  /** All text about its round. */
  text: string;
  /** How the newest round of its thread ended. */
  outcome?: string;
  /** The `action_id` of each button. */
  buttons: string[];
}

const any = '\u0000';
const saying = (sentence: string) =>
  new RegExp(
    sentence
      .split(any)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.+'),
  );

const { state } = texts;
/** The first match gives the state. */
const STATES: readonly [CardState, RegExp][] = [
  ['superseded', saying(state.superseded(any))],
  ['closed', saying(state.closed(any, any))],
  ['ended', saying(state.runEnded(any))],
  ['ended', saying(state.runEndedFirst(any))],
  ['ended', saying(state.runEndedMaybeLater(any))],
  ['closed', saying(state.notWaiting(any))],
  ['elsewhere', saying(state.noLongerWaiting)],
  ...[undefined, 'dashboard', 'email', 'timeout'].map((via): [CardState, RegExp] => [
    'elsewhere',
    saying(state.resolved(via, any)),
  ]),
  ['continued', saying(state.goesOn('crew').slice(0, -1))],
  ['continued', saying(state.goesOn('flow').slice(0, -1))],
  ['continued', saying(state.acceptedOtherwise(any))],
  ['sent', saying(state.notHeardOf('crew'))],
  ['sent', saying(state.notHeardOf('flow'))],
  ['refused', saying(state.rejected)],
  ['undelivered', saying(state.notDelivered)],
];
const WAITS: ReadonlySet<string> = new Set([
  ACTIONS.approve,
  ACTIONS.requestRevision,
  ACTIONS.chooseFromList,
  ACTIONS.otherAnswer,
  ...OPTION_BUTTONS,
]);
const OUTCOME = /^:\w+: Round \d+: .*$/m;
const MAY_HAVE_ARRIVED = [
  state.mayHaveArrived,
  state.mayHaveArrivedUnanswered,
  state.earlierMayHaveArrived,
  state.decisionMayHaveArrived,
].map(saying);

/** Reads a message of the bot; undefined if it is not a card. */
export function readCard(message: Message): Card | undefined {
  const approval = readApprovalId(message.blocks);
  if (approval === undefined) return undefined;
  const texts: string[] = [message.text];
  const buttons: string[] = [];
  let round = 1;
  JSON.stringify(message.blocks, (key, value: unknown) => {
    if (key === 'text' && typeof value === 'string') texts.push(value);
    if (key === 'action_id') buttons.push(String(value));
    if (key === 'value') round = Number(/^(?:\w+:)?[0-9A-Z]{16}\.(\d+)/.exec(String(value))?.[1] ?? round);
    return value;
  });
  const all = texts.join('\n');
  const outcome = OUTCOME.exec(all)?.[0];
  // The outcome is about another round.
  const text = all.replace(OUTCOME, '');
  const state = buttons.some((id) => WAITS.has(id)) ? 'waiting' : undefined;
  return {
    channel: message.channel,
    ts: message.ts,
    threadTs: message.thread_ts,
    approval,
    round,
    state: state ?? STATES.find(([, pattern]) => pattern.test(text))?.[0] ?? 'sending',
    mayHaveArrived: MAY_HAVE_ARRIVED.some((pattern) => pattern.test(text)),
    text,
    ...(outcome === undefined ? {} : { outcome }),
    buttons,
  };
}
