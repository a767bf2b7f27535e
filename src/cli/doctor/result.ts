import type { WebClient } from '@slack/web-api';
import type { Crew } from '../../approval/model/crew/crew.ts';
import type { Settings } from '../../settings/settings.ts';

/** What the checks look at. */
export interface DoctorApp {
  settings: Settings;
  crews: readonly Crew[];
  client: WebClient;
  /** Whether the bot token failed, so that no other call of Slack's API can be made. */
  hasNoSlack?: boolean;
}

/** What a check found; the doctor prints it as one line. */
export interface Result {
  /** What was checked, as an operator calls it: a setting, a channel, a crew. */
  about: string;
  /** `failed`: it would stop an approval, or let other people decide than the settings say. */
  status: 'ok' | 'note' | 'failed';
  /** What was found; never a secret. */
  says: string;
  /** What to do. */
  fix?: string | undefined;
}

const resultOf =
  (status: Result['status']) =>
  (about: string, says: string, fix?: string): Result => ({ about, status, says, fix });
export const ok = resultOf('ok');
export const note = resultOf('note');
export const failed = resultOf('failed');

const MARKS = { ok: 'ok      ', note: 'note    ', failed: 'FAILED  ' } as const;

/** One line. Control characters in what others sent, such as the names of a crew's inputs, would move the cursor. */
export function formatResult({ about, status, says, fix }: Result): string {
  const sentences = [says, fix].flatMap((text) => text?.replace(/[^.?]$/, '$&.') ?? []);
  return `${MARKS[status]} ${about}: ${sentences.join(' ')}`.replace(/\p{Cc}/gu, ' ');
}

/** Prints each result as it comes, then how many problems there are. Returns the exit code. */
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
