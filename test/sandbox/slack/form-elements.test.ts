import type { App, ViewSubmitAction } from '@slack/bolt';
import type { InputBlock, ModalView } from '@slack/types';
import { describe, expect, it } from 'vitest';
import { NotSubmitted } from '../../../src/sandbox/slack/interactions/client-checks.ts';
import { EVERY_ANSWER, everyInput, input, SIZES } from './every-input.ts';
import { startSlack, text } from './fixtures.ts';
import type { Answers } from './form-answers.ts';

const form = (blocks: ModalView['blocks'], more: Partial<ModalView> = {}): ModalView => ({
  type: 'modal',
  callback_id: 'form',
  title: text('Form'),
  submit: text('Send'),
  blocks,
  ...more,
});

/** A workspace where U1 has this form open; each submission is acked with the next of `acks`, or else without a body. */
async function openForm(blocks: ModalView['blocks'], register: (app: App) => void = () => {}) {
  const slack = await startSlack();
  const { workspace, client } = slack;
  const sent: ViewSubmitAction['view'][] = [];
  const acks: object[] = [];
  await slack.connect((app) => {
    app.action('revise', async ({ ack, body }) => {
      await ack();
      if (body.type === 'block_actions')
        await client.views.open({ trigger_id: body.trigger_id, view: form(blocks) });
    });
    app.view('form', async ({ ack, view }) => {
      sent.push(view);
      await ack(acks.shift() as never);
    });
    register(app);
  });
  await slack.click(await slack.postCard(), 'revise');
  await workspace.changed((now) => now.openView('U1') !== undefined, { what: 'the form' });
  return {
    workspace,
    client,
    sent,
    acks,
    submit: (answers: Answers) => workspace.submitForm({ user: 'U1', answers }),
    update: (newBlocks: ModalView['blocks']) =>
      client.views.update({ view_id: String(workspace.openView('U1')?.id), view: form(newBlocks) }),
  };
}

/** What Slack's client says at the fields when one submits these answers. */
async function faults(submitted: Promise<unknown>): Promise<unknown> {
  const error = await submitted.then(
    () => undefined,
    (rejected: unknown) => rejected,
  );
  expect(error).toBeInstanceOf(NotSubmitted);
  return (error as NotSubmitted).errors;
}

describe('a submitted form', () => {
  it('holds what was entered in each kind of input', async () => {
    const { submit, sent } = await openForm(everyInput());
    expect(await submit(EVERY_ANSWER)).toMatchObject({ acked: true, closed: true });
    const [, medium, large] = SIZES;
    expect(sent[0]?.state.values).toMatchObject({
      name: { 'a-name': { type: 'plain_text_input', value: 'Ana' } },
      reason: { 'a-reason': { type: 'plain_text_input', value: 'First line\nSecond line' } },
      guests: { 'a-guests': { type: 'number_input', value: '3' } },
      budget: { 'a-budget': { type: 'number_input', value: '12.50' } },
      mail: { 'a-mail': { type: 'email_text_input', value: 'ana@example.com' } },
      site: { 'a-site': { type: 'url_text_input', value: 'https://example.com/a?b=c' } },
      day: { 'a-day': { type: 'datepicker', selected_date: '2026-11-06' } },
      time: { 'a-time': { type: 'timepicker', selected_time: '09:30' } },
      moment: { 'a-moment': { type: 'datetimepicker', selected_date_time: 1_793_957_400 } },
      size: { 'a-size': { type: 'static_select', selected_option: medium } },
      days: { 'a-days': { type: 'multi_static_select', selected_options: [{ value: '1' }, { value: '3' }] } },
      room: { 'a-room': { type: 'radio_buttons', selected_option: large } },
      extras: { 'a-extras': { type: 'checkboxes', selected_options: [{ value: 'b' }, { value: 'p' }] } },
    });
  });

  it('holds null, and no options, where an optional field was left empty or emptied', async () => {
    const { submit, sent, acks } = await openForm(everyInput({ optional: true }));
    acks.push({ response_action: 'errors', errors: { name: 'Again' } });
    await submit(EVERY_ANSWER);
    const empty = Object.fromEntries(Object.keys(EVERY_ANSWER).map((label) => [label, null]));
    await submit(empty);
    const states = Object.values(sent[1]?.state.values ?? {}).flatMap((block) => Object.values(block));
    expect(states).toHaveLength(13);
    const held = states.map(({ type: _, ...state }) => Object.values(state));
    expect(new Set(held.map((state) => JSON.stringify(state)))).toEqual(new Set(['[null]', '[[]]']));
    expect(sent[1]?.state.values.moment).toEqual({
      'a-moment': { type: 'datetimepicker', selected_date_time: null },
    });
  });

  it('holds the initial values of what nobody touched', async () => {
    const { workspace, submit, sent } = await openForm([
      input('Name', { type: 'plain_text_input', initial_value: 'Ben' }),
      input('Guests', { type: 'number_input', is_decimal_allowed: false, initial_value: '2' }),
      input('Moment', { type: 'datetimepicker', initial_date_time: 1_628_633_820 }),
      input('Time', { type: 'timepicker', initial_time: '23:59' }),
      input('Days', { type: 'multi_static_select', options: SIZES, initial_options: SIZES.slice(0, 2) }),
      input('Room', { type: 'radio_buttons', options: SIZES, initial_option: SIZES[2] as never }),
    ]);
    const initial = {
      Name: 'Ben',
      Guests: '2',
      Moment: 1_628_633_820,
      Time: '23:59',
      Days: ['Small', 'Medium'],
      Room: 'Large',
    };
    expect(workspace.formValues('U1')).toEqual(initial);
    await submit({ Name: 'Ana' });
    expect(sent[0]?.state.values.moment?.['a-moment']?.selected_date_time).toBe(1_628_633_820);
    expect(sent[0]?.state.values.room?.['a-room']?.selected_option).toEqual(SIZES[2]);
  });
});

