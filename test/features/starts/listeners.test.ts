import type { ModalView } from '@slack/types';
import { WebAPIPlatformError } from '@slack/web-api';
import { describe, expect, it } from 'vitest';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { readDraft } from '../../../src/features/starts/draft.ts';
import { CREW, START_SHORTCUT, STARTS_ACTIONS, STARTS_FORMS } from '../../../src/features/starts/ids.ts';
import { startsTexts } from '../../../src/features/starts/texts.ts';
import { DeadlineError, StoreError } from '../../../src/lib/errors.ts';
import { readLanguage } from '../../../src/slack/app/button-values.ts';
import { en } from '../../../src/slack/texts/texts.ts';
import { aStart } from '../../approval/starts/records.ts';
import {
  createListeningBot,
  NEVER,
  startAndWait,
  startResponseUrl,
  type World,
} from '../../slack/listeners/fakes.ts';
import { saying } from '../../support/sentences.ts';
import { spoken } from '../../support/spoken.ts';

const { refusals } = en;
const HOUR = 60 * 60_000;
const down = new StoreError('Down.');
const unsure = new StoreError('gone', undefined, { unsure: true });
const running = aStart({ status: 'running', executionId: 'run-1' });
const topic = (value: string | null) => ({ 'input:topic': { input: { value } } });
const chosen = (name: string) => ({ [CREW.block]: { [CREW.action]: { selected_option: { value: name } } } });

/** A bot whose forms Ana opens and submits. */
async function createForms(world: World = {}) {
  const bot = await createListeningBot(world);
  /** The forms that she saw, as far as Slack showed them. */
  const metadata = () => [...bot.opened, ...bot.updated].at(-1)?.private_metadata ?? '';
  return {
    ...bot,
    draft: () => readDraft(metadata()),
    /** Submits the form that is open, or one with these metadata; gives the ack. */
    async submitForm(
      values: object,
      private_metadata = metadata(),
      callback: string = STARTS_FORMS.startRun,
    ) {
      await bot.submit(callback, {}, { private_metadata, state: { values } });
      return bot.acks.at(-1) as { errors?: Record<string, string>; view?: ModalView } | undefined;
    },
  };
}

describe('submitting the form that starts a run', () => {
  it('opens the form at once, fills in its fields, and starts its run', async () => {
    const bot = await createForms();
    await bot.type('run');
    expect(bot.opened).toMatchObject([{ blocks: [{ text: { text: saying('Asking CrewAI') } }] }]);
    expect(bot.updated).toMatchObject([{ callback_id: STARTS_FORMS.startRun }]);
    expect(await bot.submitForm(topic('rain'))).toBeUndefined();
    const started = { id: bot.draft()?.id, status: 'starting', by: 'UANA', inputs: { topic: 'rain' } };
    expect(await bot.startedRuns()).toMatchObject([started]);
  });

  it.each([
    ['the shortcut', (bot: { useShortcut(id: string): unknown }) => bot.useShortcut(START_SHORTCUT)],
    ['the Home tab', (bot: { click(id: string): unknown }) => bot.click(STARTS_ACTIONS.startCrew)],
    ['the command', (bot: { type(text: string): unknown }) => bot.type('run press')],
  ])('opens the form by %s', async (_, open) => {
    const bot = await createForms();
    await open(bot);
    expect([bot.acks, bot.draft()]).toMatchObject([[undefined], { crew: 'press' }]);
  });

  it('starts one run when the form is submitted twice, after it was open for an hour', async () => {
    const bot = await createForms();
    await bot.type('run');
    const openedAt = bot.clock.now();
    await bot.clock.advance(HOUR);
    for (const value of ['rain', 'snow']) expect(await bot.submitForm(topic(value))).toBeUndefined();
    const started = { status: 'starting', inputs: { topic: 'rain' }, createdAt: openedAt + HOUR };
    expect(await bot.startedRuns()).toMatchObject([started]);
  });

  it('keeps what was typed when a field is empty, or the person is no longer a starter', async () => {
    const bot = await createForms();
    await bot.type('run');
    const blank = await bot.submitForm(topic(' '));
    expect(blank?.errors).toEqual({ 'input:topic': startsTexts(spoken()).inputMissing });
    Object.assign(bot.crew, { starters: ['UBEN'] });
    const refused = await bot.submitForm(topic('rain'));
    expect(refused?.errors?.['input:topic']).toContain(startsTexts(spoken()).refused.not_starter);
    expect(await bot.startedRuns()).toEqual([]);
  });

  it.each([
    ['the store is down', down, startsTexts(spoken()).notStarted],
    ['the store may have recorded it', unsure, startsTexts(spoken()).perhapsStarted],
    ['the store is late', new DeadlineError(), startsTexts(spoken()).perhapsStarted],
    ['the store does not answer', NEVER, startsTexts(spoken()).perhapsStarted],
  ])('keeps what was typed and says so when %s', async (_, trouble, sentence) => {
    const bot = await createForms();
    await bot.type('run');
    bot.disturb('writes', trouble);
    const { done } = await startAndWait(() => bot.submitForm(topic('rain')), 2_500);
    expect((await done)?.errors).toEqual({ 'input:topic': sentence });
    expect(bot.logged()).toEqual(['start of a run not recorded']);
  });

  it('shows in the modal why nothing was started when the crew has no inputs', async () => {
    const bot = await createForms({ inputs: { names: [] } });
    await bot.type('run');
    bot.disturb('writes', down);
    expect(JSON.stringify((await bot.submitForm({}))?.view)).toContain(startsTexts(spoken()).notStarted);
  });

  it('starts nothing when the form cannot be read, and says so', async () => {
    const bot = await createForms();
    for (const metadata of ['', 'null', '{"crew": "press"}', 'ABCDEFGHJK.1']) {
      const ack = await bot.submitForm(topic('rain'), metadata);
      expect(ack?.errors).toEqual({ 'input:topic': startsTexts(spoken()).formLost });
    }
    expect(await bot.startedRuns()).toEqual([]);
  });
});

