import type { KnownBlock, ModalView } from '@slack/types';
import type { Approval } from '../../src/approval/model/approval.ts';
import { type Output, readOutput } from '../../src/approval/model/output.ts';
import type { OpenedRound, PageTarget } from '../../src/slack/app/button-values.ts';
import {
  buildApproveModal,
  buildAssignModal,
  buildBlockModal,
  buildChoiceModal,
  buildEditModal,
  buildGiveUpModal,
  buildOtherAnswerModal,
  buildRevisionModal,
  buildSentenceModal,
  buildValuesModal,
  type TypedTexts,
} from '../../src/slack/views/modals/decision-modals.ts';
import { buildDetailsModal } from '../../src/slack/views/modals/details.ts';
import {
  buildArgumentsModal,
  buildChangesModal,
  buildOptionsModal,
  buildOutputPage,
  buildReadingPage,
} from '../../src/slack/views/modals/reading-modals.ts';
import { buildPreformatted } from '../../src/slack/views/output/json.ts';
import { convertSection } from '../../src/slack/views/output/mrkdwn.ts';
import { describeEmptyOutput } from '../../src/slack/views/output/output-blocks.ts';
import { pickOutputPage } from '../../src/slack/views/output/sections.ts';
import { readSection, section } from '../../src/slack/views/text/elements.ts';
import { describeRefusal } from '../../src/slack/views/text/sentences.ts';
import { spoken } from '../support/spoken.ts';
import {
  makeFieldsQuestion,
  makeLongCall,
  makeLongQuestion,
  makeQuestionRound,
  makeToolCall,
  REVIEW_WITH_STATE,
} from './cards.ts';
import { type GalleryView, showView } from './gallery-view.ts';
import {
  AT,
  BLANK,
  CHANGED_NESTED_JSON,
  FLAT_JSON,
  LINKS,
  LONG_JSON,
  LONG_REPORT,
  makeApproval,
  makeDecision,
  makeDelivery,
  makeInStatus,
  makePressApproval,
  makePressRoundIn,
  makeRoundSentBack,
  makeTwoRounds,
  makeWaiting,
  NESTED_JSON,
  RELEASE,
  REPORT_WITH_TABLE,
  SHORTER_RELEASE,
} from './samples.ts';

const FIRST = { round: 1 };
const LAST_PAGE = Number.MAX_SAFE_INTEGER;

const REVISED: Readonly<Record<string, Output>> = {
  'whole output': RELEASE,
  'end of a long output': LONG_REPORT,
  table: REPORT_WITH_TABLE,
  'flat JSON': FLAT_JSON,
  'nested JSON': NESTED_JSON,
  'long JSON': LONG_JSON,
  'blank output': BLANK,
};

/** Draws the modals in which people decide. */
export function buildDecisionModals(): GalleryView[] {
  const approval = makeWaiting();
  return [
    ...Object.entries(REVISED).map(([name, output]) =>
      showView(`modal request revision, ${name}`, buildRevisionModal(spoken(), approval, FIRST, output)),
    ),
    showView('modal approve with a note', buildApproveModal(spoken(), approval, FIRST, RELEASE, true)),
    showView(
      'modal approve with a note, kept in the thread',
      buildApproveModal(spoken(), approval, FIRST, RELEASE, false),
    ),
    showView(
      'modal approve with a note, of a long output',
      buildApproveModal(spoken(), approval, FIRST, LONG_REPORT, true),
    ),
    showView('modal other answer', buildOtherAnswerModal(spoken(), approval, FIRST, RELEASE)),
    showView(
      'modal choose with a note',
      buildChoiceModal(spoken(), REVIEW_WITH_STATE.approval, FIRST, RELEASE),
    ),
    showView(
      'modal answer with a text',
      buildChoiceModal(
        spoken(),
        makeApproval([makeQuestionRound({}, { freeText: 'required' })]),
        FIRST,
        RELEASE,
        0,
      ),
    ),
    showView('modal values', buildValuesModal(spoken(), makeFieldsQuestion().approval, FIRST, RELEASE, 0)),
    showView('modal block', buildBlockModal(spoken(), makeToolCall().approval, FIRST)),
    showView(
      'modal read in full, a tool',
      buildArgumentsModal(spoken(), makeToolCall().approval, FIRST, makeToolCall().output ?? RELEASE, {
        page: 0,
      }),
    ),
    ...[0, 1].map((page) =>
      showView(
        `modal read in full, a tool with a long text, page ${page + 1}`,
        buildArgumentsModal(spoken(), makeLongCall().approval, FIRST, makeLongCall().output ?? RELEASE, {
          page,
          opened: page,
        }),
      ),
    ),
    showView('modal all answers', buildOptionsModal(spoken(), makeLongQuestion().approval, FIRST, 0)),
    showView(
      'modal choose, long options',
      buildChoiceModal(spoken(), makeLongQuestion().approval, FIRST, RELEASE),
    ),
    showView('modal edit and approve', buildEditModal(spoken(), approval, FIRST, RELEASE)),
    showView(
      'modal edit a question',
      buildEditModal(spoken(), makeApproval([makeQuestionRound({}, { editable: true })]), FIRST, RELEASE),
    ),
    showView('modal too long to edit', buildEditModal(spoken(), approval, FIRST, LONG_REPORT)),
    showView('modal assign', buildAssignModal(spoken(), approval, FIRST)),
    showView('modal close without a decision', buildGiveUpModal(spoken(), approval, FIRST)),
    showView(
      'modal close a question',
      buildGiveUpModal(spoken(), makeApproval([makeQuestionRound()]), FIRST),
    ),
    ...buildNotDone(),
  ];
}

