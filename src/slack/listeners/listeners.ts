import type {
  AckFn,
  AllMiddlewareArgs,
  BlockAction,
  App as Bolt,
  GlobalShortcut,
  MessageShortcut,
  SlackActionMiddlewareArgs,
  ViewSubmitAction,
} from '@slack/bolt';
import type { PersonRequest } from '../../approval/lifecycle/events.ts';
import { ALLOW_TOOL } from '../../approval/model/tool-call.ts';
import { getOwn } from '../../lib/own-member.ts';
import { isOfLaterVersion, readChoiceValue, readOptionIndex, writeTarget } from '../app/button-values.ts';
import {
  ACTIONS,
  CALLBACKS,
  DETAILS_SHORTCUT,
  MENU,
  OPTION_BUTTONS,
  OPTION_FORM_BUTTONS,
} from '../app/ids.ts';
import { textsOf } from '../app/languages.ts';
import type { Interaction } from '../app/late-clicks.ts';
import type { Feature } from '../feature.ts';
import type { SlackApp } from '../slack-app.ts';
import type { LoadTexts } from '../texts/texts.ts';
import {
  type Click,
  type ClickRow,
  mapById,
  readActionValue,
  readClick,
  recordClick,
  rememberClick,
  replyUnreadable,
} from './click.ts';
import { runCommand, turnListPage } from './command.ts';
import { FORMS, type OpenedForm, openForm } from './forms.ts';
import { openDetails, openDetailsOfMessage, openOutput, turnOutputPage } from './reading.ts';
import { showRunStatus } from './run-status.ts';
import { buildKeepOpenResponse, rejectUnknownForm, type Submission, submitForm } from './submit-form.ts';

/** A button or menu entry whose click is recorded at once. */
const recordOnClick = (ask: PersonRequest): ClickRow => ({
  decides: true,
  onClick: (app, click) => recordClick(app, click, readClick(click, click.value), ask),
});

/** A button or menu entry that opens a form. */
const openOnClick = (form: OpenedForm): ClickRow => ({
  async onClick(app, click) {
    await click.ack();
    const { target, by, place } = readClick(click, click.value);
    if (!target) return replyUnreadable(app, click, ({ refusals }) => refusals.decide.unknown);
    await openForm(app, form, { client: click.client, target, by, place });
  },
});

/** An option of a question, a tool call or a review; the value has its index. */
const chooseOnClick: ClickRow = {
  decides: true,
  onClick(app, click) {
    const choice = readChoiceValue(click.value);
    const clickedRound = readClick(click, choice && writeTarget(choice.target));
    const option = readOptionIndex(choice?.what);
    return recordClick(app, click, clickedRound, { type: 'decide', action: 'choose', option });
  },
};

/** An option that requires a text or values: opens the form, with the option chosen if the value has its index. */
const writeOnClick: ClickRow = {
  async onClick(app, click) {
    await click.ack();
    const choice = readChoiceValue(click.value);
    const { target, by, place } = readClick(click, choice && writeTarget(choice.target));
    if (!target) return replyUnreadable(app, click, ({ refusals }) => refusals.decide.unknown);
    const option = readOptionIndex(choice?.what);
    await openForm(app, 'chooseWithNote', { client: click.client, target, by, place, initial: { option } });
  },
};

/** The listeners of buttons and menus. */
const CLICKS: Record<keyof typeof ACTIONS, ClickRow> = {
  approve: recordOnClick({ type: 'decide', action: 'approve' }),
  approveWithText: openOnClick('approveWithNote'),
  requestRevision: openOnClick('revision'),
  chooseFromList: chooseOnClick,
  otherAnswer: openOnClick('otherAnswer'),
  writeFromList: writeOnClick,
  retry: recordOnClick({ type: 'retry' }),
  giveUp: recordOnClick({ type: 'give_up' }),
  undo: recordOnClick({ type: 'undo' }),
  endPermission: recordOnClick({ type: 'end_permission' }),
  more: { decides: true, onClick: chooseFromMenu },
  readInFull: { onClick: (app, click) => openOutput(app, click, 'output') },
  whatChanged: { onClick: (app, click) => openOutput(app, click, 'changes') },
  readOptions: { onClick: (app, click) => openOutput(app, click, 'options') },
  readState: { onClick: turnOutputPage },
  pageNewer: { onClick: turnListPage },
  pageOlder: { onClick: turnListPage },
  open: { onClick: openDetails },
  pageBefore: { onClick: turnOutputPage },
  pageAfter: { onClick: turnOutputPage },
  pageFirst: { onClick: turnOutputPage },
  pageLast: { onClick: turnOutputPage },
  runStatus: { onClick: showRunStatus },
};

