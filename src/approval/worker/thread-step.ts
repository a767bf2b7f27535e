import type { App } from '../app.ts';
import { removeNote } from '../lifecycle/lanes.ts';
import { addNote } from '../lifecycle/rounds.ts';
import { applyEvent } from '../lifecycle/transitions.ts';
import { type Approval, currentRound, nextNote } from '../model/approval.ts';
import { NOTE_KINDS, type Note } from '../model/note.ts';
import { postNote, replaceDirect } from '../notify/post-note.ts';
import type { CardFailure } from '../ports.ts';
import { describeSlackFailure, readCardFailure } from './slack-failure.ts';
import type { StepOutcome } from './work.ts';

export async function runThreadStep(app: App, approval: Approval): Promise<StepOutcome<Approval>> {
  const note = nextNote(approval) as Note;
  const about = { note: note.kind };
  // Only one person misses it if Slack rejects it.
  const isForPerson = NOTE_KINDS[note.kind].to === 'person';
  try {
    const { until, more = [], silent } = await postNote(app, approval, note);
    if (until !== undefined) {
      const round = currentRound(approval).number;
      const apply = (current: Approval) =>
        applyEvent(removeNote(current, note), {
          type: 'reminder_postponed',
          at: app.clock.now(),
          round,
          until,
        });
      return { apply, failed: false, fact: 'reminder postponed until morning', about };
    }
    return {
      apply: (current) => more.reduce(addNote, removeNote(current, note)),
      failed: false,
      fact: 'note posted',
      about,
      ...(silent ? { silent } : {}),
      ...(isForPerson ? { elsewhere: true } : {}),
    };
  } catch (error) {
    const failure = readCardFailure(error);
    if (isForPerson && isRejected(failure)) {
      const instead = replaceDirect(app, approval, note);
      const apply = (current: Approval) => instead.reduce(addNote, removeNote(current, note));
      return {
        elsewhere: true,
        apply,
        failed: true,
        fact: 'direct message rejected',
        about: { ...about, reason: failure.reason },
      };
    }
    if (failure.kind !== 'gone') return describeSlackFailure(app, approval, 'thread', failure);
    return {
      apply: (current) => removeNote(current, note),
      failed: true,
      fact: 'thread deleted in Slack',
      about,
    };
  }
}
/** Slack rejects the message, by whatever error; it is not retried. */
function isRejected(failure: CardFailure): boolean {
  return (
    (failure.kind === 'blocked' && failure.of === 'channel') ||
    (failure.kind === 'try_again' && failure.unknown === true)
  );
}
