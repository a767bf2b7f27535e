import type { App } from '../app.ts';
import { eachEntry } from '../each-entry.ts';
import { clearShownContent } from '../lifecycle/cards.ts';
import { closeHiddenQuestion } from '../lifecycle/questions.ts';
import { currentRound } from '../model/approval.ts';
import { listCards } from '../model/round.ts';
import { updateApproval } from '../update.ts';

/** State of a crew's cards when they were last drawn. */
export interface Drawn {
  language: string;
  /** Number of the drawing in the build; 0: a build without a number. */
  drawing: number;
}
export type DrawnCrews = Readonly<Record<string, Drawn>>;

/** State of each crew's cards, in the store. Rejects with a StoreError. */
export interface DrawnCards {
  read(): Promise<DrawnCrews>;
  /** Updates the state. `change` may be called again if another replica changes the state at the same moment. */
  update(change: (before: DrawnCrews) => DrawnCrews): Promise<void>;
}

/**
 * Redraws the waiting cards, once, of each crew whose language has changed since the last start or whose cards were drawn by a
 * build with a lower number. Closes waiting questions that ask for hidden values. `stopping`: ends the work, which the next start
 * repeats. Never rejects.
 */
export async function redrawWaitingCards(
  app: App,
  drawn: DrawnCards,
  drawing: number,
  stopping: AbortSignal,
): Promise<void> {
  try {
    const lastDrawn = await drawn.read();
    const changedCrews = [...app.crews.values()].filter(({ name, language }) => {
      const lastState = lastDrawn[name];
      return lastState && (lastState.language !== language || lastState.drawing < drawing);
    });
    if (changedCrews.length > 0)
      await redrawCrews(
        app,
        changedCrews.map(({ name }) => name),
        stopping,
      );
    if (stopping.aborted) return;
    // Recorded after the cards, so that the next start repeats work that was cut short. A crew that is missing from the settings
    // keeps its entry, in case it returns.
    await drawn.update((recorded) => {
      const entries = [...app.crews.values()].map(({ name, language }): [string, Drawn] => [
        name,
        // A build with a higher number may have drawn the cards meanwhile, or before a downgrade to this one.
        { language, drawing: Math.max(drawing, recorded[name]?.drawing ?? 0) },
      ]);
      return { ...recorded, ...Object.fromEntries(entries) };
    });
  } catch (error) {
    app.log.error({ error }, 'waiting cards not redrawn; retrying at the next start');
  }
}

async function redrawCrews(app: App, crews: readonly string[], stopping: AbortSignal): Promise<void> {
  for await (const { id } of eachEntry(app.store, 'waiting', crews)) {
    if (stopping.aborted) return;
    const changed = await updateApproval(app.store, id, (approval) => {
      const round = currentRound(approval);
      const withForgottenCards = listCards(round).reduce(
        (updated, card) => clearShownContent(updated, round.number, card),
        approval,
      );
      return closeHiddenQuestion(withForgottenCards, app.clock.now());
    });
    if (!changed) continue;
    if (currentRound(changed).lapsed === 'hidden_fields')
      app.log.warn({ crew: changed.crew, approval: id }, 'question closed: it asks for hidden values');
    app.wake(changed);
  }
}