/** The listeners of the entries in a card's menu. */
const MENU_ENTRIES: Record<keyof typeof MENU, ClickRow> = {
  approveWithNote: openOnClick('approveWithNote'),
  chooseWithNote: openOnClick('chooseWithNote'),
  block: openOnClick('block'),
  allowTool: recordOnClick({ type: 'decide', action: 'choose', option: ALLOW_TOOL }),
  edit: openOnClick('edit'),
  enterOther: openOnClick('enterValues'),
  claim: recordOnClick({ type: 'claim' }),
  release: recordOnClick({ type: 'release' }),
  assign: openOnClick('assign'),
  giveUp: openOnClick('giveUp'),
  details: { onClick: openDetails },
};

const CLICK_OF_ID = mapById(ACTIONS, CLICKS);
for (const id of OPTION_BUTTONS) CLICK_OF_ID[id] = chooseOnClick;
for (const id of OPTION_FORM_BUTTONS) CLICK_OF_ID[id] = writeOnClick;
const ENTRY_OF_ID = mapById(MENU, MENU_ENTRIES);
const MESSAGE_SHORTCUTS = new Map([[DETAILS_SHORTCUT as string, openDetailsOfMessage]]);
const FORM_OF_CALLBACK = new Map(
  (Object.keys(FORMS) as (keyof typeof FORMS)[]).map((name) => [CALLBACKS[name] as string, name]),
);

/** Finds the listener of a button, in the core or in a feature. */
function findClick(features: readonly Feature[], id: string): ClickRow | undefined {
  const featureClicks = features.map(({ clicks }) => clicks);
  return getOwn(CLICK_OF_ID, id) ?? findRow(featureClicks, id);
}

/** Finds the row for an id in the tables of the features. */
function findRow<Row>(
  tables: readonly (Readonly<Record<string, Row>> | undefined)[],
  id: string,
): Row | undefined {
  return tables.map((table) => getOwn(table, id)).find((row) => row !== undefined);
}

/** True if an interaction can record a decision or another request: any form, and clicks with `decides`. */
export function isDeciding(features: readonly Feature[], { type, actions = [] }: Interaction): boolean {
  if (type === 'view_submission') return true;
  return (
    type === 'block_actions' && actions.some(({ action_id: id }) => findClick(features, String(id))?.decides)
  );
}

/**
 * Connects each listener with its button, modal, shortcut, event or command. Tables of this file and of the features find the
 * listener of a button or modal: Bolt would ask every listener about each click, which takes longer than the rest of the way.
 */
