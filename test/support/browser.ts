import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { describeIf } from './describe-if.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

export const describeBrowser = describeIf(
  existsSync(CHROMIUM),
  `${CHROMIUM} is not there: what needs a browser is skipped`,
);

/** Starts headless Chromium. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}
