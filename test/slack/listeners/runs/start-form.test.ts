import type { ModalView } from '@slack/types';
import { describe, expect, it } from 'vitest';
import type { Crew } from '../../../../src/approval/model/crew/crew.ts';
import { DeadlineError, StoreError } from '../../../../src/lib/errors.ts';
import { readDraft } from '../../../../src/slack/app/button-values.ts';
import { CALLBACKS, CREW } from '../../../../src/slack/app/ids.ts';
import type { ListenerContext } from '../../../../src/slack/listeners/context.ts';
import type { SubmissionArgs } from '../../../../src/slack/listeners/modals/record-submission.ts';
import { openStartForm } from '../../../../src/slack/listeners/runs/open-start-form.ts';
import { submitCrew, submitStart } from '../../../../src/slack/listeners/runs/submit-start.ts';
import {
  FORM_LOST,
  INPUT_MISSING,
  NO_FORM,
  NOT_STARTED,
  PERHAPS_STARTED,
} from '../../../../src/slack/views/text/sentences.ts';
import { createKickoffWorld } from '../../../approval/kickoffs/kickoff-world.ts';
import { createFakes } from '../fakes.ts';

const HOUR = 60 * 60_000;
const PLACE = { user: 'UANA', channel: 'CAPPROVALS', triggerId: 'trigger' };

/** The form and its submission, with the real starts on records in memory. */
function createForms({ crew = {} as Partial<Crew>, refuses = [] as string[] } = {}) {
  const world = createKickoffWorld({ crew });
  const fakes = createFakes();
  const context = { ...fakes.context, starts: world.starts } as ListenerContext;
  const views: ModalView[] = [];
  const show = async (method: string, view: ModalView) => {
    if (refuses.includes(method))
      throw Object.assign(new Error(method), { code: 'slack_webapi_platform_error' });
    views.push(view);
    return { view: { id: 'V1' } };
  };
  const client = {
    views: {
      open: ({ view }: { view: ModalView }) => show('open', view),
      update: ({ view }: { view: ModalView }) => show('update', view),
    },
  } as never;
  const open = (more: Partial<Parameters<typeof openStartForm>[1]> = {}) =>
    openStartForm(context, { client, place: PLACE, ...more });

  /** Ana submits the form that is open, or one with these metadata. */
  async function submit(values: object, listener = submitStart, metadata = views.at(-1)?.private_metadata) {
    const view = { id: 'V1', title: { text: 'Start a crew' }, private_metadata: metadata, state: { values } };
    const { ack } = fakes;
    await listener(context, {
      ack,
      client,
      body: { user: { id: 'UANA' } },
      view,
    } as unknown as SubmissionArgs);
    return fakes.acks.at(-1) as { errors?: Record<string, string>; view?: ModalView } | undefined;
  }
  const draft = () => readDraft(views.at(-1)?.private_metadata ?? '');
  return { ...fakes, world, context, views, open, submit, draft };
}

const topic = (value: string | null) => ({ 'input:topic': { input: { value } } });