export function registerListeners(bolt: Bolt, app: SlackApp, features: readonly Feature[]): void {
  const messageShortcuts = features.map((feature) => feature.messageShortcuts);
  const globalShortcuts = features.map((feature) => feature.globalShortcuts);
  bolt.action<BlockAction>({ type: 'block_actions' }, (args) => handleClick(app, features, args));
  bolt.view<ViewSubmitAction>({ type: 'view_submission' }, (args) => handleSubmission(app, features, args));
  bolt.shortcut<MessageShortcut>({ type: 'message_action' }, (args) => {
    const { callback_id: callback } = args.shortcut;
    const listener = MESSAGE_SHORTCUTS.get(callback) ?? findRow(messageShortcuts, callback);
    return (listener ?? rejectUnknownShortcut)(app, args);
  });
  bolt.shortcut<GlobalShortcut>({ type: 'shortcut' }, (args) => {
    const listener = findRow(globalShortcuts, args.shortcut.callback_id);
    return (listener ?? rejectUnknownShortcut)(app, args);
  });
  // Slack sends the same event for the Messages tab.
  bolt.event('app_home_opened', async ({ event }) => {
    if (event.tab === 'home') await app.home.open(event.user);
  });
  // Slack sends an app only its own commands, under any name that the workspace gives them.
  const commands = features.flatMap((feature) => feature.commands ?? []);
  bolt.command(/^\//, (args) => runCommand(app, commands, args));
}

async function handleClick(
  app: SlackApp,
  features: readonly Feature[],
  { ack, action, body, client, context }: SlackActionMiddlewareArgs<BlockAction> & AllMiddlewareArgs,
): Promise<void> {
  rememberClick(app, body);
  const click: Click = { ack, body, client, value: readActionValue(action), texts: textsOf({ context }) };
  // After a downgrade, messages may have buttons of the newer version.
  await (findClick(features, action.action_id)?.onClick ?? rejectUnknownButton)(app, click);
}

async function handleSubmission(
  app: SlackApp,
  features: readonly Feature[],
  submission: Submission,
): Promise<void> {
  const { callback_id: callback } = submission.view;
  const featureSubmissions = features.map(({ submissions }) => submissions);
  const featureListener = findRow(featureSubmissions, callback);
  if (featureListener) return featureListener(app, submission);
  const form = FORM_OF_CALLBACK.get(callback);
  await (form ? submitForm(app, form, submission) : rejectUnknownForm(app, submission));
}

/** A person chose in the menu beside the buttons: some choices are recorded at once, the others open a modal. */
async function chooseFromMenu(app: SlackApp, click: Click): Promise<void> {
  const choice = readChoiceValue(click.value);
  const { onClick = rejectUnknownButton } = (choice && getOwn(ENTRY_OF_ID, choice.what)) ?? {};
  await onClick(app, choice ? { ...click, value: writeTarget(choice.target) } : click);
}

async function rejectUnknownButton(app: SlackApp, click: Click): Promise<void> {
  await click.ack();
  const { by, place } = readClick(click, click.value);
  const [{ action_id: action } = {}] = click.body.actions ?? [];
  app.log.warn({ person: by, action }, 'unknown button clicked');
  const isLater = isOfLaterVersion(click.value);
  await app.reply(place, ({ refusals }) => (isLater ? refusals.laterVersion : refusals.unknownButton));
}

/** Answers a shortcut of another manifest: without an ack, Slack shows that the app did not respond. */
async function rejectUnknownShortcut(
  app: SlackApp,
  {
    ack,
    shortcut,
    context,
  }: { ack: () => Promise<void>; shortcut: GlobalShortcut | MessageShortcut } & Pick<
    AllMiddlewareArgs,
    'context'
  >,
): Promise<void> {
  await ack();
  app.log.warn({ person: shortcut.user.id, shortcut: shortcut.callback_id }, 'unknown shortcut used');
  await app.reply(
    { user: shortcut.user.id, texts: textsOf({ context }) },
    ({ refusals }) => refusals.unknownShortcut,
  );
}

/** Answers an interaction that is too old to decide anything. Nothing is recorded, and a form keeps what was entered. */
export async function replyTooLate(
  { reply, log }: Pick<SlackApp, 'reply' | 'log'>,
  body: BlockAction | ViewSubmitAction,
  { ack, texts }: { ack: AckFn<unknown>; texts: LoadTexts },
): Promise<void> {
  const place =
    body.type === 'view_submission'
      ? { user: body.user.id, texts }
      : readClick({ body, texts }, undefined).place;
  log.warn({ person: place.user }, 'click too old, not decided');
  const isForm = body.type === 'view_submission';
  const keptForm = isForm
    ? buildKeepOpenResponse(await texts(), body.view, ({ refusals }) => refusals.tooLate)
    : undefined;
  await ack(keptForm).catch(() => {});
  await reply(place, ({ refusals }) => refusals.tooLate);
}
