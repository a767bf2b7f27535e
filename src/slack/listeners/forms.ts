import type { View } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { adoptClickedCard, checkDecider, recordRefusedReader } from '../../approval/decide.ts';
import type { PersonRequest } from '../../approval/lifecycle/events.ts';
import { type Approval, currentRound, findRound } from '../../approval/model/approval.ts';
import type { FieldValues } from '../../approval/model/fields.ts';
import { formatOutput } from '../../approval/model/output.ts';
import { canBeAnswered, type Decision, listOptions, needsValues } from '../../approval/model/round.ts';
import { BLOCK } from '../../approval/model/tool-call.ts';
import { loadOutput } from '../../approval/notify/post-note.ts';
import { isOnCard, type RequestResult, type Target } from '../../approval/read-round.ts';
import { withTimeout } from '../../lib/time.ts';
import { openView, type ReplyPlace } from '../api/reply.ts';
import { ASSIGNEE, type CALLBACKS, EDITED, FEEDBACK, OPTION } from '../app/ids.ts';
import { currentCardLink, isNoteSent, type SlackApp } from '../slack-app.ts';
import type { Sentence, Texts } from '../texts/texts.ts';
import {
  buildApproveModal,
  buildAssignModal,
  buildBlockModal,
  buildChoiceModal,
  buildEditModal,
  buildGiveUpModal,
  buildOtherAnswerModal,
  buildRevisionModal,
  buildValuesModal,
  type TypedTexts,
} from '../views/modals/decision-modals.ts';
import { cleanTyped } from '../views/text/escape.ts';
import { describeReadingRefusal, describeRefusal } from '../views/text/sentences.ts';

/** A field of a modal by its ids. */
export interface ModalField {
  block: string;
  action: string;
}

/** The initial content of a form: the clicked option, or a text for its field. */
interface InitialInput {
  option?: number;
  text?: string;
}

/** The texts and choices that a person entered in a form. */
export interface FormInput extends TypedTexts {
  assignee: string;
  edited: string;
  /** Index of the chosen option of a Flow or a program; -1: none. */
  option: number;
  /** Values of the round's fields. */
  values?: FieldValues;
  /** The form has announced that its text stays in the thread. */
  forPeople: boolean;
}

/** A modal in which a person decides. */
export interface DecisionForm {
  build?(
    app: SlackApp,
    texts: Texts,
    approval: Approval,
    target: Target,
    initial?: InitialInput,
  ): Promise<View> | View;
  /** Required fields: a form of another version of the bot can lack them. */
  fields: readonly ModalField[];
  /** Sentence about a blank text; undefined: no text is required. */
  missing?: Sentence;
  readRequest(input: FormInput): PersonRequest;
  /** Finds why the bot cannot accept the input, if that depends on the output. */
  check?(app: SlackApp, target: Target, input: FormInput): Promise<Sentence | undefined>;
}

/** True if the form of a decision asks for values. If one person has entered some, the others only agree to them. */
function takesValues(
  approval: Approval,
  { round: number }: Target,
  choice: Pick<Decision, 'action' | 'option'>,
): boolean {
  const round = findRound(approval, number);
  return round !== undefined && needsValues(round.question, choice);
}

type OpenableForm = DecisionForm & Required<Pick<DecisionForm, 'build'>>;

const outputOf = (app: SlackApp, approval: Approval) => loadOutput(app, approval, currentRound(approval));

