import type { SeenView } from '../slack/workspace.ts';
import type { Viewpoint } from './viewpoint.ts';

/** A person of the demo. A visitor acts as one of them. */
export interface Persona {
  id: string;
  name: string;
  /** Rights of the person, in a word or two. */
  role: string;
}

export interface ShownFile {
  id: string;
  name: string;
  length: number;
  /** Beginning of the text. */
  preview: string;
}

/** A message of a conversation, as one person sees it. */
export interface ShownMessage {
  ts: string;
  thread_ts?: string | undefined;
  /** True for a reply that the channel shows too. */
  broadcast?: boolean | undefined;
  text: string;
  blocks?: readonly unknown[] | undefined;
  /** Id of the author. */
  user: string;
  edited: boolean;
  onlyForYou: boolean;
  files: readonly ShownFile[];
  /** Id of the run of a crew or a Flow to which a card belongs. */
  run?: string | undefined;
  /** Decisions on a card. `by`: ids of the people whose decisions count; `isClosed`: closed without a decision. */
  decided?: { by: readonly string[]; isClosed: boolean } | undefined;
}

export interface ShownTask {
  name: string;
  agent: string;
  needsPerson: boolean;
  /** Examples of feedback that the task follows. */
  feedbackExamples: readonly string[];
  state: 'to come' | 'running' | 'waiting' | 'done';
  /** Feedback and decision on each output of the task, oldest first. */
  rounds: readonly { feedback?: string | undefined; approved?: boolean | undefined }[];
}

export interface ShownRun {
  id: string;
  at: number;
  status: 'running' | 'pending human input' | 'completed' | 'error';
  tasks: readonly ShownTask[];
}

/** A deployed crew. */
export interface ShownCrew {
  name: string;
  /** Description for the visitor, if the runs do not explain the crew. */
  about?: string | undefined;
  /** Newest first. */
  runs: readonly ShownRun[];
}

/** A draft of a Flow, and the answer to its review. */
export interface ShownDraft {
  requestId: string;
  answer?: { text: string; via: 'api' | 'dashboard' | 'email' | 'timeout' } | undefined;
}

/** A run of a Flow. */
export interface ShownFlow {
  id: string;
  at: number;
  status: 'running' | 'pending human input' | 'completed';
  /** Oldest first. */
  drafts: readonly ShownDraft[];
  /** Sentence about the end of the run. */
  result?: string | undefined;
}

/** A request to CrewAI by the bot or the visitor, or a webhook to the bot, with its response. Secrets are masked. */
export interface WireEntry {
  id: string;
  at: number;
  from: 'CrewAI' | 'bot' | 'you';
  method: string;
  url: string;
  headers: Readonly<Record<string, string>>;
  body: unknown;
  status?: number | undefined;
  answer?: unknown;
  /** Reason why no response arrived. */
  fate?: string | undefined;
}

export interface ShownBot {
  state: 'starting' | 'running' | 'down';
  pid?: number | undefined;
  /** Starts and ends of the bot, oldest first. */
  story: readonly { at: number; text: string }[];
}

/** Failures of one side that a visitor can cause. */
export interface FailureGroup {
  who: string;
  /** Failure and its consequences; continues a sentence that begins with `who`. */
  effect: string;
  /** True if the buttons work only while the bot runs. */
  needsBot?: boolean;
  buttons: readonly { do: string; how: string; label: string }[];
}

/** The next thing to do, in a few words, and where. */
export interface Guide {
  text: string;
  /** Message or place that the text is about. `as`: the person who has to look at it, if not the current one. */
  to?: { as?: string | undefined; at: string; thread?: string | undefined; message?: string } | undefined;
}

/** Everything that the page shows for a viewpoint. */
export interface Scene {
  viewpoint: Viewpoint;
  /** Language of everybody's Slack. */
  language: string;
  personas: readonly Persona[];
  channels: readonly { id: string; name: string; purpose: string }[];
  app: { id: string; name: string };
  /** Shortcuts in the menu of each message. */
  shortcuts: readonly { name: string; callbackId: string }[];
  /** Messages of the open channel, or of the person with the app, in order, including replies. */
  conversation: readonly ShownMessage[];
  home?: SeenView | undefined;
  modal?: SeenView | undefined;
  /** Errors under the inputs of the modal, by block_id. */
  errors: Readonly<Record<string, string>>;
  /** The crew that starts by itself first, then the others. */
  crews: readonly ShownCrew[];
  /** The Flow. `about`: its description; `runs`: newest first. */
  flow: { name: string; about: string; outcomes: readonly string[]; runs: readonly ShownFlow[] };
  /** Shell commands that ask a question as a program does, to paste into a terminal of this machine. */
  command: string;
  /** Newest first. */
  wire: readonly WireEntry[];
  /** Dialect of CrewAI's API that the sandbox plays. */
  dialect: 'live' | 'documented';
  bot: ShownBot;
  /** Numbers of requests that will still fail. `killAtDecision`: the bot is killed at the next decision that CrewAI accepts. */
  failing: { crewai: number; slack: number; killAtDecision: boolean };
  failures: readonly FailureGroup[];
  /** Ts of the messages whose output waits for a decision. */
  waiting: readonly string[];
  guide: Guide;
}
