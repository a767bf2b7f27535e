import { AppError } from '../lib/errors.ts';
import type { BotValues, CrewValues, SlackValues } from './table.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
/** Values by field, as in the environment or the crews file. */
export type GivenValues = Readonly<Record<string, unknown>>;

export interface CrewSettings extends CrewValues {
  name: string;
  /** The deployment is a Flow: the crew has its own secrets of Flow reviews, not only inherited ones. */
  isFlow: boolean;
}

export interface Settings extends Omit<BotValues, 'crewName' | 'crewsFile'> {
  /** Socket Mode with an app token; otherwise HTTP mode with a signing secret. */
  slack: SlackValues;
  crews: CrewSettings[];
  ineffective: IneffectiveSetting[];
}

/** An environment variable that is set and has no effect. */
export interface IneffectiveSetting {
  variable: string;
  why: string;
  /** Without the setting, more people can decide or start runs. */
  isError: boolean;
}

/** A wrong setting and its fault. */
export interface SettingFault {
  setting: string;
  fault: string;
}

/** All wrong settings at once. */
export class SettingsError extends AppError {
  readonly faults: readonly SettingFault[];
  /** Nothing was configured at all. */
  readonly nothingSet: boolean;

  constructor(faults: readonly SettingFault[], nothingSet = false) {
    const lines = faults.map(({ setting, fault }) => `  ${setting} ${fault}`);
    super('settings_invalid', `Invalid configuration:\n${lines.join('\n')}`);
    this.name = 'SettingsError';
    this.faults = faults;
    this.nothingSet = nothingSet;
  }
}

/** Advice for a start without settings. */
export const INIT_ADVICE =
  'Nothing is configured yet: `npx --no-install crew-approvals init` asks for the settings and writes .env.';
