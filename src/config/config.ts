import { AppError } from '../errors.ts';

/** One crew as the settings have it. */
export interface CrewConfig {
  name: string;
  baseUrl: string;
  bearerToken: string;
  channel: string;
  channels: string[];
  approvers: string[];
  webhookSecret: string;
  approvalText: string;
}

export interface Config {
  slack: { botToken: string; signingSecret: string; apiUrl?: string };
  crews: CrewConfig[];
  publicUrl?: string;
  storeUrl: string;
  host: string;
  port: number;
  logLevel: string;
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
    super('settings_invalid', `The settings are not right:\n${lines.join('\n')}`);
    this.name = 'SettingsError';
    this.faults = faults;
  }
}
