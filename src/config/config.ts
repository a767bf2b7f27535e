import type { RulesOfTasks, TaskRules } from '../approval/model/crew/task-rules.ts';
import { AppError } from '../lib/errors.ts';

/** One crew as the settings have it. */
export interface CrewConfig {
  name: string;
  baseUrl: string;
  bearerToken: string;
  channels: string[];
  rules: TaskRules;
  tasks: RulesOfTasks[];
  webhookSecret: string;
  /** URLs to send with /resume; `own` as `step` asks for the bot's own step endpoint. */
  webhookUrls: { task?: string; step?: string; crew?: string };
  lookUps: 'members' | 'everyone';
  /** Notifications carry the beginning of the output: they are on lock screens. */
  preview: boolean;
  /** In milliseconds; undefined: approvals are kept. */
  retention?: number;
  /** Undefined: as many as come. */
  webhooksPerSecond?: number;
  resumeFormat: 'auto' | 'documented' | 'camelcase';
  /** Which task webhooks become cards; empty: all. */
  approveTasks: string[];
  approvalText: string;
  revisionText: string;
}

export interface Config {
  /** With an app token Socket Mode, else HTTP mode with a signing secret. */
  slack: { botToken: string; appToken?: string; signingSecret?: string; apiUrl?: string; command: string };
  crews: CrewConfig[];
  publicUrl?: string;
  /** Hosts of the webhook URLs that may be sent to CrewAI, `*.` before one for all below it; undefined: any. */
  webhookUrlHosts?: string[];
  /** Where the operators are told what needs them. */
  opsChannel?: string;
  storeUrl: string;
  host: string;
  port: number;
  logLevel: string;
  /** Variables of the environment that look like settings and are not. */
  unknownSettings: UnknownSetting[];
}

/** One wrong setting: its name, and what it wants. */
export interface SettingFault {
  setting: string;
  fault: string;
}

/** All wrong settings at once. */
export class SettingsError extends AppError {
  readonly faults: readonly SettingFault[];

  constructor(faults: readonly SettingFault[]) {
    const lines = faults.map(({ setting, fault }) => `  ${setting} ${fault}`);
    super('settings_invalid', `Invalid configuration:\n${lines.join('\n')}`);
    this.name = 'SettingsError';
    this.faults = faults;
  }
}

/** A variable that looks like a setting and is not one, and the setting that was probably meant. */
export interface UnknownSetting {
  name: string;
  meant: string;
}
