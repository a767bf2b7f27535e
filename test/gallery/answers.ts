import type { AwayRefusal } from '../../src/approval/away.ts';
import type { Refusal } from '../../src/approval/lifecycle/refusal.ts';
import type { LookUpRefusal } from '../../src/approval/queries/look-up.ts';
import type { StartRefusal } from '../../src/approval/starts/can-start.ts';
import { absencesTexts } from '../../src/features/absences/texts.ts';
import {
  describeAwayRefusal,
  describeGone,
  describeWhereabouts,
} from '../../src/features/absences/views/whereabouts.ts';
import { startsTexts } from '../../src/features/starts/texts.ts';
import { describeStartRefusal } from '../../src/features/starts/views/start-form.ts';
import { texts } from '../../src/slack/texts/texts.ts';
import { buildAwayNotice } from '../../src/slack/views/lists/away.ts';
import { section } from '../../src/slack/views/text/elements.ts';
import {
  confirmTypedDecision,
  describeLookUpRefusal,
  describeNotFound,
  describeRefusal,
} from '../../src/slack/views/text/sentences.ts';
import { type GalleryView, showMessage } from './gallery-view.ts';
import { LINKS, makeDecision, makeInStatus, makeWaiting, RELEASE } from './samples.ts';

const decision = makeDecision();
const link = LINKS.message({ channel: 'CAPPROVALS', ts: '1700000000.000200' });

/** Every refusal; the compiler asks for a new one. */
const REFUSALS: { readonly [Code in Refusal['code']]: readonly Extract<Refusal, { code: Code }>[] } = {
  unknown: [{ code: 'unknown' }],
  not_approver: [{ code: 'not_approver' }],
  requester: [{ code: 'requester' }],
  guest: [{ code: 'guest' }],
  not_member: [{ code: 'not_member' }],
  open_card: [{ code: 'open_card' }],
  assignee_may_not: [{ code: 'assignee_may_not' }],
  claimed: [{ code: 'claimed', by: 'UBEN' }],
  not_undone: [
    { code: 'not_undone', why: 'sent' },
    { code: 'not_undone', why: 'not_yours' },
    { code: 'not_undone', why: 'nothing' },
  ],
  cannot_check: [{ code: 'cannot_check' }],
  already_decided: [
    { code: 'already_decided', decision },
    { code: 'already_decided', decision: makeDecision({ rule: 'expiry', by: '' }) },
  ],
  already_voted: [{ code: 'already_voted' }],
  superseded: [
    { code: 'superseded', current: 2 },
    { code: 'superseded', current: 2, decision },
  ],
  closed: [
    { code: 'closed', status: 'run_ended' },
    { code: 'closed', status: 'given_up', decision },
    { code: 'closed', status: 'resolved_elsewhere' },
    { code: 'closed', status: 'withdrawn' },
    { code: 'closed', status: 'withdrawn', lapsed: true },
    { code: 'closed', status: 'withdrawn', lapsed: 'no_approvers' },
  ],
  other_output: [{ code: 'other_output' }],
  no_such_option: [
    { code: 'no_such_option', options: ['publish', 'rewrite'] },
    { code: 'no_such_option', options: [] },
    { code: 'no_such_option' },
  ],
  answer_in_crewai: [{ code: 'answer_in_crewai', host: 'flows.example.com' }],
  not_decided: [{ code: 'not_decided' }],
  not_editable: [{ code: 'not_editable' }],
  edited_blank: [{ code: 'edited_blank' }],
  nothing_edited: [{ code: 'nothing_edited' }],
  edited_not_json: [{ code: 'edited_not_json' }],
  read_first: [{ code: 'read_first' }],
  values_required: [{ code: 'values_required' }],
  text_required: [{ code: 'text_required' }],
  on_its_way: [{ code: 'on_its_way' }],
  permission_ended: [{ code: 'permission_ended', by: 'UBEN', at: decision.at }],
  permission_over: [{ code: 'permission_over' }],
  no_permission: [{ code: 'no_permission' }],
};

const LOOK_UP_REFUSALS: {
  readonly [Code in LookUpRefusal['code']]: Extract<LookUpRefusal, { code: Code }>;
} = {
  may_not_look: { code: 'may_not_look' },
  cannot_check: { code: 'cannot_check' },
  unknown_crew: { code: 'unknown_crew', crew: 'sales', crews: ['press', 'research'] },
  ambiguous: { code: 'ambiguous', text: '97eb0c' },
};

