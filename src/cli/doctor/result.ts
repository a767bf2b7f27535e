import type { WebClient } from '@slack/web-api';
import type { Crew } from '../../approval/model/crew/crew.ts';
import type { Settings } from '../../settings/settings.ts';

/** The objects that the checks use. */
export interface DoctorApp {
  settings: Settings;
  crews: readonly Crew[];
  client: WebClient;
  /** True if the bot token failed: no other call of Slack's API would work. */
  hasNoSlack?: boolean;
}

/** Result of a check. The doctor prints it as one line. */
export interface Result {
  /** The checked thing, as an operator calls it: a setting, a channel, a crew. */
  about: string;
  /** `failed`: the fault stops an approval, or lets people decide whom the settings do not name. */
  status: 'ok' | 'note' | 'failed';
  /** The finding; never a secret. */
  says: string;
  /** How to fix it. */
  fix?: string | undefined;
}

const resultOf =
  (status: Result['status']) =>
  (about: string, says: string, fix?: string): Result => ({ about, status, says, fix });
export const ok = resultOf('ok');
export const note = resultOf('note');
export const failed = resultOf('failed');

const MARKS = { ok: 'ok      ', note: 'note    ', failed: 'FAILED  ' } as const;

/** Writes one line. Control characters in foreign texts, such as the names of a crew's inputs, would move the cursor. */
export function formatResult({ about, status, says, fix }: Result): string {
  const sentences = [says, fix].flatMap((text) => text?.replace(/[^.?]$/, '$&.') ?? []);
  return `${MARKS[status]} ${about}: ${sentences.join(' ')}`.replace(/\p{Cc}/gu, ' ');
}

/** Prints each result as it comes, then the number of problems. Returns the exit code. */
export async function printResults(results: AsyncIterable<Result>): Promise<number> {
  const count = { ok: 0, note: 0, failed: 0 };
  for await (const result of results) {
    count[result.status] += 1;
    console.log(formatResult(result));
  }
  const plural = (many: number, noun: string) => `${many} ${noun}${many === 1 ? '' : 's'}`;
  const passed = `All checks passed${count.note === 0 ? '' : `, with ${plural(count.note, 'note')}`}.`;
  console.log(`\n${count.failed === 0 ? passed : `${plural(count.failed, 'problem')} found.`}`);
  return count.failed === 0 ? 0 : 1;
}
