import type { Dialect } from './dialect.ts';
import { type Execution, pausesByHumanInput } from './execution.ts';
import type { RulesOfTasks, TaskRules } from './task-rules.ts';
import {
  forwarded,
  type HumanInputWebhook,
  isForwarded,
  type ResolvedUrls,
  resolveUrls,
  type WebhookUrls,
} from './webhook-urls.ts';

/** One deployed crew, as far as approvals need it: no token, no secret but those inside its own webhook URLs. */
export interface Crew extends TaskRules {
  name: string;
  /** Channels that a run may choose from; its own is one of them. */
  channels: readonly string[];
  /** Rules of some of its tasks. */
  tasks: readonly RulesOfTasks[];
  /** The settings' webhook URLs. */
  webhookUrls: WebhookUrls;
  /** Hosts that its and its runs' webhook URLs may have (webhook-urls.ts); undefined: any. */
  urlHosts?: readonly string[] | undefined;
  /** This bot's own endpoints for the crew, under PUBLIC_URL. */
  ownUrls: WebhookUrls;
  /** Its human-input endpoint, as an object whose secret goes into a header, and as a URL that carries it. */
  ownHumanInput?: { object: HumanInputWebhook; string: HumanInputWebhook };
  /** Sent as the answer of an approve that has no note; on the live dialect of every approve. */
  approvalText: string;
  /** The line before a revision where the text alone decides (live dialect). */
  revisionText: string;
  /** Who may look its approvals up: those in its channels and its approvers, or everyone in the workspace. */
  lookUps: 'members' | 'everyone';
  /** Notifications carry the beginning of the output: they are on lock screens. */
  preview?: boolean;
  /** Its approvals are deleted so long after they were settled, in milliseconds; undefined: never. */
  retention?: number;
  /** Which of its task webhooks become cards (task-patterns.ts); empty: all. */
  approveTasks: readonly string[];
  /** Which dialect its platform speaks: learned, or set (`camelcase` is the live one). */
  resumeFormat: 'auto' | 'documented' | 'camelcase';
}

/**
 * The human-input webhook that a decision is sent with, and where it was learnt: registered, named in `meta`, or the
 * bot's own. The bot's own goes with every decision on the live dialect, and else only where the run's pauses come
 * through human-input webhooks. It is sent in the form in which it came.
 */
export function humanInputToSend(
  { urlHosts, ownHumanInput }: Crew,
  execution: Execution,
  dialect: Dialect,
  roundCameThroughIt: boolean,
): { webhook: HumanInputWebhook; from: 'registered' | 'meta' | 'bot' } | undefined {
  const { registeredHumanInput: registered, metaHumanInputUrl, humanInputForm } = execution;
  const wanted = dialect === 'live' || roundCameThroughIt || pausesByHumanInput(execution);
  if (!wanted) return undefined;
  if (registered && isForwarded(registered.url, urlHosts)) return { webhook: registered, from: 'registered' };
  if (metaHumanInputUrl !== undefined && isForwarded(metaHumanInputUrl, urlHosts))
    return { webhook: { url: metaHumanInputUrl, form: 'string' }, from: 'meta' };
  const form = humanInputForm ?? (dialect === 'documented' ? 'object' : 'string');
  return ownHumanInput && { webhook: ownHumanInput[form], from: 'bot' };
}

/** The webhook URLs that a decision on this run is sent with, and where each was learnt. */
export function urlsToSend(crew: Crew, execution: Execution): ResolvedUrls {
  const { urlHosts: hosts } = crew;
  return resolveUrls({
    registered: forwarded(execution.registeredUrls, hosts),
    meta: forwarded(execution.metaUrls, hosts),
    settings: forwarded(crew.webhookUrls, hosts),
    bot: crew.ownUrls,
  });
}

/** All that a crew's cards may go to: channels, and users for direct messages. */
export function allChannels({ channels, tasks }: Crew): string[] {
  return [...channels, ...tasks.flatMap(({ channel }) => (channel === undefined ? [] : [channel]))];
}