describe('the form', () => {
  it('stands there at once, gets its fields, and starts the run that it names', async () => {
    const { views, open, submit, draft, world } = createForms();
    await open();
    expect(views.map(({ callback_id }) => callback_id)).toEqual([undefined, CALLBACKS.startRun]);
    expect(await submit(topic('rain'))).toBeUndefined();
    expect(await world.kickoff(draft()?.id)).toMatchObject({
      status: 'starting',
      by: 'UANA',
      inputs: { topic: 'rain' },
    });
  });

  it('that was open for an hour starts the run when it is submitted', async () => {
    const { open, submit, draft, world } = createForms();
    world.startWorker('one');
    await open();
    const opened = world.clock.now();
    await world.clock.advance(HOUR);
    expect(await submit(topic('rain'))).toBeUndefined();
    await world.clock.advance(10_000);
    const kickoff = await world.kickoff(draft()?.id);
    expect(kickoff).toMatchObject({ status: 'running', createdAt: opened + HOUR });
    expect(world.calls).toHaveLength(1);
  });

  it('keeps what was typed when a field is empty, or the person is no starter any more', async () => {
    const { open, submit, world } = createForms();
    await open();
    expect((await submit(topic(' ')))?.errors).toEqual({ 'input:topic': INPUT_MISSING });
    Object.assign(world.crew, { starters: ['UBEN'] });
    const refused = await submit(topic('rain'));
    expect(refused?.errors?.['input:topic']).toContain("You don't have permission to start this crew");
  });

  it.each([
    ['the store is down', new StoreError('gone'), NOT_STARTED],
    ['the store may have recorded it', new StoreError('gone', undefined, { unsure: true }), PERHAPS_STARTED],
    ['the store is late', new DeadlineError(), PERHAPS_STARTED],
  ])('keeps what was typed and says so when %s', async (_, error, sentence) => {
    const { open, submit, context } = createForms();
    await open();
    const fails = { ...context.starts, start: async () => Promise.reject(error) };
    Object.assign(context, { starts: fails });
    expect((await submit(topic('rain')))?.errors).toEqual({ 'input:topic': sentence });
  });

  it('of a crew without inputs says what is wrong in its place', async () => {
    const { open, submit, context } = createForms();
    await open();
    Object.assign(context, {
      starts: { ...context.starts, start: () => Promise.reject(new StoreError('x')) },
    });
    expect(JSON.stringify((await submit({}))?.view)).toContain(NOT_STARTED);
  });

  it('that cannot be read says so, and starts nothing', async () => {
    const { submit, world } = createForms();
    for (const metadata of ['', 'null', '{"crew": "press"}', 'ABCDEFGHJK.1'])
      expect(JSON.stringify((await submit(topic('rain'), submitStart, metadata))?.view)).toContain(FORM_LOST);
    expect(await world.store.kickoffs(['press'], { limit: 10 })).toEqual([]);
  });
});

describe('a form that Slack does not open', () => {
  it('is told to the person', async () => {
    const { open, texts, lines } = createForms({ refuses: ['open'] });
    await open();
    expect(texts()).toEqual([NO_FORM]);
    expect(lines.map(({ fact }) => fact)).toEqual(['form to start a run not opened']);
  });

  it('or not fill, since the person has closed it, is only logged', async () => {
    const { open, texts, lines } = createForms({ refuses: ['update'] });
    await open();
    expect(texts()).toEqual([]);
    expect(new Set(lines.map(({ fact }) => fact))).toEqual(new Set(['form to start a run not filled']));
  });

  it('since the person may not start the crew, is told with the reason', async () => {
    const { open, texts, views } = createForms({ crew: { starters: ['UBEN'] } });
    await open();
    await open({ crew: 'sales' });
    expect(texts()).toEqual([
      expect.stringContaining("You don't have permission to start this crew"),
      expect.stringContaining('no crew "sales"'),
    ]);
    expect(views).toEqual([]);
  });
});

describe('a crew that is chosen', () => {
  const choose = (name: string) => ({
    [CREW.block]: { [CREW.action]: { selected_option: { value: name } } },
  });

  it('gives the form of its inputs, for the same run', async () => {
    const { submit, views } = createForms();
    const draft = { id: '00000000-0000-4000-8000-000000000007', channel: 'CAPPROVALS' };
    const ack = await submit(choose('press'), submitCrew, JSON.stringify(draft));
    expect(readDraft(ack?.view?.private_metadata ?? '')).toEqual({ ...draft, crew: 'press' });
    expect(views).toHaveLength(1);
    expect(readDraft(views[0]?.private_metadata ?? '')).toEqual({ ...draft, crew: 'press' });
  });

  it('and may not be started, or whose form cannot be read, is told in its place', async () => {
    const { submit, world } = createForms();
    expect(JSON.stringify((await submit(choose('press'), submitCrew, ''))?.view)).toContain(FORM_LOST);
    Object.assign(world.crew, { starters: ['UBEN'] });
    const refused = await submit(choose('press'), submitCrew, '{"id": "1"}');
    expect(JSON.stringify(refused?.view)).toContain("You don't have permission to start this crew");
  });
});

it('a run that is started again begins with what was given then', async () => {
  const { open, views, submit, draft, world } = createForms();
  await world.submit();
  const again = await world.kickoff();
  await open({ again });
  expect(JSON.stringify(views.at(-1)?.blocks)).toContain('rain jackets');
  expect(draft()).toMatchObject({ crew: 'press', again: again.id });
  expect(draft()?.id).not.toBe(again.id);
  await submit(topic('snow jackets'));
  expect(await world.kickoff(draft()?.id)).toMatchObject({ inputs: { topic: 'snow jackets' } });
});
