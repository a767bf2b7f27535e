import type {
  AllMiddlewareArgs,
  App,
  BlockAction,
  GlobalShortcut,
  SlackActionMiddlewareArgs,
  ViewSubmitAction,
} from '@slack/bolt';
import type { Home } from '../api/home.ts';
import { ACTIONS, CALLBACKS, DETAILS_SHORTCUT, START_SHORTCUT } from '../app/ids.ts';
import { approve } from './buttons/approve.ts';
import { choose, chooseFromList } from './buttons/choose.ts';
import { giveUp } from './buttons/give-up.ts';
import { chooseFromMenu } from './buttons/more-menu.ts';
import { openDetails } from './buttons/open-details.ts';
import { readInFull, showChanges } from './buttons/open-output.ts';
import { openOtherAnswer } from './buttons/other-answer.ts';
import type { ButtonArgs } from './buttons/read-click.ts';
import { requestRevision } from './buttons/request-revision.ts';
import { retry } from './buttons/retry.ts';
import { turnListPage } from './buttons/turn-list-page.ts';
import { turnOutputPage } from './buttons/turn-output-page.ts';
import { undo } from './buttons/undo.ts';
import { rejectUnknownButton } from './buttons/unknown-button.ts';
import { runCommand } from './command/run-command.ts';
import type { ListenerContext } from './context.ts';
import { openDetailsOfMessage } from './details-shortcut.ts';
import type { SubmissionArgs } from './modals/record-submission.ts';
import { submitApproval } from './modals/submit-approval.ts';
import { submitAssignee } from './modals/submit-assignee.ts';
import { submitChoice } from './modals/submit-choice.ts';
import { submitGiveUp } from './modals/submit-give-up.ts';
import { submitOtherAnswer } from './modals/submit-other-answer.ts';
import { submitRevision } from './modals/submit-revision.ts';
import { openHome } from './open-home.ts';
import { runAgain, showRunStatus, startFromHome } from './runs/run-buttons.ts';
import { startByShortcut } from './runs/start-shortcut.ts';
import { submitCrew, submitStart } from './runs/submit-start.ts';

type ActionArgs = SlackActionMiddlewareArgs<BlockAction> & AllMiddlewareArgs;
type MenuArgs = Parameters<typeof chooseFromMenu>[1];
type ListArgs = Parameters<typeof chooseFromList>[1];
type ButtonListener = (context: ListenerContext, args: ButtonArgs) => Promise<void>;
type SubmissionListener = (context: ListenerContext, args: SubmissionArgs) => Promise<void>;

const BUTTONS: Record<Exclude<keyof typeof ACTIONS, 'more' | 'chooseFromList'>, ButtonListener> = {
  approve,
  choose1: choose,
  choose2: choose,
  choose3: choose,
  choose4: choose,
  choose5: choose,
  otherAnswer: openOtherAnswer,
  requestRevision,
  retry,
  giveUp,
  undo,
  readInFull,
  whatChanged: showChanges,
  readState: turnOutputPage,
  pageNewer: turnListPage,
  pageOlder: turnListPage,
  open: openDetails,
  pageBefore: turnOutputPage,
  pageAfter: turnOutputPage,
  pageFirst: turnOutputPage,
  pageLast: turnOutputPage,
  runAgain,
  runStatus: showRunStatus,
  startCrew: startFromHome,
};

const SUBMISSIONS: Record<keyof typeof CALLBACKS, SubmissionListener> = {
  revision: submitRevision,
  approveWithNote: submitApproval,
  chooseWithNote: submitChoice,
  otherAnswer: submitOtherAnswer,
  assign: submitAssignee,
  giveUp: submitGiveUp,
  chooseCrew: submitCrew,
  startRun: submitStart,
};

const LISTENER_OF_BUTTON = new Map(
  Object.entries(BUTTONS).map(([name, listener]) => [
    ACTIONS[name as keyof typeof BUTTONS] as string,
    listener,
  ]),
);
const LISTENER_OF_MODAL = new Map(
  Object.entries(SUBMISSIONS).map(([name, listener]) => [
    CALLBACKS[name as keyof typeof CALLBACKS] as string,
    listener,
  ]),
);

/**
 * Connects each listener with the button, modal, shortcut, event or command that it is for. Buttons and modals are looked
 * up here: Bolt asks each of its listeners about each click, which takes longer than the rest of the way to the listener.
 */
export function registerListeners(app: App, context: ListenerContext, home: Home): void {
  app.action<BlockAction>({ type: 'block_actions' }, (args) => callActionListener(context, args));
  app.view<ViewSubmitAction>({ type: 'view_submission' }, async (args) => {
    await LISTENER_OF_MODAL.get(args.view.callback_id)?.(context, args);
  });
  app.shortcut({ type: 'message_action', callback_id: DETAILS_SHORTCUT }, (args) =>
    openDetailsOfMessage(context, args),
  );
  app.shortcut<GlobalShortcut>({ type: 'shortcut', callback_id: START_SHORTCUT }, (args) =>
    startByShortcut(context, args),
  );
  app.event('app_home_opened', (args) => openHome(home, args));
  // Slack sends an app only its own commands, under any name that the workspace gives them.
  app.command(/^\//, (args) => runCommand(context, args));
}

function callActionListener(context: ListenerContext, args: ActionArgs): Promise<void> {
  const { action_id } = args.action;
  if (action_id === ACTIONS.more) return chooseFromMenu(context, args as MenuArgs);
  if (action_id === ACTIONS.chooseFromList) return chooseFromList(context, args as ListArgs);
  // After a downgrade, messages may have buttons of the newer version.
  return (LISTENER_OF_BUTTON.get(action_id) ?? rejectUnknownButton)(context, args as ButtonArgs);
}
