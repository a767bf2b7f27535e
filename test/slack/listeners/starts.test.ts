import type { ModalView } from '@slack/types';
import { WebAPIPlatformError } from '@slack/web-api';
import { describe, expect, it } from 'vitest';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { DeadlineError, StoreError } from '../../../src/lib/errors.ts';
import { readDraft, readLanguage } from '../../../src/slack/app/button-values.ts';
import { ACTIONS, CALLBACKS, CREW, START_SHORTCUT } from '../../../src/slack/app/ids.ts';
import { en } from '../../../src/slack/texts/en.ts';
import { aStart } from '../../approval/starts/records.ts';
import { saying } from '../../support/sentences.ts';
import { createListeningBot, NEVER, ONLY_BEN_LOOKS, startAndWait, type World } from './fakes.ts';

const { crewai, forms, refusals } = en;
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
    async submitForm(values: object, private_metadata = metadata(), callback: string = CALLBACKS.startRun) {
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
    expect(bot.updated).toMatchObject([{ callback_id: CALLBACKS.startRun }]);
    expect(await bot.submitForm(topic('rain'))).toBeUndefined();
    const started = { id: bot.draft()?.id, status: 'starting', by: 'UANA', inputs: { topic: 'rain' } };
    expect(await bot.startedRuns()).toMatchObject([started]);
  });

  it.each([
    ['the shortcut', (bot: { useShortcut(id: string): unknown }) => bot.useShortcut(START_SHORTCUT)],
    ['the Home tab', (bot: { click(id: string): unknown }) => bot.click(ACTIONS.startCrew)],
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
    expect(blank?.errors).toEqual({ 'input:topic': refusals.inputMissing });
    Object.assign(bot.crew, { starters: ['UBEN'] });
    const refused = await bot.submitForm(topic('rain'));
    expect(refused?.errors?.['input:topic']).toContain(refusals.start.not_starter);
    expect(await bot.startedRuns()).toEqual([]);
  });

  it.each([
    ['the store is down', down, refusals.notStarted],
    ['the store may have recorded it', unsure, refusals.perhapsStarted],
    ['the store is late', new DeadlineError(), refusals.perhapsStarted],
    ['the store does not answer', NEVER, refusals.perhapsStarted],
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
    expect(JSON.stringify((await bot.submitForm({}))?.view)).toContain(refusals.notStarted);
  });

  it('starts nothing when the form cannot be read, and says so', async () => {
    const bot = await createForms();
    for (const metadata of ['', 'null', '{"crew": "press"}', 'ABCDEFGHJK.1']) {
      const ack = await bot.submitForm(topic('rain'), metadata);
      expect(JSON.stringify(ack?.view)).toContain(refusals.formLost);
    }
    expect(await bot.startedRuns()).toEqual([]);
  });
});

describe('opening the form that starts a run', () => {
  const slackError = new WebAPIPlatformError({ ok: false, error: 'invalid_arguments' });

  it.each([
    ['Slack does not open it', slackError, refusals.noForm],
    ['something else fails', new Error(), refusals.notStarted],
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
    expect(JSON.stringify(bot.updated)).toContain(forms.inputsAsJson);
    expect([bot.updated.length, bot.logged()]).toEqual([1, ['form to start a run not filled']]);
  });

  it.each([
    ['is not a starter', 'run', { crew: { starters: ['UBEN'] } }, refusals.start.not_starter],
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
    expect(bot.opened).toMatchObject([{ callback_id: CALLBACKS.chooseCrew }]);
    for (const name of ['press', 'sales']) expect(JSON.stringify(bot.opened)).toContain(`"${name}"`);
  });

  it('shows the form of the crew, for the same run', async () => {
    const bot = await createForms();
    const ack = await bot.submitForm(chosen('press'), JSON.stringify(draft), CALLBACKS.chooseCrew);
    const same = { ...draft, crew: 'press' };
    expect([readDraft(readLanguage(ack?.view?.private_metadata ?? '').metadata), bot.draft()]).toEqual([
      same,
      same,
    ]);
    expect(bot.updated).toMatchObject([{ callback_id: CALLBACKS.startRun }]);
  });

  it('shows a sentence instead when the form cannot be read or the person is no longer a starter', async () => {
    const bot = await createForms();
    const choose = (metadata: string) => bot.submitForm(chosen('press'), metadata, CALLBACKS.chooseCrew);
    expect(JSON.stringify((await choose('x'))?.view)).toContain(refusals.formLost);
    Object.assign(bot.crew, { starters: ['UBEN'] });
    expect(JSON.stringify((await choose('{"id": "1"}'))?.view)).toContain(refusals.start.not_starter);
  });
});

describe('Run again', () => {
  it('opens a form with the inputs of the earlier run, and starts another run', async () => {
    const bot = await createForms({ starts: [running] });
    await bot.click(ACTIONS.runAgain, { value: running.id });
    expect(JSON.stringify(bot.updated)).toContain('rain jackets');
    expect(bot.draft()).toMatchObject({ crew: 'press', again: running.id });
    await bot.submitForm(topic('snow jackets'));
    const ids = [running.id, bot.draft()?.id];
    expect((await bot.startedRuns()).map((run) => run?.id)).toEqual(ids);
    expect(await bot.startedRuns()).toMatchObject([{}, { inputs: { topic: 'snow jackets' } }]);
  });

  it('opens nothing for a person who may not start the crew, or for an unknown run', async () => {
    const bot = await createForms({ starts: [running], crew: { starters: ['UBEN'] } });
    await bot.click(ACTIONS.runAgain, { value: running.id });
    await bot.click(ACTIONS.runAgain, { value: 'x' });
    expect(bot.texts()).toEqual([expect.stringContaining(refusals.start.not_starter), refusals.runLost]);
    expect([bot.acks.length, bot.opened]).toEqual([2, []]);
  });
});

describe('Status of a run', () => {
  it.each([
    ['what CrewAI says of the run', {}, running.id, crewai.completed],
    ['that a person may not look it up', ONLY_BEN_LOOKS, running.id, refusals.mayNotLook],
    ['that the run is not known', {}, 'x', refusals.runLost],
  ])('replies %s', async (_, world, value, sentence) => {
    const bot = await createForms({ starts: [running], ...world });
    await bot.click(ACTIONS.runStatus, { value });
    expect([bot.acks, bot.texts()]).toEqual([[undefined], [saying(sentence)]]);
  });

  it.each(['reads', 'runs'] as const)('replies that nothing was looked up when %s fail', async (what) => {
    const bot = await createForms({ starts: [running] });
    bot.disturb(what, down);
    await bot.click(ACTIONS.runStatus, { value: running.id });
    expect(bot.texts()).toEqual([refusals.notLookedUp]);
  });
});
