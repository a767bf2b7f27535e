import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { describe } from 'vitest';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** `describe`, or a skip that is seen where there is no Chromium; in CI that is a failure. */
export const describeBrowser = withBrowser();

function withBrowser() {
  if (existsSync(CHROMIUM)) return describe;
  const line = `${CHROMIUM} is not there: what needs a browser is skipped`;
  if (process.env.CI) throw new Error(line);
  console.warn(line);
  return describe.skip;
}

/** Starts Chromium without a window. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}
