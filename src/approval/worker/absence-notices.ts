import type { App } from '../app.ts';
import { changeAbsences, listHandedOver } from '../away.ts';
import { ignoreFarTime } from '../lifecycle/lanes.ts';
import { type Away, findNotice, type Notice, recordNotice } from '../model/away.ts';
import { isRejected, readCardFailure } from './slack-steps.ts';

const NOTICE_CALL = { do: 'post', channel: 'absences' } as const;
/**
 * Time after which a claimed but unsent notice can be claimed again, in milliseconds. It is longer than the listing of approvals
 * and the call to Slack take.
 */
const NOTICE_LEASE = 30_000;

/** Sends the due notices about absences, one after another. The queued work resolves with false if no notice is due. */
export function sendNotices(app: App): void {
  const { slackQueue, clock, log } = app;
  slackQueue.enqueue(NOTICE_CALL, 'new', async () => {
    try {
      const claim = await claimNotice(app);
      if (!claim) return false;
      if (!(await sendNotice(app, claim))) return true;
      await changeAbsences(app, (absences) => {
        delete absences.sendingUntil;
        absences.told = recordNotice(absences.told, claim.notice, clock.now());
      });
      sendNotices(app);
    } catch (error) {
      log.error({ error }, 'notice of an absence not sent; retrying');
    }
    return true;
  });
}

/** Claims the next notice, so that no other process sends it; undefined: nothing to send, or another process is sending. */
function claimNotice(app: App): Promise<{ notice: Notice; away: Away | undefined } | undefined> {
  return changeAbsences(app, (absences) => {
    const { awayById, told: sentNotices, sendingUntil = 0 } = absences;
    const now = app.clock.now();
    const notice =
      ignoreFarTime(sendingUntil, now, NOTICE_LEASE) > now
        ? undefined
        : findNotice(awayById, sentNotices, now);
    if (!notice) return undefined;
    absences.sendingUntil = now + NOTICE_LEASE;
    return { notice, away: awayById.get(notice.about) };
  });
}

/** Sends a notice. Returns false if the notice must be sent again. */
async function sendNotice(
  app: App,
  { notice, away }: { notice: Notice; away: Away | undefined },
): Promise<boolean> {
  const { to, about, what, noLongerStandsIn, isChanged } = notice;
  const isNew = what === 'stands_in' && !noLongerStandsIn && !isChanged;
  const handedOver = isNew && away ? await listHandedOver(app, about, away) : undefined;
  try {
    await app.absenceNotices.send(notice, handedOver);
  } catch (error) {
    const failure = readCardFailure(error);
    app.log.error({ person: to, reason: failure.reason }, 'notice of an absence not sent');
    if (failure.kind === 'try_again' && failure.retryAfterMs)
      app.slackQueue.pauseFor(NOTICE_CALL, failure.retryAfterMs);
    if (!isRejected(failure)) return false;
    if (what === 'stands_in' && !noLongerStandsIn) await app.absenceNotices.reportUndelivered(notice);
  }
  return true;
}
