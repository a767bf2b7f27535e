import { textsOf } from '../../slack/app/languages.ts';
import type { Feature } from '../../slack/feature.ts';
import { mapById } from '../../slack/listeners/click.ts';
import { findCommandPlace } from '../../slack/listeners/command.ts';
import type { FeatureCommandRun } from '../../slack/listeners/read-command.ts';
import { button } from '../../slack/views/text/elements.ts';
import { START_SHORTCUT, STARTS_ACTIONS, STARTS_FORMS } from './ids.ts';
import { openStartForm, runAgain, startFromHome, submitCrew, submitStart } from './listeners.ts';
import { startsTexts } from './texts.ts';

/** *Start a crew*: the form that starts a run, and the ways to open it. The core records the start (`approval/starts`). */
export const starts: Feature = {
  clicks: mapById(STARTS_ACTIONS, { startCrew: { onClick: startFromHome }, runAgain: { onClick: runAgain } }),
  submissions: { [STARTS_FORMS.chooseCrew]: submitCrew, [STARTS_FORMS.startRun]: submitStart },
  globalShortcuts: {
    async [START_SHORTCUT](app, { ack, client, context, shortcut: { user, trigger_id: triggerId } }) {
      await ack();
      await openStartForm(app, { client, place: { user: user.id, texts: textsOf({ context }), triggerId } });
    },
  },
  commands: [
    {
      words: ['run', 'iniciar'],
      after: 'status',
      help: (texts) => startsTexts(texts).help,
      read([crew, ...otherWords]) {
        if (otherWords.length > 0) return { wrong: ({ refusals }) => refusals.wrongRun };
        const run: FeatureCommandRun = async (app, args) => {
          await args.ack();
          await openStartForm(app, { client: args.client, place: findCommandPlace(args), crew });
        };
        return { run };
      },
    },
  ],
  home: (texts, { starts: mayStart }) =>
    mayStart ? [button(STARTS_ACTIONS.startCrew, startsTexts(texts).startTitle, 'start')] : [],
};
