import fc from 'fast-check';
import { writeListPage } from '../../../src/slack/app/button-values.ts';
import { ACTIONS, CALLBACKS, DETAILS_SHORTCUT, MENU, OPTION_BUTTONS } from '../../../src/slack/app/ids.ts';
import { LARGEST_REQUEST } from '../../../src/slack/app/request-gate.ts';
import { type FuzzRequest, json, signed } from './requests.ts';
import { anyValue, hostileText, hugeText, spoiled } from './values.ts';

export interface FuzzedSlack {
  signingSecret: string;
  /** Where answers can be sent; nobody reads them. */
  responseUrl: string;
  approvals: readonly string[];
}

const user = fc.constantFrom('UANA', 'UBEN', 'UCAT', 'USTRANGER');
const channel = fc.constantFrom('CAPPROVALS', 'CPRESS', 'CNOWHERE');
const short = hostileText.map((one) => one.slice(0, 3_000));

/** What Slack sends of people, and what it would never send. */
export function slackRequests({
  signingSecret,
  responseUrl,
  approvals,
}: FuzzedSlack): fc.Arbitrary<FuzzRequest> {
  const target = fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .tuple(
          fc.constantFrom(...approvals, '0000000000'),
          fc.integer({ min: 0, max: 4 }),
          fc.constantFrom('', '.abc'),
        )
        .map(([id, round, mark]) => `${id}.${round}${mark}`),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom('0000000000.999999', '0000000000.-1', 'x.1', '.', '..', '__proto__.1'),
    },
    { weight: 2, arbitrary: short },
  );
  const page = fc.oneof(
    fc
      .record({
        kind: fc.constantFrom('waiting', 'history', 'find'),
        after: short,
        before: fc.array(short, { maxLength: 3 }),
      })
      .map(({ kind, after, before }) =>
        writeListPage({
          query: { kind, words: 'press', mine: true } as never,
          after: after.slice(0, 40),
          before,
        }),
      ),
    fc
      .tuple(fc.constantFrom('output', 'changes', 'x'), target, fc.nat(99_999))
      .map((parts) => parts.join(':')),
    anyValue.map((query) => json({ query, before: [null] }).slice(0, 3_000)),
  );
  const value = fc.oneof(
    { weight: 4, arbitrary: target },
    { weight: 2, arbitrary: page },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom(...Object.values(MENU)), target).map((parts) => parts.join(':')),
    },
  );
  const common = fc.tuple(user, short).map(([id, trigger]) => ({
    user: { id, username: 'name', name: 'name', team_id: 'T0SANDBOX' },
    api_app_id: 'A0SANDBOX',
    token: 'verification-token',
    trigger_id: trigger.slice(0, 100),
    team: { id: 'T0SANDBOX', domain: 'sandbox' },
    enterprise: null,
    is_enterprise_install: false,
  }));
  const place = fc.tuple(
    channel,
    fc.constantFrom('1700000000.000100', '1.0', '9999999999.999999'),
    fc.boolean(),
  );
  const action = fc.oneof(
    fc
      .tuple(fc.constantFrom(...Object.values(ACTIONS), ...OPTION_BUTTONS, 'of_a_newer_version'), value)
      .map(([action_id, one]) =>
        action_id === ACTIONS.more || action_id === ACTIONS.chooseFromList
          ? {
              type: action_id === ACTIONS.more ? 'overflow' : 'static_select',
              action_id,
              block_id: 'b',
              selected_option: { value: one, text: { type: 'plain_text', text: 'x' } },
              action_ts: '1.0',
            }
          : {
              type: 'button',
              action_id,
              block_id: 'b',
              value: one,
              text: { type: 'plain_text', text: 'x' },
              action_ts: '1.0',
            },
      ),
  );
  const click = fc.tuple(common, place, action).map(
    ([fields, [id, ts, onCard], one]): Record<string, unknown> => ({
      type: 'block_actions',
      ...fields,
      container: { type: 'message', message_ts: ts, channel_id: id, is_ephemeral: !onCard },
      channel: { id, name: 'name' },
      ...(onCard ? { message: { ts, text: '', blocks: [] } } : {}),
      state: { values: {} },
      response_url: responseUrl,
      actions: [one],
    }),
  );
  const shortcut = fc.tuple(common, place, target).map(
    ([fields, [id, ts], blockValue]): Record<string, unknown> => ({
      type: 'message_action',
      ...fields,
      callback_id: DETAILS_SHORTCUT,
      action_ts: '1.0',
      message_ts: ts,
      channel: { id, name: 'name' },
      message: { ts, text: '', blocks: [{ elements: [{ value: blockValue }] }] },
      response_url: responseUrl,
    }),
  );
  const typed = fc.oneof(short, hugeText, fc.constantFrom('Shorter, please', ' \n\t'));
  const submission = fc
    .tuple(common, fc.constantFrom(...Object.values(CALLBACKS)), target, typed, typed, user)
    .map(
      ([fields, callback_id, private_metadata, feedback, note, to]): Record<string, unknown> => ({
        type: 'view_submission',
        ...fields,
        view: {
          id: 'V1',
          type: 'modal',
          callback_id,
          private_metadata,
          hash: '1.x',
          title: { type: 'plain_text', text: 'x' },
          blocks: [],
          state: {
            values: {
              feedback: { feedback: { type: 'plain_text_input', value: feedback } },
              people_note: { people_note: { type: 'plain_text_input', value: note } },
              assignee: { assignee: { type: 'users_select', selected_user: to } },
            },
          },
        },
        response_urls: [],
      }),
    );
  const words = fc.constantFrom(
    '',
    'waiting',
    'history',
    'find',
    'approve',
    'revise',
    'status',
    'help',
    'stats',
    'mine',
  );
  const commandText = fc.oneof(
    fc.tuple(words, target, short).map((parts) => parts.join(' ')),
    fc.tuple(words, short).map((parts) => parts.join(' ')),
    hugeText,
  );
  const commandFields = fc.tuple(user, channel, commandText).map(([user_id, channel_id, text]) => ({
    token: 'verification-token',
    team_id: 'T0SANDBOX',
    team_domain: 'sandbox',
    channel_id,
    channel_name: 'name',
    user_id,
    user_name: 'name',
    command: '/approvals',
    text: text.toWellFormed(),
    api_app_id: 'A0SANDBOX',
    is_enterprise_install: 'false',
    response_url: responseUrl,
    trigger_id: '1.2.3',
  }));

  const form = (fields: Record<string, unknown>) =>
    new URLSearchParams(Object.entries(fields).map(([key, one]) => [key, String(one)])).toString();
  const interactive = (payload: unknown) => form({ payload: json(payload) });
  const requestOf = (
    kind: FuzzRequest['kind'],
    about: FuzzRequest['about'],
    answers: number[],
    sent: { headers: Record<string, string>; body: string | Buffer },
  ): FuzzRequest => ({
    kind,
    about,
    method: 'POST',
    path: '/slack/events',
    answers:
      Buffer.byteLength(String(sent.body)) <= LARGEST_REQUEST
        ? answers
        : about === 'broken'
          ? [...answers, 413]
          : [413],
    ...sent,
  });
  const sign = (body: string | Buffer, type?: string) => signed(body, signingSecret, type);

  const kinds = [
    {
      kind: 'click' as const,
      weight: 20,
      payload: fc.oneof({ weight: 5, arbitrary: click }, { weight: 1, arbitrary: shortcut }),
    },
    { kind: 'submission' as const, weight: 12, payload: submission },
  ];
  // 404: nobody here takes such a thing.
  const BROKEN = [200, 400, 401, 404, 413, 415];
  const event = fc.tuple(user, fc.constantFrom('home', 'messages', 'x')).map(
    ([id, tab]): Record<string, unknown> => ({
      type: 'event_callback',
      token: 'verification-token',
      team_id: 'T0SANDBOX',
      api_app_id: 'A0SANDBOX',
      event: { type: 'app_home_opened', user: id, channel: 'D1', tab, event_ts: '1.0' },
      event_id: 'Ev1',
      event_time: 1,
      authorizations: [{ enterprise_id: null, team_id: 'T0SANDBOX', user_id: 'UBOT', is_bot: true }],
    }),
  );
  type Sent = { kind: FuzzRequest['kind']; body: string; type?: string };
  const anySent: fc.Arbitrary<Sent> = fc.oneof(
    click.map((payload) => ({ kind: 'click' as const, body: interactive(payload) })),
    submission.map((payload) => ({ kind: 'submission' as const, body: interactive(payload) })),
    commandFields.map((fields) => ({ kind: 'command' as const, body: form(fields) })),
  );
  const unsigned = fc.tuple(anySent, fc.nat(3)).map(([{ kind, body }, how]) => {
    const sent = sign(body);
    if (how === 0) sent.headers['x-slack-signature'] = `v0=${'0'.repeat(64)}`;
    else if (how === 1) delete sent.headers['x-slack-signature'];
    else if (how === 2) sent.body = `${body}&x=1`;
    else Object.assign(sent, signed(body, signingSecret, undefined, Math.floor(Date.now() / 1_000) - 3_600));
    return requestOf(kind, 'broken', [401], sent);
  });
  const unreadable = fc
    .tuple(
      fc.constantFrom<FuzzRequest['kind']>('click', 'submission', 'command'),
      fc.constantFrom(
        '',
        'payload=',
        'payload=null',
        'payload=%7B',
        'payload=[]',
        'payload="x"',
        'payload=7',
        'payload={}',
        'payload={"type":"block_actions"}',
        'payload={"type":"view_submission"}',
        'payload={"type":"view_submission","view":null,"user":null}',
        'command=/approvals',
        'command=/other&user_id=UANA',
        '%ff%fe=%',
        'a[b][c]=1&a[b]=2',
        '{"type":"url_verification"}',
        'null',
      ),
      fc.constantFrom('application/x-www-form-urlencoded', 'application/json', 'text/plain', ''),
    )
    .map(([kind, body, type]) => requestOf(kind, 'broken', BROKEN, sign(body, type)));
  return fc.oneof(
    ...kinds.flatMap(({ kind, weight, payload }) => [
      {
        weight,
        arbitrary: payload.map((one) => requestOf(kind, 'valid', [200], sign(interactive(one)))),
      },
      {
        weight: 2,
        arbitrary: spoiled(payload).map((one) => requestOf(kind, 'hostile', BROKEN, sign(interactive(one)))),
      },
    ]),
    {
      weight: 14,
      arbitrary: commandFields.map((fields) => requestOf('command', 'valid', [200], sign(form(fields)))),
    },
    {
      weight: 2,
      arbitrary: spoiled(commandFields).map((fields) =>
        requestOf('command', 'hostile', BROKEN, sign(form(fields))),
      ),
    },
    {
      weight: 2,
      arbitrary: event.map((one) => requestOf('event', 'valid', [200], sign(json(one), 'application/json'))),
    },
    {
      weight: 1,
      arbitrary: spoiled(event).map((one) =>
        requestOf('event', 'hostile', BROKEN, sign(json(one), 'application/json')),
      ),
    },
    { weight: 4, arbitrary: unsigned },
    { weight: 2, arbitrary: unreadable },
  );
}
