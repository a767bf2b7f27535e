import type { View } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import type { Deciders } from '../../approval/access/deciders.ts';
import type { Answer, Decisions, Target } from '../../approval/decisions.ts';
import { type Approval, currentRound } from '../../approval/model/approval.ts';
import type { Dialects } from '../../approval/model/crew/dialect.ts';
import type { Clock, Log } from '../../approval/ports.ts';
import type { LookUps } from '../../approval/queries/look-ups.ts';
import { ANSWERED_WITHIN, withTimeout } from '../../lib/deadline.ts';
import { StoreError } from '../../lib/errors.ts';
import type { GiveWay } from '../../lib/give-way.ts';
import type { Place, Tell } from '../api/reply.ts';
import type { CardLinks } from '../views/message-view.ts';
import { buildCardLink } from '../views/text/links.ts';
import { describeRefusal, NOT_OPENED, NOT_RECORDED, PERHAPS_RECORDED } from '../views/text/sentences.ts';

/** What every listener needs. */
export interface ListenerContext {
  service: Decisions;
  deciders: Pick<Deciders, 'maySee'>;
  dialects: Dialects;
  lookUps: LookUps;
  client: WebClient;
  tell: Tell;
  giveWay: GiveWay;
  links: CardLinks;
  clock: Clock;
  log: Log;
}

/** An answer, or what the person is told when the store failed or was late. */
export async function answerInTime(
  log: Log,
  ask: () => Promise<Answer>,
): Promise<{ answer: Answer } | { failed: string }> {
  try {
    return { answer: await withTimeout(ANSWERED_WITHIN, ask) };
  } catch (error) {
    return { failed: failureSentence(log, error) };
  }
}

/** What a person is told whose decision met a store that failed or was late. */
export function failureSentence(log: Log, error: unknown): string {
  const unsure = error instanceof StoreError && error.unsure;
  log.error({ error, unsure }, 'a decision could not be recorded');
  return unsure ? PERHAPS_RECORDED : NOT_RECORDED;
}

/** Whether CrewAI gets the note of an approval: a platform that takes any text but the plain one for a revision does not. */
export function sendsNote({ dialects }: Pick<ListenerContext, 'dialects'>, { crew }: Approval): boolean {
  return dialects.of(crew) === 'documented';
}

/** The link to the card that can be decided now. */
export function currentCardLink(answer: Answer, links: CardLinks): string | undefined {
  return answer.approval && buildCardLink(answer.approval, currentRound(answer.approval), links);
}

/** A trigger lasts 3 s from the click: the look at the record must leave time to open the modal. */
const LOOK_DEADLINE = 1_200;

/** Opens a modal on a round if the person may do what it is for; else says why not. Only a refusal is recorded, after it was told. */
export async function openModal(
  { service, tell, links, clock, log }: ListenerContext,
  { client, target: clicked, by, place }: { client: WebClient; target: Target; by: string; place: Place },
  {
    look,
    view,
  }: {
    look: (target: Target, by: string) => Promise<Answer>;
    /** `target`: with what the click proves, for the modal's memory. */
    view: (answer: Answer & { done: true }, target: Target) => Promise<View> | View;
  },
): Promise<void> {
  const target = clicked.via === 'card' ? { ...clicked, cardClickedAt: clock.now() } : clicked;
  const about = { approval: target.approvalId, person: by };
  const looked = await withTimeout(LOOK_DEADLINE, async () => {
    const answer = await look(target, by);
    return { answer, view: answer.done ? await view(answer, target) : undefined };
  }).catch((error: unknown) => {
    log.error({ ...about, error }, 'an approval could not be looked at');
    return undefined;
  });
  if (!looked) await tell(place, NOT_RECORDED);
  else if (!looked.answer.done) {
    const { refusal } = looked.answer;
    await tell(place, describeRefusal(refusal, currentCardLink(looked.answer, links)));
    await service.keepRefused(target, by, refusal);
  } else if (looked.view) {
    await client.views
      .open({ trigger_id: place.triggerId ?? '', view: looked.view })
      .catch((error: unknown) => {
        log.error({ ...about, error }, 'a modal could not be opened');
        return tell({ ...place, triggerId: undefined }, NOT_OPENED);
      });
  }
  await service.adopt(target);
}
