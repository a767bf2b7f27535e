import type { Dialect } from '../crewai/dialect.ts';
import type { FlowDeployment } from '../crewai/flow/deployment.ts';
import type { Platform } from '../crewai/platform.ts';
import type { Scene, ShownFile, ShownMessage } from '../page/scene.ts';
import { readViewpoint } from '../page/viewpoint.ts';
import { interactive } from '../slack/blocks/blocks.ts';
import type { Ephemeral, Message } from '../slack/state.ts';
import type { Workspace } from '../slack/workspace.ts';
import { CREW, tasks } from './crew/crew.ts';
import { FAILURES, type Mishaps } from './crew/failures.ts';
import { ABOUT_PAYMENTS, PAYMENTS, paymentTasks } from './crew/payments.ts';
import { APP, CHANNELS, PERSONAS } from './crew/people.ts';
import type { Decisions } from './decisions.ts';
import { OUTCOMES } from './flow/drafts.ts';
import { ABOUT, FLOW, type Newsletter } from './flow/newsletter.ts';
import { buildGuide } from './guide.ts';
import type { BotProcess } from './process/bot-process.ts';
import { mapApprovalsToRuns, readApprovalId } from './run-of-card.ts';
import { listShownRuns } from './shown-runs.ts';
import type { Visitors } from './visitors.ts';
import type { WireLog } from './wire-log.ts';

const PREVIEW = 2_000;

/** Creates the function that builds the scene of a viewpoint: Slack, CrewAI and the bot. */
export function createSceneBuilder(world: {
  workspace: Workspace;
  platform: Platform;
  payments: Platform;
  deployment: FlowDeployment;
  newsletter: Newsletter;
  bot: BotProcess;
  wire: WireLog;
  dialect: Dialect;
  visitors: Visitors;
  mishaps: Mishaps;
  decisions: Pick<Decisions, 'of'>;
  language: () => string;
  askCommand: string;
}) {
  const { dialect, workspace, platform, payments, deployment, newsletter, bot, wire, visitors, mishaps } =
    world;

  function showFile(id: string): ShownFile[] {
    const file = workspace.files().find((other) => other.id === id);
    if (!file) return [];
    const { name, length, content } = file;
    const text = content?.toString('utf8') ?? '';
    return [{ id, name, length, preview: text.length > PREVIEW ? `${text.slice(0, PREVIEW)}…` : text }];
  }

  function showMessage(message: Message, runs: ReadonlyMap<string, string>): ShownMessage {
    const { ts, thread_ts, broadcast, text, blocks, user, edited, files = [] } = message;
    const run = runs.get(readApprovalId(blocks) ?? '');
    const decided = run === undefined ? undefined : world.decisions.of(blocks);
    const common = { ts, thread_ts, broadcast, text, blocks, user, onlyForYou: false, run, decided };
    return { ...common, edited: edited > 0, files: files.flatMap(showFile) };
  }

  function listConversation(person: string, at: string): ShownMessage[] {
    const inApp = at === 'home' || at === 'app';
    const messages = inApp ? workspace.directMessages(person) : workspace.messages(at);
    const ephemerals = workspace
      .ephemerals(person)
      .filter(({ channel }) => (inApp ? channel.startsWith('D') : channel === at))
      .map(showEphemeral);
    const runs = mapApprovalsToRuns([...platform.webhooks, ...payments.webhooks, ...deployment.webhooks]);
    return [...messages.map((message) => showMessage(message, runs)), ...ephemerals].sort(
      (first, second) => Number(first.ts) - Number(second.ts),
    );
  }

  return (query: URLSearchParams): Scene => {
    const viewpoint = readViewpoint(query, PERSONAS, CHANNELS);
    const messages = listConversation(viewpoint.as, viewpoint.at);
    const scene = {
      viewpoint,
      language: world.language(),
      personas: PERSONAS,
      channels: CHANNELS,
      app: APP,
      shortcuts: workspace.shortcuts,
      conversation: messages,
      home: workspace.home(viewpoint.as),
      modal: workspace.openView(viewpoint.as),
      errors: visitors.errors(viewpoint.as),
      crews: [
        { name: CREW, runs: listShownRuns(platform, tasks) },
        { name: PAYMENTS, about: ABOUT_PAYMENTS, runs: listShownRuns(payments, paymentTasks) },
      ],
      flow: { name: FLOW, about: ABOUT, outcomes: OUTCOMES, runs: newsletter.shown() },
      command: world.askCommand,
      wire: wire.latest(),
      dialect,
      bot: bot.shown(),
      failing: {
        crewai: platform.failures.left() - (mishaps.isKillPlanned() ? 1 : 0),
        slack: workspace.failures.left(),
        killAtDecision: mishaps.isKillPlanned(),
      },
      failures: FAILURES,
      waiting: messages.filter(isWaiting).map(({ ts }) => ts),
    };
    return { ...scene, guide: buildGuide(scene) };
  };
}

function showEphemeral({ ts, thread_ts, text, blocks }: Ephemeral): ShownMessage {
  return { ts, thread_ts, text, blocks, user: APP.id, edited: false, onlyForYou: true, files: [] };
}

/** True if a card asks people: a crew's with a primary button, a Flow's with the button for an answer in free text. */
function isWaiting({ blocks, onlyForYou }: ShownMessage): boolean {
  const interactiveElements = interactive((blocks ?? []) as Record<string, unknown>[]);
  return (
    !onlyForYou &&
    interactiveElements.some(
      ({ element }) => element.style === 'primary' || element.action_id === 'other_answer',
    )
  );
}
