import { UNDECIDABLE } from '../approval/intake/build-approval.ts';
import type { Crew } from '../approval/model/crew/crew.ts';
import { isUndecidableUnnamed, listApprovers } from '../approval/model/crew/task-rules.ts';
import type { Log } from '../approval/ports.ts';
import type { Settings } from './settings.ts';

/** Logs each setting that is valid but probably not meant: an error if more people can decide or start runs, else a warning. */
export function logAdvice(
  { ineffective, publicUrl, crews: settings }: Settings,
  crews: Iterable<Crew>,
  log: Pick<Log, 'warn' | 'error'>,
): void {
  for (const { variable: setting, why, isError } of ineffective)
    log[isError ? 'error' : 'warn']({ setting }, `setting ${why}`);
  // A crew without a base URL only has Flow reviews and programs, which need no webhook URLs.
  if (publicUrl === undefined && settings.some(({ baseUrl }) => baseUrl !== ''))
    log.warn(
      {},
      'PUBLIC_URL is not set: a run whose webhook URLs are not known goes silent after a decision',
    );
  for (const crew of crews) {
    const { name, channel } = crew;
    if (listApprovers(crew).length === 0)
      log.warn(
        { crew: name, channel },
        'no approvers configured: anyone in the channel except guests and external users decides',
      );
    if (isUndecidableUnnamed(crew)) log.warn({ crew: name }, UNDECIDABLE);
  }
}
