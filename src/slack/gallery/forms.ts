import type { Approval } from '../../approval/model/approval.ts';
import { type Output, readOutput } from '../../approval/model/output.ts';
import {
  buildApproveModal,
  buildAssignModal,
  buildGiveUpModal,
  buildNotDoneModal,
  buildRevisionModal,
  type Typed,
} from '../views/modals/decision-modals.ts';
import { buildDetailsModal } from '../views/modals/details.ts';
import { buildChangesModal, buildOutputModal } from '../views/modals/reading-modals.ts';
import { describeRefusal, NOT_LOOKED_UP } from '../views/text/sentences.ts';
import { type GalleryView, showView } from './gallery-view.ts';
import {
  BLANK,
  CHANGED_NESTED_JSON,
  FLAT_JSON,
  LONG_JSON,
  LONG_REPORT,
  NESTED_JSON,
  RELEASE,
  REPORT_WITH_TABLE,
  SHORTER_RELEASE,
} from './outputs.ts';
import { AT, makeDecision, makeDelivery } from './records.ts';
import {
  LINKS,
  makePressApproval,
  makePressRound,
  makePressRoundIn,
  makeRoundSentBack,
  makeTwoRounds,
} from './samples.ts';

const FIRST = { round: 1 };
const LAST_PAGE = Number.MAX_SAFE_INTEGER;

/** The modals in which people decide. */
export function decisionForms(): GalleryView[] {
  const approval = makePressApproval([makePressRound()]);
  const revision = (name: string, output: Output) =>
    showView(`modal request revision, ${name}`, buildRevisionModal(approval, FIRST, output));
  return [
    revision('whole output', RELEASE),
    revision('end of a long output', LONG_REPORT),
    revision('table', REPORT_WITH_TABLE),
    revision('flat JSON', FLAT_JSON),
    revision('nested JSON', NESTED_JSON),
    revision('long JSON', LONG_JSON),
    revision('blank output', BLANK),
    showView('modal approve with a note', buildApproveModal(approval, FIRST, true)),
    showView('modal approve with a note, kept in the thread', buildApproveModal(approval, FIRST, false)),
    showView('modal assign', buildAssignModal(approval, FIRST)),
    showView('modal give up', buildGiveUpModal(approval, FIRST)),
    ...notDone(),
  ];
}

function notDone(): GalleryView[] {
  const typed: Typed = {
    feedback: 'Shorter, please:\n- leave out the quote\n- the price of the shirt is 69 €, *not* 79 €',
    note: 'The CEO asked for this on Monday.',
  };
  const decided = describeRefusal({ code: 'already_decided', round: 1, decision: makeDecision() }, undefined);
  const superseded = describeRefusal(
    { code: 'superseded', current: 2 },
    LINKS.message({ channel: 'CAPPROVALS', ts: '1700000000.000200' }),
  );
  return [
    showView('modal not done, with what was typed', buildNotDoneModal('Request revision', decided, typed)),
    showView(
      'modal not done, superseded',
      buildNotDoneModal('Approve with a note', superseded, { ...typed, note: '' }),
    ),
    showView('modal not done, nothing typed', buildNotDoneModal('Approvals', NOT_LOOKED_UP)),
  ];
}

/** The modals in which people read. */
export function readingForms(): GalleryView[] {
  const approval = makePressApproval([makePressRound()]);
  const two = makePressApproval(makeTwoRounds());
  const read = (name: string, output: Output, page = 0) =>
    showView(`modal read in full, ${name}`, buildOutputModal(approval, FIRST, output, page));
  const changes = (name: string, before: Output, after: Output) =>
    showView(`modal what changed, ${name}`, buildChangesModal(two, { round: 2 }, { before, after }, 0));
  return [
    read('one page', RELEASE),
    read('table', REPORT_WITH_TABLE),
    read('first page', LONG_REPORT),
    read('middle page', LONG_REPORT, 2),
    read('last page', LONG_REPORT, LAST_PAGE),
    read('nested JSON', NESTED_JSON),
    read('long JSON', LONG_JSON),
    read('blank output', BLANK),
    changes('text', RELEASE, SHORTER_RELEASE),
    changes('everything', SHORTER_RELEASE, LONG_REPORT),
    changes('JSON', NESTED_JSON, CHANGED_NESTED_JSON),
    changes('nothing', RELEASE, RELEASE),
    changes('only spaces', RELEASE, readOutput(`${'text' in RELEASE ? RELEASE.text : ''}  \n`)),
    ...Object.entries(DETAILED).map(([name, one]) =>
      showView(`modal approval details, ${name}`, buildDetailsModal(one, LINKS)),
    ),
  ];
}

const DETAILED: Readonly<Record<string, Approval>> = {
  waiting: makePressApproval([makePressRound()]),
  'webhook URLs of every origin': makePressApproval([makePressRound({ humanInput: true })], {
    urls: {
      task: { url: 'https://hooks.example.com/task', from: 'registered' },
      step: { url: 'https://hooks.example.com/step', from: 'meta' },
      crew: { url: 'https://hooks.example.com/crew', from: 'settings' },
    },
    humanInputUrl: { url: 'https://bot.example.com/webhooks/press/human-input?token=x', from: 'bot' },
  }),
  'no webhook URL': makePressApproval([makePressRound()], { urls: {} }),
  'three rounds': makePressApproval([
    makeRoundSentBack({ delivery: makeDelivery({ attempts: 2, acceptedAt: AT, dialect: 'documented' }) }),
    makeRoundSentBack({ number: 2, delivery: makeDelivery({ acceptedAt: AT, dialect: 'live' }) }),
    makePressRoundIn('approved', {
      number: 3,
      votes: [makeDecision({ by: 'UBEN' }), makeDecision()],
      delivery: makeDelivery({ acceptedAt: AT, dialect: 'live' }),
    }),
  ]),
  'given up': makePressApproval([
    makePressRoundIn('given_up', { settledAt: AT, givenUpBy: 'UCAT', decision: makeDecision() }),
  ]),
  'many rounds': makePressApproval(
    Array.from({ length: 40 }, (_, index) => makeRoundSentBack({ number: index + 1 })),
  ),
};
