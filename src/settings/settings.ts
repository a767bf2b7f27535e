import type { InputSettings } from '../approval/model/crew/crew.ts';
import type { RulesOfTasks, TaskRules } from '../approval/model/crew/task-rules.ts';
import { AppError } from '../lib/errors.ts';

/** The settings of one crew. */
export interface CrewSettings {
  name: string;
  /** Empty, with the token, for a crew that takes Flow reviews only. */
  baseUrl: string;
  bearerToken: string;
  channels: string[];
  rules: TaskRules;
  tasks: RulesOfTasks[];
  webhookSecret: string;
  /** URLs to send with /resume; `step: own` is the bot's own step endpoint. */
  webhookUrls: { task?: string; step?: string; crew?: string };
  lookUps: 'members' | 'everyone';
  /** Whether the text of a card, which phones show on lock screens, carries the beginning of the output. */
  preview: boolean;
  /** In milliseconds; undefined: approvals are kept. */
  retention?: number;
  /** Undefined: unlimited. */
  webhooksPerSecond?: number;
  /** Whether its deployment is a Flow: by its own secrets of Flow reviews, not by those that it inherits. */
  isFlow: boolean;
  /** Secrets of Flow review webhooks; empty: none are taken. */
  flowWebhookSecrets: string[];
  /** Hosts that the answers of Flow reviews may be sent to. */
  callbackHosts: string[];
  /** Who may start runs; empty: members of the channel. */
  starters: string[];
  /** How the form to start a run asks for its inputs. */
  inputs: Readonly<Record<string, InputSettings>>;
  resumeFormat: 'auto' | 'documented' | 'camelcase';
  /** Which task webhooks become cards; empty: all. */
  approveTasks: string[];
  approvalText: string;
  revisionText: string;
}

export interface Settings {
  /** With an app token Socket Mode, else HTTP mode with a signing secret. */
  slack: { botToken: string; appToken?: string; signingSecret?: string; apiUrl?: string; command: string };
  crews: CrewSettings[];
  publicUrl?: string;
  /** The channel of alerts for operators. */
  opsChannel?: string;
  storeUrl: string;
  host: string;
  port: number;
  logLevel: string;
  /** Environment variables that look like settings and have no effect. */
  unknownSettings: UnknownSetting[];
}

/** One wrong setting, and what is wrong. */
export interface SettingFault {
  setting: string;
  fault: string;
}

/** All wrong settings at once. */
export class SettingsError extends AppError {
  readonly faults: readonly SettingFault[];
  /** Whether nothing was configured at all. */
  readonly nothingSet: boolean;

  constructor(faults: readonly SettingFault[], nothingSet = false) {
    const lines = faults.map(({ setting, fault }) => `  ${setting} ${fault}`);
    super('settings_invalid', `Invalid configuration:\n${lines.join('\n')}`);
    this.name = 'SettingsError';
    this.faults = faults;
    this.nothingSet = nothingSet;
  }
}

/** What a start without settings needs. */
export const INIT_ADVICE =
  'Nothing is configured yet: `npx crew-approvals init` asks for the settings and writes .env.';

/**
 * An environment variable that is not a setting: the setting that was probably meant, or the field of a crew that only
 * the crews file has.
 */
export type UnknownSetting =
  | { name: string; meant: string }
  | { name: string; field: string; decidesWho: boolean };
