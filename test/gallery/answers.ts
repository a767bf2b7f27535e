import type { Refusal } from '../../src/approval/lifecycle/refusal.ts';
import type { LookUpRefusal } from '../../src/approval/queries/look-up.ts';
import { section } from '../../src/slack/views/text/elements.ts';
import {
  describeLookUpRefusal,
  describeNotFound,
  describeRefusal,
} from '../../src/slack/views/text/sentences.ts';
import { spoken } from '../support/spoken.ts';
import { type GalleryView, showMessage } from './gallery-view.ts';
import { LINKS, makeDecision } from './samples.ts';

const decision = makeDecision();
const link = LINKS.message({ channel: 'CAPPROVALS', ts: '1700000000.000200' });

/** Every refusal. The compiler requires new ones here. */
const REFUSALS: { readonly [Code in Refusal['code']]: readonly Extract<Refusal, { code: Code }>[] } = {
  unknown: [{ code: 'unknown' }],
  card_changed: [{ code: 'card_changed' }],
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
    { code: 'closed', status: 'withdrawn', lapsed: 'hidden_fields' },
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

/**
 * Builds the sentences that only one person gets. Each is a message of its own in Slack; here many share a view, since
 * they look alike.
 */
export function buildAnswers(): GalleryView[] {
  const refused = Object.values(REFUSALS)
    .flat()
    .map((refusal) => describeRefusal(spoken(), refusal, link));
  const notShown = [
    ...Object.values(LOOK_UP_REFUSALS).map((refusal) => describeLookUpRefusal(spoken(), refusal)),
    describeNotFound(spoken(), '<budget>'),
    spoken().refusals.unknownPerson('ana b'),
    spoken().refusals.notLookedUp,
    spoken().refusals.notACard,
    spoken().refusals.windowNotOpened,
    ...Object.values(spoken().refusals.read),
  ];
  const others = [
    spoken().actions.recorded,
    spoken().actions.cardFollows,
    spoken().refusals.onlyButtonsDecide,
    spoken().refusals.notRecorded,
    spoken().refusals.perhapsRecorded,
    spoken().refusals.tooLate,
    spoken().refusals.formNotOpened,
    spoken().refusals.decide.unknown,
    spoken().refusals.unknownButton,
    spoken().refusals.unknownShortcut,
    spoken().refusals.unknownForm,
    spoken().refusals.decide.assignee_may_not,
  ];
  return [
    showMessage('answers to a refused decision', { text: 'Refused', blocks: refused.map(section) }),
    showMessage('answers to a refused look-up', { text: 'Not shown', blocks: notShown.map(section) }),
    showMessage('other answers', { text: 'Other answers', blocks: others.map(section) }),
  ];
}