describe('opening the form that starts a run', () => {
  const slackError = new WebAPIPlatformError({ ok: false, error: 'invalid_arguments' });

  it.each([
    ['Slack does not open it', slackError, startsTexts(spoken()).noForm],
    ['something else fails', new Error(), startsTexts(spoken()).notStarted],
  ])('replies when %s', async (_, error, sentence) => {
    const bot = await createForms();
    bot.fails.open = error;
    await bot.type('run');
    expect([bot.texts(), bot.logged()]).toEqual([[sentence], ['form to start a run not opened']]);
  });

  it('only logs that Slack did not fill the form, since the person may have closed it', async () => {
    const bot = await createForms();
    bot.fails.update = slackError;
    await bot.type('run');
    expect([bot.texts(), [...new Set(bot.logged())]]).toEqual([[], ['form to start a run not filled']]);
  });

  it('asks for the inputs as JSON when Slack rejects the form with a field for each', async () => {
    const bot = await createForms();
    const failOnce = () => {
      delete bot.fails.update;
      return slackError;
    };
    Object.defineProperty(bot.fails, 'update', { get: failOnce, configurable: true });
    await bot.type('run');
    expect(JSON.stringify(bot.updated)).toContain(startsTexts(spoken()).inputsAsJson);
    expect([bot.updated.length, bot.logged()]).toEqual([1, ['form to start a run not filled']]);
  });

  it.each([
    ['is not a starter', 'run', { crew: { starters: ['UBEN'] } }, startsTexts(spoken()).refused.not_starter],
    ['names an unknown crew', 'run sales', {}, 'no crew "sales"'],
  ])('replies why when the person %s', async (_, typed, world, sentence) => {
    const bot = await createForms(world);
    await bot.type(typed);
    expect([bot.texts(), bot.opened]).toEqual([[saying(sentence)], []]);
  });
});