/** The forms, by the name of their modal's callback. */
export const FORMS = {
  revision: {
    build: async (app, texts, approval, target, initial) =>
      buildRevisionModal(texts, approval, target, await outputOf(app, approval), initial?.text),
    fields: [FEEDBACK],
    missing: ({ refusals }) => refusals.feedbackMissing,
    readRequest: ({ feedback, note }) => ({ type: 'decide', action: 'request_revision', feedback, note }),
  },
  approveWithNote: {
    build: async (app, texts, approval, target) =>
      takesValues(approval, target, { action: 'approve' })
        ? buildValuesModal(texts, approval, target, await outputOf(app, approval))
        : buildApproveModal(
            texts,
            approval,
            target,
            await outputOf(app, approval),
            isNoteSent(app, approval),
          ),
    fields: [FEEDBACK],
    missing: ({ refusals }) => refusals.noteMissing,
    readRequest: ({ feedback, note, forPeople }) => ({
      type: 'decide',
      action: 'approve',
      ...(forPeople ? { note: feedback } : { feedback, note }),
    }),
  },
  /** The note stays in the thread, unless the program that asked takes a text. */
  chooseWithNote: {
    build: async (app, texts, approval, target, initial) =>
      takesValues(approval, target, { action: 'choose', option: initial?.option })
        ? buildValuesModal(texts, approval, target, await outputOf(app, approval), initial?.option)
        : buildChoiceModal(texts, approval, target, await outputOf(app, approval), initial?.option),
    fields: [FEEDBACK, OPTION],
    missing: ({ refusals }) => refusals.choiceNoteMissing,
    readRequest: ({ feedback, note, option, forPeople }) => ({
      type: 'decide',
      action: 'choose',
      option,
      ...(forPeople ? { note: feedback } : { feedback, note }),
    }),
  },
  /** Sends values with an option or an approval. The round has the fields. */
  enterValues: {
    build: async (app, texts, approval, target) => {
      const option = findRound(approval, target.round)?.entered?.option;
      return buildValuesModal(texts, approval, target, await outputOf(app, approval), option);
    },
    fields: [],
    readRequest: ({ feedback, note, values, option }) => ({
      type: 'decide',
      ...(option === -1 ? { action: 'approve' } : { action: 'choose', option }),
      feedback,
      note,
      values,
    }),
  },
  /** The agent reads the reason. */
  block: {
    build: (_, texts, approval, target) => buildBlockModal(texts, approval, target),
    fields: [FEEDBACK],
    missing: ({ refusals }) => refusals.reasonMissing,
    readRequest: ({ feedback, note }) => ({
      type: 'decide',
      action: 'choose',
      option: BLOCK,
      feedback,
      note,
    }),
  },
  /** A pause takes the text as feedback, a program as the output. */
  edit: {
    build: async (app, texts, approval, target) =>
      buildEditModal(texts, approval, target, await outputOf(app, approval)),
    fields: [EDITED],
    // A field changes line ends, and cannot hold some characters.
    check: async (app, target, { edited }) => {
      const approval = (await app.store.approval(target.approvalId))?.record;
      const round = approval && findRound(approval, target.round);
      const shown = round && cleanTyped(formatOutput(await loadOutput(app, approval, round)));
      return shown === edited ? ({ refusals }) => refusals.decide.nothing_edited : undefined;
    },
    readRequest: ({ edited, option, note }) =>
      option === -1
        ? { type: 'decide', action: 'approve', edited, note }
        : { type: 'decide', action: 'choose', option, edited, note },
  },
  otherAnswer: {
    build: async (app, texts, approval, target) =>
      buildOtherAnswerModal(texts, approval, target, await outputOf(app, approval)),
    fields: [FEEDBACK],
    missing: ({ refusals }) => refusals.answerMissing,
    readRequest: ({ feedback, note }) => ({ type: 'decide', action: 'choose', feedback, note }),
  },
  assign: {
    build: (_, texts, approval, target) => buildAssignModal(texts, approval, target),
    fields: [ASSIGNEE],
    readRequest: ({ assignee }) => ({ type: 'assign', to: assignee }),
  },
  giveUp: {
    build: (_, texts, approval, target) => buildGiveUpModal(texts, approval, target),
    fields: [],
    readRequest: () => ({ type: 'give_up' }),
  },
} satisfies Record<keyof typeof CALLBACKS, DecisionForm>;

