import type { Approval } from '../../../src/approval/model/approval.ts';
import type { Note } from '../../../src/approval/model/note.ts';
import { NOTE_KINDS } from '../../../src/approval/model/note.ts';
import { hashOutput } from '../../../src/approval/model/output.ts';
import type { Round } from '../../../src/approval/model/round.ts';
import { type CardContent, CardError, type CardFailure, type Cards } from '../../../src/approval/ports.ts';
import { hashOfCard } from '../builders.ts';
import type { Claim } from './promises-claims.ts';
import type { Watch } from './promises-invariants.ts';
import type { Actor, Stage } from './promises-stage.ts';

export const slackFailures = ['try again', 'rate limited', 'blocked', 'answer lost', 'slow'] as const;
export type SlackFailure = (typeof slackFailures)[number];

/** A message as it stands in the channel. */
export interface Message {
  ts: string;
  approval: string;
  round: number;
  key: string;
  deleted: boolean;
  claim: Claim | undefined;
  /** The worker that updated it last had been overtaken by then, and might not find out. */
  overtaken: { claim: Claim; unnoticed: boolean } | undefined;
  /** Slack posted it and its answer never came. */
  hidden: boolean;
}

const REFUSALS: Partial<Record<SlackFailure, CardFailure>> = {
  'try again': { kind: 'try_again', reason: 'internal_error' },
  'rate limited': { kind: 'try_again', reason: 'ratelimited', retryAfterMs: 30_000 },
  blocked: { kind: 'blocked', reason: 'is_archived', of: 'channel' },
};
const SLOW = 7_000;
const TIME_OUT = 8_000;

/** Slack as far as cards go: messages, and every way in which a call can fail. */
export function createSlack(stage: Stage, watch: () => Watch) {
  const messages: Message[] = [];
  /** What the next calls meet; empty: Slack works. */
  const failures: SlackFailure[] = [];

  async function call<T>(
    actor: Actor,
    carryOut: (failure?: SlackFailure) => T,
    answerLost: () => void = () => {},
  ): Promise<T> {
    const failure = failures.shift();
    const refusal = failure && REFUSALS[failure];
    const done = await stage.operation(actor, 'call', () =>
      refusal ? undefined : { value: carryOut(failure) },
    );
    if (failure === 'slow') await stage.sleep(SLOW);
    if (failure === 'answer lost') await stage.sleep(TIME_OUT);
    return stage.operation(actor, 'answer', () => {
      if (refusal) throw new CardError(refusal);
      if (failure === 'answer lost') {
        answerLost();
        throw new CardError({ kind: 'try_again', reason: 'timeout' });
      }
      return (done as { value: T }).value;
    });
  }

  function checkContent({ approval, round, output }: CardContent) {
    const shows = round.hashes.includes(hashOutput(output));
    watch().must(shows, `the card of round ${round.number} of ${approval.task} shows another output`);
  }

  const cardsOf = (actor: Actor): Cards => ({
    post(content) {
      const { approval, round } = content;
      const claim = watch().called('card', approval);
      checkContent(content);
      let message: Message | undefined;
      const carryOut = () => {
        const ts = `${messages.length + 1}.0`;
        message = {
          ts,
          ...placeOf(approval, round),
          deleted: false,
          claim,
          overtaken: undefined,
          hidden: false,
        };
        messages.push(message);
        return { channel: approval.channel, ts };
      };
      return call(actor, carryOut, () => {
        if (message) message.hidden = true;
      });
    },
    async update(content, card) {
      const { approval, round } = content;
      const claim = watch().called('card', approval);
      checkContent(content);
      const gone = await call(actor, (failure) => {
        const message = messages.find(({ ts }) => ts === card.ts);
        if (!message || message.deleted) return true;
        Object.assign(message, placeOf(approval, round), { overtaken: undefined });
        if (claim && !watch().holds(claim)) {
          const unnoticed = failure === 'answer lost' || watch().isHeld(claim);
          message.overtaken = { claim, unnoticed };
        }
        return false;
      });
      if (gone) throw new CardError({ kind: 'gone', reason: 'message_not_found' });
    },
    note(approval: Approval, note: Note) {
      watch().called('thread', approval);
      const next = approval.notes.find(({ kind }) => NOTE_KINDS[kind].concerns) ?? approval.notes[0];
      const isNext = JSON.stringify(note) === JSON.stringify(next);
      watch().must(isNext, `the note ${JSON.stringify(note)} is not the next one`);
      return call(actor, () => watch().notePosted(approval, note));
    },
    // No output here is so long that it becomes a file.
    file: () => Promise.reject(new Error('nothing is posted as a file here')),
  });

  function cardsOfRound(approval: string, round: number): Message[] {
    return messages.filter((one) => one.approval === approval && one.round === round && !one.deleted);
  }

  return { messages, failures, cardsOf, cardsOfRound };
}

function placeOf(approval: Approval, round: Round) {
  return { approval: approval.id, round: round.number, key: hashOfCard(approval, round) };
}
