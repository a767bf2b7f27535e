import { parseEnv } from 'node:util';
import type { SettingFault } from './settings.ts';
import { ALL_SETTINGS, getExample } from './table.ts';

const VARIABLE = /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=(?:[ \t]*(["'`])[\s\S]*?\2.*|(.*))$/gm;
/** A `#` in an unquoted value begins a comment. Only one after a space is meant as such. */
const CUT_VALUE = /^[^#]*(?:(?<!\s)|,\s+)#/;

/** Finds the lines of a `.env` file whose value would be lost or cut silently. */
export function findEnvFileFaults(text: string): SettingFault[] {
  const faults: SettingFault[] = [];
  const owners = new Map<string, number>();
  for (const { 0: statement, 1: setting = '', 3: unquoted, index } of text.matchAll(VARIABLE)) {
    const line = text.slice(0, index).split('\n').length;
    const fault = (why: string) => faults.push({ setting, fault: `(line ${line} of .env) ${why}` });
    if (unquoted !== undefined && CUT_VALUE.test(unquoted))
      fault('would be cut at its #: put the value in quotes');
    const owner = owners.get(setting);
    if (owner !== undefined) fault(`is set twice, also on line ${owner}: remove one of them`);
    // Real values may follow a copy of .env.example.
    else if (!isExample(setting, parseEnv(statement)[setting])) owners.set(setting, line);
  }
  return faults;
}

function isExample(variable: string, value = ''): boolean {
  const setting = ALL_SETTINGS.find((known) => known.variable === variable);
  return value.trim() === '' || (setting !== undefined && value === getExample(setting));
}
