import type { App } from '../app.ts';
import { eachEntry } from '../each-entry.ts';
import { forgetShown } from '../lifecycle/lanes.ts';
import { currentRound } from '../model/approval.ts';
import { listCards } from '../model/round.ts';
import { updateApproval } from '../update.ts';

/** The language of each crew, as the cards of the store are. Rejects with a StoreError. */
export interface DrawnLanguages {
  read(): Promise<Readonly<Record<string, string>>>;
  write(languages: Readonly<Record<string, string>>): Promise<void>;
}

/** Draws the cards that wait again, for each crew whose language is another one since the last start. Never rejects. */
export async function redrawInNewLanguages(app: App, drawn: DrawnLanguages): Promise<void> {
  const wanted = Object.fromEntries([...app.crews].map(([name, { language }]) => [name, language]));
  try {
    const before = await drawn.read();
    const differ = Object.keys(wanted).filter((name) => before[name] !== wanted[name]);
    const changed = differ.filter((name) => before[name] !== undefined);
    if (changed.length > 0) await redrawWaiting(app, changed);
    // After the cards, so that a start that was cut short is made up for by the next one.
    // A crew that is left out of the settings comes back to the cards that it had.
    if (differ.length > 0) await drawn.write({ ...before, ...wanted });
  } catch (error) {
    app.log.error(
      { error },
      'waiting cards not redrawn in their new language; tried again at the next start',
    );
  }
}

async function redrawWaiting(app: App, crews: readonly string[]): Promise<void> {
  for await (const { id } of eachEntry(app.store, 'waiting', crews)) {
    const changed = await updateApproval(app.store, id, (approval) => {
      const round = currentRound(approval);
      return listCards(round).reduce((next, card) => forgetShown(next, round.number, card), approval);
    });
    if (changed) app.wake(changed);
  }
}