/** Every reason why a person cannot start a run; the compiler asks for a new one. */
const START_REFUSALS: { readonly [Code in StartRefusal['code']]: StartRefusal } = {
  unknown_crew: { code: 'unknown_crew', crew: 'sales' },
  nothing_to_start: { code: 'nothing_to_start' },
  no_public_url: { code: 'no_public_url' },
  not_starter: { code: 'not_starter' },
  guest: { code: 'guest' },
  not_member: { code: 'not_member' },
  cannot_check: { code: 'cannot_check' },
};

const AWAY_REFUSALS: {
  readonly [Code in AwayRefusal['code']]: Extract<AwayRefusal, { code: Code }>;
} = {
  past_day: { code: 'past_day' },
  far_day: { code: 'far_day' },
  self: { code: 'self' },
  not_active: { code: 'not_active' },
  not_able: { code: 'not_able' },
  substitute_away: { code: 'substitute_away', day: '2026-12-24' },
  nothing_to_decide: { code: 'nothing_to_decide' },
  cannot_check: { code: 'cannot_check' },
};

/** Sentences that one person gets, each in a message of its own: many of them in one view, since they look alike. */
export function buildAnswers(): GalleryView[] {
  const refused = Object.values(REFUSALS)
    .flat()
    .map((refusal) => describeRefusal(refusal, link));
  const notShown = [
    ...Object.values(LOOK_UP_REFUSALS).map(describeLookUpRefusal),
    describeNotFound('<budget>'),
    texts.refusals.unknownPerson('ana b'),
    texts.refusals.notLookedUp,
    texts.refusals.notACard,
    texts.refusals.notShown,
    ...Object.values(texts.refusals.read),
  ];
  const waiting = makeWaiting();
  const TYPED = { round: 1, option: undefined, output: RELEASE };
  const others = [
    confirmTypedDecision(makeInStatus('sending'), TYPED, LINKS.command),
    confirmTypedDecision(waiting, TYPED, LINKS.command),
    texts.actions.recorded,
    texts.actions.cardFollows,
    texts.refusals.missingRound(waiting.id, 1, LINKS.command),
    texts.refusals.notRecorded,
    texts.refusals.perhapsRecorded,
    texts.refusals.tooLate,
    texts.refusals.notOpened,
    texts.refusals.decide.unknown,
    texts.refusals.unknownButton,
    texts.refusals.unknownShortcut,
    texts.refusals.unknownForm,
    texts.refusals.decide.assignee_may_not,
  ];
  const notStarted = [
    ...Object.values(START_REFUSALS).map(describeStartRefusal),
    startsTexts.notStarted,
    startsTexts.perhapsStarted,
    startsTexts.noForm,
    startsTexts.formLost,
    texts.refusals.runLost,
  ];
  const away = { day: '2026-12-04', since: 0, until: 0, substitute: 'UBEN' };
  const absences = [
    ...Object.values(AWAY_REFUSALS).map((refusal) => describeAwayRefusal(refusal, '<@UBEN>')),
    describeGone({
      away,
      notIn: ['press', 'research'],
      openIn: ['news'],
      severalIn: ['payments'],
      standsInFor: ['UCAT'],
    }),
    describeWhereabouts({ own: away, isAlone: true, standsInFor: [] }),
    absencesTexts.back,
    absencesTexts.notAway,
    absencesTexts.perhapsSaved,
    texts.away.notTold('<@UBEN>'),
    absencesTexts.wrong(LINKS.command),
    texts.away.changed('<@UANA>', texts.away.day(away.day)),
    texts.away.released('<@UANA>'),
    texts.away.substituteAway('<@UBEN>', texts.away.day(away.day)),
  ];
  const handedOver = { waiting: [waiting, waiting], more: true };
  return [
    showMessage('answers to a person who will be away', { text: 'Away', blocks: absences.map(section) }),
    showMessage('notice to a substitute', buildAwayNotice('UANA', away, handedOver, LINKS)),
    showMessage(
      'notice to a substitute, nothing waits',
      buildAwayNotice('UANA', away, { waiting: [], more: false }, LINKS),
    ),
    showMessage(
      'notice to a substitute, too much waits',
      buildAwayNotice('UANA', away, { waiting: [], more: true }, LINKS),
    ),
    showMessage('answers to a refused decision', { text: 'Refused', blocks: refused.map(section) }),
    showMessage('answers to a refused look-up', { text: 'Not shown', blocks: notShown.map(section) }),
    showMessage('answers to a start that was refused', {
      text: 'Not started',
      blocks: notStarted.map(section),
    }),
    showMessage('other answers', { text: 'Other answers', blocks: others.map(section) }),
  ];
}
