import type { Start } from '../../approval/model/run/start.ts';
import { reportRun } from '../../approval/queries/find-runs.ts';
import { findStart } from '../../approval/starts/start-run.ts';
import type { SlackApp } from '../slack-app.ts';
import type { Sentence } from '../texts/texts.ts';
import { buildRunStatus } from '../views/lists/runs.ts';
import { describeLookUpRefusal } from '../views/text/sentences.ts';
import { type Click, readClick } from './click.ts';

/** A person clicked *Status* on the message of a run. */
export async function showRunStatus(app: SlackApp, click: Click): Promise<void> {
  const { reply, links, log } = app;
  await click.ack();
  const { place } = readClick(click, undefined);
  const start = await findClickedStart(app, click);
  if (typeof start === 'function') return reply(place, start);
  const report = await reportRun(app, place.user, start.executionId ?? '').catch((error: unknown) =>
    log.error({ request: start.id, error }, 'lookup failed'),
  );
  if (!report) return reply(place, ({ refusals }) => refusals.notLookedUp);
  await reply(place, (texts) =>
    'code' in report ? describeLookUpRefusal(texts, report) : buildRunStatus(texts, report, links).text,
  );
}

/** The start of a run, or a sentence why it is not known. */
export async function findClickedStart(app: SlackApp, { value }: Click): Promise<Start | Sentence> {
  try {
    return (await findStart(app, value ?? '')) ?? (({ refusals }) => refusals.runNotFound);
  } catch (error) {
    app.log.error({ request: value, error }, 'start of a run not read');
    return ({ refusals }) => refusals.notLookedUp;
  }
}
