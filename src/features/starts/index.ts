import type { Feature } from '../../slack/feature.ts';
import { byId } from '../../slack/listeners/click.ts';
import { placeOfCommand } from '../../slack/listeners/command.ts';
import { spoken, texts } from '../../slack/texts/texts.ts';
import { button } from '../../slack/views/text/elements.ts';
import { START_SHORTCUT, STARTS_ACTIONS, STARTS_FORMS } from './ids.ts';
import { openStartForm, runAgain, startFromHome, submitCrew, submitStart } from './listeners.ts';
import { startsTexts } from './texts.ts';

/** *Start a crew*: the form that starts a run, and the ways to it. The start is a record of the core (`approval/starts`). */
export const starts: Feature = {
  clicks: byId(STARTS_ACTIONS, { startCrew: { onClick: startFromHome }, runAgain: { onClick: runAgain } }),
  submissions: { [STARTS_FORMS.chooseCrew]: submitCrew, [STARTS_FORMS.startRun]: submitStart },
  globalShortcuts: {
    async [START_SHORTCUT](app, { ack, client, shortcut: { user, trigger_id: triggerId } }) {
      await ack();
      await openStartForm(app, { client, place: { user: user.id, triggerId } });
    },
  },
  commands: [
    {
      words: ['run', 'iniciar'],
      after: 'status',
      help: () => startsTexts(spoken()).help,
      read([crew, ...others]) {
        if (others.length > 0) return texts.refusals.wrongRun;
        return async (app, { ack, client, command }) => {
          await ack();
          await openStartForm(app, { client, place: placeOfCommand(command), crew });
        };
      },
    },
  ],
  home: ({ starts: mayStart }) =>
    mayStart ? [button(STARTS_ACTIONS.startCrew, startsTexts(spoken()).startTitle, 'start')] : [],
};