describe('choosing the crew to start', () => {
  const draft = { id: '00000000-0000-4000-8000-000000000007', channel: 'CAPPROVALS' };

  it('asks for the crew when there are several', async () => {
    const bot = await createForms();
    (bot.app.crews as Map<string, Crew>).set('sales', { ...bot.crew, name: 'sales' });
    await bot.type('run');
    expect(bot.opened).toMatchObject([{ callback_id: STARTS_FORMS.chooseCrew }]);
    for (const name of ['press', 'sales']) expect(JSON.stringify(bot.opened)).toContain(`"${name}"`);
  });

  it('shows the form of the crew, for the same run', async () => {
    const bot = await createForms();
    const ack = await bot.submitForm(chosen('press'), JSON.stringify(draft), STARTS_FORMS.chooseCrew);
    const same = { ...draft, crew: 'press' };
    expect([readDraft(readLanguage(ack?.view?.private_metadata ?? '').metadata), bot.draft()]).toEqual([
      same,
      same,
    ]);
    expect(bot.updated).toMatchObject([{ callback_id: STARTS_FORMS.startRun }]);
  });

  it('shows a sentence instead when the form cannot be read or the person is no longer a starter', async () => {
    const bot = await createForms();
    const choose = (metadata: string) => bot.submitForm(chosen('press'), metadata, STARTS_FORMS.chooseCrew);
    expect(JSON.stringify((await choose('x'))?.view)).toContain(startsTexts(spoken()).formLost);
    Object.assign(bot.crew, { starters: ['UBEN'] });
    expect(JSON.stringify((await choose('{"id": "1"}'))?.view)).toContain(
      startsTexts(spoken()).refused.not_starter,
    );
  });
});

describe('Run again', () => {
  it('opens a form with the inputs of the earlier run, and starts another run', async () => {
    const bot = await createForms({ starts: [running] });
    await bot.click(STARTS_ACTIONS.runAgain, { value: running.id });
    expect(JSON.stringify(bot.updated)).toContain('rain jackets');
    expect(bot.draft()).toMatchObject({ crew: 'press', again: running.id });
    await bot.submitForm(topic('snow jackets'));
    const ids = [running.id, bot.draft()?.id];
    expect((await bot.startedRuns()).map((run) => run?.id)).toEqual(ids);
    expect(await bot.startedRuns()).toMatchObject([{}, { inputs: { topic: 'snow jackets' } }]);
  });

  it('opens nothing for a person who may not start the crew, or for an unknown run', async () => {
    const bot = await createForms({ starts: [running], crew: { starters: ['UBEN'] } });
    await bot.click(STARTS_ACTIONS.runAgain, { value: running.id });
    await bot.click(STARTS_ACTIONS.runAgain, { value: 'x' });
    expect(bot.texts()).toEqual([
      expect.stringContaining(startsTexts(spoken()).refused.not_starter),
      refusals.runNotFound,
    ]);
    expect([bot.acks.length, bot.opened]).toEqual([2, []]);
  });
});

describe('the command', () => {
  it.each(['run press', 'Iniciar press'])('reads the crew of %j', async (typed) => {
    const bot = await createForms();
    await bot.type(typed);
    expect(bot.draft()).toMatchObject({ crew: 'press' });
  });

  it('takes one crew at most', async () => {
    const bot = await createForms();
    const { url, bodies } = await startResponseUrl();
    await bot.type('run press sales', url);
    expect([bot.opened, bodies]).toMatchObject([[], [{ text: saying(refusals.wrongRun) }]]);
  });
});

describe('a form of another version', () => {
  const ofPress = JSON.stringify({ id: '1', crew: 'press' });

  it.each<[string, object]>([
    [STARTS_FORMS.startRun, {}],
    [STARTS_FORMS.startRun, { 'input:topic': { text: { value: 'rain' } } }],
    [STARTS_FORMS.chooseCrew, {}],
    [STARTS_FORMS.chooseCrew, { crew: { crew: { selected_option: null } } }],
  ])('is rejected (%s), and shows what was typed', async (id, fields) => {
    const bot = await createForms();
    const typed = { other: { field: { value: 'Typed text' } }, more: { pick: { selected_user: 'UBEN' } } };
    const ack = await bot.submitForm({ ...fields, ...typed }, ofPress, id);
    for (const shown of [refusals.unknownForm, 'Typed text']) expect(JSON.stringify(ack)).toContain(shown);
    expect([bot.logged(), await bot.startedRuns()]).toEqual([['unknown form submitted'], []]);
  });

  it('is logged once where it cannot be read', async () => {
    const bot = await createForms();
    await bot.submitForm({}, 'x');
    expect(bot.lines.map(({ fact }) => fact)).toEqual(['form value not readable']);
  });
});
