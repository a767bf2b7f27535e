import { RecordError } from '../../lib/errors.ts';
import type { App } from '../app.ts';
import type { Kickoff } from '../model/run/kickoff.ts';
import { type LookUpRefusal, scope } from './look-up.ts';

const SHOWN = 20;
/** How many are looked through for those of one person. */
const LOOKED_AT = 500;

/** Runs that were started from Slack, the newest first: of all crews that a person may see, or of one; `mine`: their own, of any crew. Rejects with a StoreError. */
export async function listStartedRuns(
  app: App,
  person: string,
  { crew, mine }: { crew?: string | undefined; mine: boolean },
): Promise<Kickoff[] | LookUpRefusal> {
  const own = mine ? findCrews(app, crew) : [];
  const among = own.length > 0 ? own : await scope(app, person, crew);
  if (!Array.isArray(among)) return among;
  const entries = await app.store.list('kickoffs', among, { limit: mine ? LOOKED_AT : SHOWN, reverse: true });
  const found: Kickoff[] = [];
  for (const { id } of entries) {
    const kickoff = await loadKickoff(app, id);
    if (kickoff && (!mine || kickoff.by === person)) found.push(kickoff);
    if (found.length === SHOWN) break;
  }
  return found;
}

/** A person who started a run may see that it was started. */
function findCrews({ crews }: App, crew: string | undefined): string[] {
  const names = [...crews.keys()];
  return crew === undefined ? names : names.filter((name) => name.toLowerCase() === crew.toLowerCase());
}

/** The start of a run; undefined when it is missing or cannot be read. */
async function loadKickoff({ store, log }: App, id: string): Promise<Kickoff | undefined> {
  try {
    return (await store.kickoff(id))?.record;
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    log.error({ request: id, error }, 'start of a run not readable');
    return undefined;
  }
}
