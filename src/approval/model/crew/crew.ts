import type { Language } from './language.ts';
import type { RulesOfTasks, TaskRules } from './task-rules.ts';
import type { HumanInputWebhook, WebhookUrls } from './webhook-urls.ts';

/** How the form asks for an input. */
export interface InputSettings {
  label?: string | undefined;
  /** What the field begins with. */
  default?: string | undefined;
  choices?: readonly string[] | undefined;
  multiline?: boolean | undefined;
  /** Sent as it is, and neither asked for nor shown. */
  hidden?: string | number | boolean | undefined;
}

/** One deployed crew, as far as approvals need it. */
export interface Crew extends TaskRules {
  name: string;
  /** Channels that a run may choose from; its own is one of them. */
  channels: readonly string[];
  /** Rules of some of its tasks. */
  tasks: readonly RulesOfTasks[];
  /** The settings' webhook URLs. */
  webhookUrls: WebhookUrls;
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
  /** Of the messages about it. */
  language: Language;
  /** Cards show the steps of the agent: the inputs of its tools and what they gave. */
  showSteps?: boolean;
  /** Tools that people may allow for the rest of a run. */
  allowToolsForRun?: readonly string[];
  /** Notifications carry the beginning of the output: they are on lock screens. */
  preview?: boolean;
  /** Approvals are deleted this long after they were settled, in milliseconds; undefined: never. */
  retention?: number;
  /** Which of its task webhooks become cards (matchesTask); empty: all. */
  approveTasks: readonly string[];
  /** How its runs are started from Slack: with the inputs of a crew or of a Flow, or by a program; absent: not at all. */
  starts?: 'crew' | 'flow' | 'program' | undefined;
  /** Who may start its runs; empty: the members of its channel, except guests. */
  starters?: readonly string[];
  /** How its inputs are asked for, by their names. */
  inputs?: Readonly<Record<string, InputSettings>>;
  /** Its tokens and secrets, which no text that CrewAI wrote may show (hide-secrets.ts). */
  secrets?: readonly string[];
  /** Which dialect its platform speaks: learned, or set (`camelcase` is the live one). */
  resumeFormat: 'auto' | 'documented' | 'camelcase';
}

/** All that a crew's cards may go to: channels, and users for direct messages. */
export function listChannels({ channels, tasks }: Crew): string[] {
  return [...channels, ...tasks.flatMap(({ channel }) => (channel === undefined ? [] : [channel]))];
}