describe("Slack's client", () => {
  it('sends no form with an empty required field, and says so at each of them', async () => {
    const { workspace, submit, sent } = await openForm(everyInput());
    const errors = await faults(submit({}));
    expect(Object.keys(errors as object)).toHaveLength(13);
    expect(new Set(Object.values(errors as object))).toEqual(
      new Set(['Please complete this required field.']),
    );
    expect(sent).toEqual([]);
    expect(workspace.openView('U1')).toBeDefined();
  });

  it('sends no form with a field in a wrong format or out of its range, and keeps what was entered', async () => {
    const { workspace, submit, sent } = await openForm(everyInput());
    const wrong = {
      ...EVERY_ANSWER,
      Name: 'x',
      Guests: 9,
      Budget: 'twelve',
      Mail: 'ana@example.com, ben@example.com',
      Site: 'example.com',
      Days: ['Monday', 'Tuesday', 'Wednesday'],
    };
    expect(await faults(submit(wrong))).toEqual({
      name: 'Enter at least 2 characters, not 1.',
      guests: 'Enter 8 or less.',
      budget: 'Enter a valid number.',
      mail: 'Enter a valid email address.',
      site: 'Enter a valid URL, such as https://example.com.',
      days: 'Choose at most 2.',
    });
    expect(sent).toEqual([]);
    expect(workspace.formValues('U1')).toMatchObject({ Name: 'x', Budget: 'twelve', Room: 'Large' });
    expect(await submit(EVERY_ANSWER)).toMatchObject({ closed: true });
  });

  it.each<[string, string, string | undefined]>([
    ['Guests', '0', 'Enter 1 or more.'],
    ['Guests', '1', undefined],
    ['Guests', '8', undefined],
    ['Guests', '1.5', 'Enter a whole number.'],
    ['Guests', '1e1', 'Enter a valid number.'],
    ['Guests', '٣', 'Enter a valid number.'],
    ['Budget', '-0.5', undefined],
    ['Budget', '-0.51', 'Enter -0.5 or more.'],
    ['Budget', '1,000', 'Enter a valid number.'],
    ['Budget', '-', 'Enter a valid number.'],
    ['Name', 'x'.repeat(10), undefined],
    ['Name', 'x'.repeat(11), 'Enter at most 10 characters, not 11.'],
    ['Reason', 'x'.repeat(3_001), 'Enter at most 3000 characters, not 3001.'],
    ['Mail', 'ana', 'Enter a valid email address.'],
    ['Site', 'ftp://example.com', 'Enter a valid URL, such as https://example.com.'],
    ['Site', 'http://localhost:3000', undefined],
  ])('looks at what is entered in %s: %s', async (label, answer, sentence) => {
    const { submit } = await openForm(everyInput({ optional: true }));
    const submitted = submit({ [label]: answer });
    if (sentence === undefined) expect(await submitted).toMatchObject({ closed: true });
    else expect(await faults(submitted)).toEqual({ [label.toLowerCase()]: sentence });
  });

  it.each<[string, Answers, string]>([
    ['a day that is not in the calendar', { Day: '2026-02-30' }, 'cannot be "2026-02-30"'],
    ['a day in another format', { Day: '06.11.2026' }, 'cannot be "06.11.2026"'],
    ['a time after midnight', { Time: '24:00' }, 'cannot be "24:00"'],
    ['a moment in milliseconds', { Moment: '1628633820000' }, 'cannot be "1628633820000"'],
    ['an option that is not offered', { Size: 'Huge' }, 'no one option is "Huge"'],
    ['two options of a radio group', { Room: ['Small', 'Large'] }, 'takes one entry'],
    ['a field that is not there', { Colour: 'red' }, 'no field is labelled "Colour"'],
  ])('lets nobody enter %s', async (_, answers, reason) => {
    const { submit } = await openForm(everyInput({ optional: true }));
    await expect(submit(answers)).rejects.toThrow(reason);
  });
});