/** The click that opens a modal, and the client to open it with. */
export interface ModalRequest {
  client: WebClient;
  target: Target;
  by: string;
  place: ReplyPlace;
  initial?: InitialInput;
}

/** The forms that a button or an entry of a menu opens. */
export type OpenedForm = {
  [Name in keyof typeof FORMS]: (typeof FORMS)[Name] extends { build: unknown } ? Name : never;
}[keyof typeof FORMS];

/** Opens a form for a round, unless the person cannot decide it. Decides nothing. */
export async function openForm(app: SlackApp, name: OpenedForm, request: ModalRequest): Promise<void> {
  await openModal(app, request, {
    check: async (target, by) => {
      const checked = await checkDecider(app, target, by);
      return name === 'revision' ? refuseReview(checked, target.round) : checked;
    },
    build: (texts, { approval }, target) =>
      (FORMS[name] as OpenableForm).build(app, texts, approval, target, request.initial),
  });
}

/** Refuses a form for feedback if the round takes only options, before a person types for nothing. */
function refuseReview(checked: RequestResult, number: number): RequestResult {
  const round = checked.done ? findRound(checked.approval, number) : undefined;
  const options = round && listOptions(round);
  if (!checked.done || !round || !options) return checked;
  return {
    done: false,
    refusal: canBeAnswered(round)
      ? { code: 'no_such_option', options }
      : { code: 'answer_in_crewai', host: round.review?.blockedHost },
    approval: checked.approval,
  };
}

/** A trigger expires 3 s after the click, so reading the approval must leave time to open the modal. */
export const READ_TIMEOUT = 1_200;

/** Opens a modal for a round if the person may use it; else replies why not, and records that refusal after the reply. */
export async function openModal(
  app: SlackApp,
  { client, target, by, place }: ModalRequest,
  {
    check,
    build,
    isReading = false,
  }: {
    check: (target: Target, by: string) => Promise<RequestResult>;
    /** `target`: for the modal's private_metadata, with the click on the card. */
    build: (texts: Texts, answer: RequestResult & { done: true }, target: Target) => Promise<View> | View;
    /** The modal only shows something. */
    isReading?: boolean;
  },
): Promise<void> {
  const { reply, links, log } = app;
  const logFields = { approval: target.approvalId, person: by };
  const checked = await withTimeout(READ_TIMEOUT, async () => {
    const answer = await check(target, by);
    if (!answer.done) return { answer };
    const opened = addCardClick(app, answer.approval, target, by);
    return { answer, view: await build(await place.texts(), answer, opened) };
  }).catch((error: unknown) => log.error({ ...logFields, error }, 'approval not read'));
  if (!checked)
    await reply(place, ({ refusals }) => (isReading ? refusals.notLookedUp : refusals.notRecorded));
  else if (!checked.answer.done) {
    const { refusal } = checked.answer;
    const describe = isReading ? describeReadingRefusal : describeRefusal;
    log.info({ ...logFields, round: target.round, reason: refusal.code }, 'modal not opened');
    const link = currentCardLink(checked.answer, links);
    await reply(place, (texts) => describe(texts, refusal, link));
    await recordRefusedReader(app, target, by, refusal);
  } else if (checked.view) {
    try {
      await openView(client, place, checked.view);
    } catch (error) {
      log.error({ ...logFields, error }, 'modal not opened');
      await reply({ ...place, triggerId: undefined }, ({ refusals }) =>
        isReading ? refusals.windowNotOpened : refusals.formNotOpened,
      );
    }
  }
  await adoptClickedCard(app, target, by);
}

/** A click on the approval's card goes with the modal: it proves that this person sees the card. */
function addCardClick(app: SlackApp, approval: Approval, target: Target, by: string): Target {
  const { card, via } = target;
  if (via !== 'card' || !card || !isOnCard(app, approval, target, by)) return target;
  const { channel, ts } = card;
  return { ...target, openedOn: { by, at: app.clock.now(), channel, ts } };
}
