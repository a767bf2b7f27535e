import type { Language } from './language.ts';
import type { CrewRules } from './task-rules.ts';
import type { HumanInputWebhook, WebhookUrls } from './webhook-urls.ts';

/** Settings of an input on the start form. */
export interface InputSettings {
  label?: string | undefined;
  /** Initial value of the field. */
  default?: string | undefined;
  choices?: readonly string[] | undefined;
  multiline?: boolean | undefined;
  /** A fixed value: sent unchanged, not shown on the form. */
  hidden?: string | number | boolean | undefined;
}

/** A deployed crew, as far as approvals need it. */
export interface Crew extends CrewRules {
  name: string;
  /** Channels that a run may choose from, the crew's own included. */
  channels: readonly string[];
  /** Webhook URLs from the settings. */
  webhookUrls: WebhookUrls;
  /** This bot's endpoints for the crew, under PUBLIC_URL. */
  ownUrls: WebhookUrls;
  /** This bot's human-input endpoint in two forms: an object whose secret goes into a header, and a URL with the secret. */
  ownHumanInput?: { object: HumanInputWebhook; string: HumanInputWebhook };
  /** Answer for an approve without a note; in the live dialect, for every approve. */
  approvalText: string;
  /** Line before the text of a revision. In the live dialect, only the text tells CrewAI the decision. */
  revisionText: string;
  /** People who may look up the crew's approvals: those in its channels and rules, or everyone in the workspace. */
  lookUps: 'members' | 'everyone';
  /** Language of the messages about the crew. */
  language: Language;
  /** Cards show the agent's steps: the inputs of its tools and their results. */
  showSteps?: boolean;
  /** Tools that people may allow for the rest of a run. */
  allowToolsForRun?: readonly string[];
  /** How long a receipt of an answer holds, in milliseconds. */
  receiptFor?: number;
  /** Notifications contain the beginning of the output: it appears on lock screens. */
  preview?: boolean;
  /** Time from the settling of an approval to its deletion, in milliseconds; absent: never deleted. */
  retention?: number;
  /** Patterns of the task webhooks that become cards (matchesTask); empty: all. */
  approveTasks: readonly string[];
  /** How people start its runs from Slack: with the inputs of a crew or of a Flow, or through a program; absent: they cannot. */
  starts?: 'crew' | 'flow' | 'program' | undefined;
  /** Slack ids of people who may start its runs; empty: the members of its channel, guests only if the crew allows them. */
  starters?: readonly string[];
  /** Settings of the inputs, by name. */
  inputs?: Readonly<Record<string, InputSettings>>;
  /** Tokens and secrets that no text from CrewAI may show (hide-secrets.ts). */
  secrets?: readonly string[];
  /** Dialect of the crew's platform: learned (`auto`) or set (`camelcase` is the live one). */
  resumeFormat: 'auto' | 'documented' | 'camelcase';
}

/** Lists everything that a crew's cards may go to: channels, and users for direct messages. */
export function listChannels({ channels, tasks }: Crew): string[] {
  return [...channels, ...tasks.flatMap(({ channel }) => (channel === undefined ? [] : [channel]))];
}
