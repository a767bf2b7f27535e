import { AppError } from '../lib/errors.ts';
import type { BotValues, CrewValues, SlackValues } from './table.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
/** Values by fields, as the environment or the crews file has them. */
export type GivenValues = Readonly<Record<string, unknown>>;

/** The settings of one crew. */
export interface CrewSettings extends CrewValues {
  name: string;
  /** Whether its deployment is a Flow: by its own secrets of Flow reviews, not by those that it inherits. */
  isFlow: boolean;
}

export interface Settings extends Omit<BotValues, 'crewName' | 'crewsFile'> {
  /** With an app token Socket Mode, else HTTP mode with a signing secret. */
  slack: SlackValues;
  crews: CrewSettings[];
  ineffective: IneffectiveSetting[];
}

/** A variable of the environment that is set and has no effect. */
export interface IneffectiveSetting {
  variable: string;
  why: string;
  /** More people can decide or start runs without it. */
  isError: boolean;
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
  'Nothing is configured yet: `npx --no-install crew-approvals init` asks for the settings and writes .env.';
