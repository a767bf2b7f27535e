import type { SeenView } from '../slack/workspace.ts';
import type { Look } from './look.ts';

/** Somebody to be. */
export interface Persona {
  id: string;
  name: string;
  /** What they may do, in a word or two. */
  role: string;
}

export interface ShownFile {
  id: string;
  name: string;
  length: number;
  /** The beginning of its text. */
  preview: string;
}

/** A message of a conversation, as one person has it. */
export interface Said {
  ts: string;
  thread_ts?: string | undefined;
  /** A reply that the channel shows too. */
  broadcast?: boolean | undefined;
  text: string;
  blocks?: readonly unknown[] | undefined;
  /** Its author. */
  user: string;
  edited: boolean;
  onlyForYou: boolean;
  files: readonly ShownFile[];
  /** The run of a crew or a Flow that a card is about. */
  run?: string | undefined;
  /** What people decided on a card. */
  decided?: { by: readonly string[]; isClosed: boolean } | undefined;
}

export interface ShownTask {
  name: string;
  agent: string;
  needsPerson: boolean;
  /** What people can ask of its output. */
  follows: readonly string[];
  state: 'to come' | 'running' | 'waiting' | 'done';
  /** What people said to each of its outputs. */
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
  /** What it does and asks, where its runs do not say it. */
  about?: string | undefined;
  /** The latest first. */
  runs: readonly ShownRun[];
}

/** A draft of a Flow, and how its review was answered. */
export interface ShownDraft {
  requestId: string;
  answer?: { text: string; via: 'api' | 'dashboard' | 'email' | 'timeout' } | undefined;
}

/** A run of a Flow. */
export interface ShownFlow {
  id: string;
  at: number;
  status: 'running' | 'pending human input' | 'completed';
  /** The oldest first. */
  drafts: readonly ShownDraft[];
  /** What it ended with. */
  result?: string | undefined;
}

/** A request between CrewAI and the bot, with its answer. Secrets are masked. */
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
  /** What became of it when there is no answer. */
  fate?: string | undefined;
}

export interface ShownBot {
  state: 'starting' | 'running' | 'down';
  pid?: number | undefined;
  /** What happened to it, the latest last. */
  story: readonly { at: number; text: string }[];
}

/** What a visitor can let go wrong on one side. */
export interface FailureGroup {
  who: string;
  /** What fails and what comes of it; a sentence that begins with `who`. */
  effect: string;
  /** Its buttons work only while the bot runs. */
  needsBot?: boolean;
  buttons: readonly { do: string; how: string; label: string }[];
}

/** What to do now, in one sentence, and where. */
export interface Guide {
  text: string;
  /** The message, or the channel, that it speaks of; `as`: who has to look at it, if somebody else does. */
  to?: { as?: string | undefined; at: string; thread?: string | undefined; message?: string } | undefined;
}

/** All that the page shows to one look. */
export interface Scene {
  look: Look;
  /** The language of everybody's Slack. */
  language: string;
  personas: readonly Persona[];
  channels: readonly { id: string; name: string; purpose: string }[];
  app: { id: string; name: string };
  /** What the menu of each message offers. */
  shortcuts: readonly { name: string; callbackId: string }[];
  /** The messages of the open channel, replies included, in order. */
  conversation: readonly Said[];
  home?: SeenView | undefined;
  modal?: SeenView | undefined;
  /** Under the inputs of the modal, by block_id. */
  errors: Readonly<Record<string, string>>;
  /** The one that runs by itself, then the others. */
  crews: readonly ShownCrew[];
  /** The Flow: what it does and asks, and its runs, the latest first. */
  flow: { name: string; about: string; outcomes: readonly string[]; runs: readonly ShownFlow[] };
  /** With which a program on this machine asks, as it is pasted into a terminal. */
  command: string;
  /** The latest first. */
  wire: readonly WireEntry[];
  /** Which contract of CrewAI's API is played. */
  dialect: 'live' | 'documented';
  bot: ShownBot;
  /** How many requests will still fail. */
  failing: { crewai: number; slack: number; killAtDecision: boolean };
  failures: readonly FailureGroup[];
  /** The messages with an output that waits for a decision, by ts. */
  waiting: readonly string[];
  guide: Guide;
}