describe('what is entered', () => {
  it('stays when the app answers with errors, which are told by block', async () => {
    const { workspace, submit, acks } = await openForm(everyInput());
    acks.push({ response_action: 'errors', errors: { moment: 'That is a holiday.', extras: 'One only.' } });
    expect(await submit(EVERY_ANSWER)).toMatchObject({
      acked: true,
      closed: false,
      errors: { moment: 'That is a holiday.', extras: 'One only.' },
    });
    expect(workspace.formValues('U1')).toEqual({ ...EVERY_ANSWER, Guests: '3', Moment: 1_793_957_400 });
  });

  it('stays over views.update where block_id and action_id stay, whatever the new initial value is', async () => {
    const { workspace, submit, acks, update } = await openForm([
      input('Name', { type: 'plain_text_input', initial_value: 'Ben' }),
      input('Reason', { type: 'plain_text_input' }),
      input('Size', { type: 'static_select', options: SIZES }),
      input('Guests', { type: 'number_input', is_decimal_allowed: false }, { optional: true }),
    ]);
    acks.push({ response_action: 'errors', errors: { name: 'Again' } });
    await submit({ Reason: 'Because', Size: 'Large' });
    const again = (elements: Partial<Record<'Name' | 'Reason' | 'Size' | 'Guests', InputBlock['element']>>) =>
      update(Object.entries(elements).map(([label, element]) => input(label, element)));
    const typed = (initial_value: string) => ({ type: 'plain_text_input' as const, initial_value });
    await again({
      Size: { type: 'static_select', options: SIZES, initial_option: SIZES[0] as never },
      Reason: typed('Else'),
      Name: typed('Cat'),
      Guests: { type: 'number_input', is_decimal_allowed: false, initial_value: '4' },
    });
    const kept = { Size: 'Large', Reason: 'Because', Name: 'Ben', Guests: '4' };
    expect(workspace.formValues('U1')).toEqual(kept);
    await again({
      Size: { type: 'static_select', options: SIZES.slice(0, 2) },
      Reason: { type: 'email_text_input' },
    });
    expect(workspace.formValues('U1')).toEqual({ Size: null, Reason: null });
  });

  it('is told the app when a button of the form is clicked', async () => {
    const seen: unknown[] = [];
    const go = { type: 'button' as const, action_id: 'go', text: text('Go') };
    const blocks = [...everyInput(), { type: 'actions' as const, elements: [go] }];
    const { workspace } = await openForm(blocks, (app) =>
      app.action('go', async ({ ack, body }) => {
        await ack();
        seen.push(body.type === 'block_actions' && body.view?.state.values.name?.['a-name']?.value);
      }),
    );
    const values = { name: { 'a-name': 'x' } };
    expect(await workspace.clickInView({ user: 'U1', actionId: 'go', values })).toMatchObject({
      acked: true,
    });
    expect(seen).toEqual(['x']);
  });
});
