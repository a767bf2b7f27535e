import type { App } from '../app.ts';
import { eachEntry } from '../each-entry.ts';
import { forgetShown } from '../lifecycle/cards.ts';
import { closeHiddenQuestion } from '../lifecycle/questions.ts';
import { currentRound } from '../model/approval.ts';
import { listCards } from '../model/round.ts';
import { updateApproval } from '../update.ts';

/** How the cards of a crew were drawn last. */
export interface Drawn {
  language: string;
  /** The number of the drawing of the build; 0: a build without a number. */
  drawing: number;
}
export type DrawnCrews = Readonly<Record<string, Drawn>>;

/** How the cards of each crew in the store are drawn. Rejects with a StoreError. */
export interface DrawnCards {
  read(): Promise<DrawnCrews>;
  /** Another replica can change it at the same moment, so `change` can be called again. */
  update(change: (before: DrawnCrews) => DrawnCrews): Promise<void>;
}

/**
 * Draws the waiting cards again, once, of each crew whose language has changed since the last start, or whose cards a build with
 * a lower number drew. Closes the questions among them that ask for hidden values. `stopping`: ends it, to be made up for by the
 * next start. Never rejects.
 */
export async function redrawWaitingCards(
  app: App,
  drawn: DrawnCards,
  drawing: number,
  stopping: AbortSignal,
): Promise<void> {
  try {
    const before = await drawn.read();
    const changed = [...app.crews.values()].filter(({ name, language }) => {
      const last = before[name];
      return last && (last.language !== language || last.drawing < drawing);
    });
    if (changed.length > 0)
      await redrawCrews(
        app,
        changed.map(({ name }) => name),
        stopping,
      );
    if (stopping.aborted) return;
    // After the cards, so that a start that was cut short is made up for by the next one.
    // A crew that is left out of the settings comes back to the cards that it had.
    await drawn.update((now) => {
      const wanted = [...app.crews.values()].map(({ name, language }): [string, Drawn] => [
        name,
        // A build with a higher number has drawn the cards meanwhile, or before this one was installed again.
        { language, drawing: Math.max(drawing, now[name]?.drawing ?? 0) },
      ]);
      return { ...now, ...Object.fromEntries(wanted) };
    });
  } catch (error) {
    app.log.error({ error }, 'waiting cards not redrawn; tried again at the next start');
  }
}

async function redrawCrews(app: App, crews: readonly string[], stopping: AbortSignal): Promise<void> {
  for await (const { id } of eachEntry(app.store, 'waiting', crews)) {
    if (stopping.aborted) return;
    const changed = await updateApproval(app.store, id, (approval) => {
      const round = currentRound(approval);
      const redrawn = listCards(round).reduce(
        (next, card) => forgetShown(next, round.number, card),
        approval,
      );
      return closeHiddenQuestion(redrawn, app.clock.now());
    });
    if (!changed) continue;
    if (currentRound(changed).lapsed === 'hidden_fields')
      app.log.warn({ crew: changed.crew, approval: id }, 'question closed: it asks for hidden values');
    app.wake(changed);
  }
}
