import type { FilesUploadV2Arguments } from '@slack/web-api';
import type { Feature } from '../../slack/feature.ts';
import { answerLookUp, LOOK_UP_TIMEOUT } from '../../slack/listeners/command.ts';
import { type FeatureCommandRun, translateUnit } from '../../slack/listeners/read-command.ts';
import type { SlackApp } from '../../slack/slack-app.ts';
import type { Texts } from '../../slack/texts/texts.ts';
import { buildSentence, type MessageView } from '../../slack/views/message-view.ts';
import { formatDate } from '../../slack/views/text/elements.ts';
import { describeLookUpRefusal } from '../../slack/views/text/sentences.ts';
import { type BuiltReport, buildReport } from './build-report.ts';
import { reportTexts } from './texts.ts';

const DAY = 24 * 60 * 60_000;
const DEFAULT_DAYS = 30;
const MAX_DAYS = 31;
/** Time reserved for the upload to Slack, in milliseconds: a file must never arrive after the answer that there is none. */
const UPLOAD_TIME = 15_000;

/** `/approvals report 30d`: sends the requests and decisions as a file in a direct message. */
export const report: Feature = {
  commands: [
    {
      words: ['report', 'relatorio', 'informe'],
      after: 'status',
      help: (texts) => reportTexts(texts).help,
      read(words) {
        const days = readReportDays(words);
        if (days === undefined) return { wrong: (texts) => reportTexts(texts).wrongDays(MAX_DAYS) };
        const run: FeatureCommandRun = (app, args) => {
          const endsAt = app.clock.now() + LOOK_UP_TIMEOUT - UPLOAD_TIME;
          return answerLookUp(app, args, { kind: 'report', within: LOOK_UP_TIMEOUT }, (texts) =>
            // Reports are built one after another: each reads up to a month of the history.
            app.serialize('report', () => sendReport(app, texts, args.command.user_id, { days, endsAt })),
          );
        };
        return { run };
      },
    },
  ],
};

/** Reads a number of days; undefined for any other words. Pure. */
export function readReportDays(words: readonly string[]): number | undefined {
  if (words.length === 0) return DEFAULT_DAYS;
  const days = Number(/^(\d{1,2})\s*d(?:ays?)?$/i.exec(translateUnit(words.join(' ')))?.[1]);
  return days >= 1 && days <= MAX_DAYS ? days : undefined;
}

/** Sends the report and returns the answer. Rejects with a StoreError. */
async function sendReport(
  app: SlackApp,
  texts: Texts,
  person: string,
  { days, endsAt }: { days: number; endsAt: number },
): Promise<MessageView> {
  const since = (Math.floor(app.clock.now() / DAY) - days + 1) * DAY;
  const builtReport = await buildReport(app, person, { since, endsAt });
  if (builtReport === 'too_much') return buildSentence(reportTexts(texts).tooMuch);
  if ('code' in builtReport) return buildSentence(describeLookUpRefusal(texts, builtReport));
  try {
    await uploadReport(app, texts, person, since, builtReport);
  } catch (error) {
    app.log.error({ person, error }, 'report not sent');
    return buildSentence(reportTexts(texts).notSent);
  }
  const sentence = reportTexts(texts).sent(builtReport.approvals);
  return buildSentence(builtReport.fits ? sentence : `${sentence} ${reportTexts(texts).doesNotFit}`);
}

/** Uploads the file after a message. The upload needs the id of the direct message, which only the answer to the post contains. */
async function uploadReport(
  { client }: SlackApp,
  texts: Texts,
  person: string,
  since: number,
  { content }: BuiltReport,
): Promise<void> {
  const date = formatDate(texts, since);
  const postedMessage = await client.chat.postMessage({
    channel: person,
    ...buildSentence(reportTexts(texts).follows(date)),
  });
  const file = {
    filename: `approvals-${new Date(since).toISOString().slice(0, 10)}.html`,
    title: reportTexts(texts).title(date),
    content,
    channel_id: postedMessage.channel,
  };
  await client.filesUploadV2(file as FilesUploadV2Arguments);
}
