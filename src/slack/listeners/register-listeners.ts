import type {
  App,
  BlockAction,
  ButtonAction,
  GlobalShortcut,
  OverflowAction,
  StaticSelectAction,
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

/** After a downgrade, messages may have buttons of the newer version. */
const UNKNOWN_ACTION = new RegExp(`^(?!(?:${Object.values(ACTIONS).join('|')})$)`);

/** Connects each listener with the button, modal, shortcut, event or command that it is for. */
export function registerListeners(app: App, context: ListenerContext, home: Home): void {
  for (const [name, listener] of Object.entries(BUTTONS)) {
    const action_id = ACTIONS[name as keyof typeof BUTTONS];
    registerButton(app, action_id, (args) => listener(context, args));
  }
  registerButton(app, UNKNOWN_ACTION, (args) => rejectUnknownButton(context, args));
  app.action<BlockAction<OverflowAction>>({ type: 'block_actions', action_id: ACTIONS.more }, (args) =>
    chooseFromMenu(context, args),
  );
  app.action<BlockAction<StaticSelectAction>>(
    { type: 'block_actions', action_id: ACTIONS.chooseFromList },
    (args) => chooseFromList(context, args),
  );
  for (const [name, listener] of Object.entries(SUBMISSIONS)) {
    const callback_id = CALLBACKS[name as keyof typeof CALLBACKS];
    app.view<ViewSubmitAction>({ type: 'view_submission', callback_id }, (args) => listener(context, args));
  }
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

function registerButton(
  app: App,
  action_id: string | RegExp,
  listener: (args: ButtonArgs) => Promise<void>,
): void {
  app.action<BlockAction<ButtonAction>>({ type: 'block_actions', action_id }, listener);
}