function buildNotDone(): GalleryView[] {
  const typed: TypedTexts = {
    feedback: 'Shorter, please:\n- leave out the quote\n- the price of the shirt is 69 €, *not* 79 €',
    note: 'The CEO asked for this on Monday.',
  };
  const decided = describeRefusal(spoken(), { code: 'already_decided', decision: makeDecision() }, undefined);
  const superseded = describeRefusal(
    spoken(),
    { code: 'superseded', current: 2 },
    LINKS.message({ channel: 'CAPPROVALS', ts: '1700000000.000200' }),
  );
  return [
    showView(
      'modal not done, with what was typed',
      buildSentenceModal(spoken(), 'Request revision', decided, typed),
    ),
    showView(
      'modal not done, superseded',
      buildSentenceModal(spoken(), spoken().actions.approveWithNote, superseded, { ...typed, note: '' }),
    ),
    showView(
      'modal not done, nothing typed',
      buildSentenceModal(spoken(), 'Approvals', spoken().refusals.notLookedUp),
    ),
  ];
}

const READ: Readonly<Record<string, { output: Output; page?: number; opened?: number }>> = {
  'one page': { output: RELEASE },
  table: { output: REPORT_WITH_TABLE },
  'first page': { output: LONG_REPORT },
  'middle page': { output: LONG_REPORT, page: 2 },
  'last page': { output: LONG_REPORT, page: LAST_PAGE, opened: LAST_PAGE },
  'last page, others not opened': { output: LONG_REPORT, page: LAST_PAGE, opened: 1 },
  'nested JSON': { output: NESTED_JSON },
  'long JSON': { output: LONG_JSON },
  'blank output': { output: BLANK },
};

const CHANGED: Readonly<Record<string, { before: Output; after: Output }>> = {
  text: { before: RELEASE, after: SHORTER_RELEASE },
  everything: { before: SHORTER_RELEASE, after: LONG_REPORT },
  JSON: { before: NESTED_JSON, after: CHANGED_NESTED_JSON },
  nothing: { before: RELEASE, after: RELEASE },
  'only spaces': { before: RELEASE, after: readOutput(`${'text' in RELEASE ? RELEASE.text : ''}  \n`) },
};

/** Draws the modals in which people read. */
export function buildReadingModals(): GalleryView[] {
  const approval = makeWaiting();
  const two = makePressApproval(makeTwoRounds());
  return [
    ...Object.entries(READ).map(([name, { output, page = 0, opened }]) =>
      showView(
        `modal read in full, ${name}`,
        drawOutputModal(approval, FIRST, output, { content: 'output', page, opened }),
      ),
    ),
    showView(
      'modal state of a Flow',
      drawOutputModal(REVIEW_WITH_STATE.approval, FIRST, NESTED_JSON, { content: 'state', page: 0 }),
    ),
    ...Object.entries(CHANGED).map(([name, outputs]) =>
      showView(`modal what changed, ${name}`, buildChangesModal(spoken(), two, { round: 2 }, outputs, 0)),
    ),
    ...Object.entries(DETAILED).map(([name, one]) =>
      showView(
        `modal approval details, ${name}`,
        buildDetailsModal(spoken(), one, LINKS, { round: one.rounds.length }),
      ),
    ),
  ];
}

const DETAILED: Readonly<Record<string, Approval>> = {
  'a review of a Flow': REVIEW_WITH_STATE.approval,
  waiting: makeWaiting(),
  'webhook URLs of every origin': makeWaiting(
    { humanInput: true },
    {
      urls: {
        task: { url: 'https://hooks.example.com/task', from: 'registered' },
        step: { url: 'https://hooks.example.com/step', from: 'meta' },
        crew: { url: 'https://hooks.example.com/crew', from: 'settings' },
      },
      humanInputUrl: { url: 'https://bot.example.com/webhooks/press/human-input?token=x', from: 'bot' },
    },
  ),
  'no webhook URL': makeWaiting({}, { urls: {} }),
  'three rounds': makePressApproval([
    makeRoundSentBack({ delivery: makeDelivery({ attempts: 2, acceptedAt: AT, dialect: 'documented' }) }),
    makeRoundSentBack({ number: 2, delivery: makeDelivery({ acceptedAt: AT, dialect: 'live' }) }),
    makePressRoundIn('approved', {
      number: 3,
      votes: [makeDecision({ by: 'UBEN' }), makeDecision()],
      delivery: makeDelivery({ acceptedAt: AT, dialect: 'live' }),
    }),
  ]),
  'closed without a decision': makeInStatus('given_up', {
    settledAt: AT,
    givenUpBy: 'UCAT',
    decision: makeDecision(),
  }),
  'many rounds': makePressApproval(
    Array.from({ length: 40 }, (_, index) => makeRoundSentBack({ number: index + 1 })),
  ),
};

/** Draws a page of an output as the listener does, except that it converts everything at once. */
export function drawOutputModal(
  approval: Approval,
  target: OpenedRound,
  output: Output,
  { content, page, opened }: Pick<PageTarget, 'page' | 'opened'> & { content: 'output' | 'state' },
  convert = (markdown: string) => convertSection(spoken(), markdown),
): ModalView {
  const build = (place: { page: number; of: number }, blocks: KnownBlock[]) =>
    content === 'output'
      ? buildOutputPage(spoken(), approval, target, output, { ...place, opened }, blocks)
      : buildReadingPage(spoken(), approval, target, { content, ...place }, blocks);
  const blank = describeEmptyOutput(spoken(), output);
  if (blank) return build({ page: 0, of: 1 }, [section(blank)]);
  const { shown = [], ...place } = pickOutputPage(spoken(), output, page);
  const blocks =
    output.kind === 'json'
      ? shown.map(buildPreformatted)
      : shown.flatMap((part) => convert(part)).map(readSection);
  return build(place, blocks);
}
