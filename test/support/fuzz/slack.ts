import fc from 'fast-check';
import { writeListPage } from '../../../src/slack/app/button-values.ts';
import { ACTIONS, CALLBACKS, DETAILS_SHORTCUT, MENU, OPTION_BUTTONS } from '../../../src/slack/app/ids.ts';
import { LARGEST_REQUEST } from '../../../src/slack/app/request-gate.ts';
import { idsOfFeatures } from '../features.ts';
import { type FuzzRequest, json, signed } from './requests.ts';
import { anyValue, hostileText, hugeText, mix, spoiled } from './values.ts';

export interface FuzzedSlack {
  signingSecret: string;
  /** A URL that accepts answers. Nobody reads them. */
  responseUrl: string;
  approvals: readonly string[];
}

type Fields = Record<string, unknown>;

const user = fc.constantFrom('UANA', 'UBEN', 'UCAT', 'USTRANGER');
const channel = fc.constantFrom('CAPPROVALS', 'CPRESS', 'CNOWHERE');
const short = hostileText.map((one) => one.slice(0, 3_000));
const text = { type: 'plain_text', text: 'x' };
const OF_APP = { team_id: 'T0SANDBOX', api_app_id: 'A0SANDBOX' };
// 404: no route handles such a request.
const BROKEN = [200, 400, 401, 404, 413, 415];
const WORDS = ['', 'waiting', 'history', 'find', 'approve', 'revise', 'status', 'help', 'stats', 'mine'];
const UNREADABLE = [
  ...['', 'null', '%ff%fe=%', 'a[b][c]=1&a[b]=2', '{"type":"url_verification"}'],
  ...['payload=', 'payload=null', 'payload=%7B', 'payload=[]', 'payload="x"', 'payload=7', 'payload={}'],
  'payload={"type":"block_actions"}',
  'payload={"type":"view_submission"}',
  'payload={"type":"view_submission","view":null,"user":null}',
  'command=/approvals',
  'command=/other&user_id=UANA',
];

const form = (fields: Fields) =>
  new URLSearchParams(Object.entries(fields).map(([key, one]) => [key, String(one)])).toString();
const interactive = (payload: unknown) => form({ payload: json(payload) });

/** Requests that Slack sends when people act, and requests that Slack would never send. */
export function slackRequests({
  signingSecret,
  responseUrl,
  approvals,
}: FuzzedSlack): fc.Arbitrary<FuzzRequest> {
  const rounds = fc.integer({ min: 0, max: 4 });
  const target = mix(
    [
      5,
      fc
        .tuple(fc.constantFrom(...approvals, '0000000000'), rounds, fc.constantFrom('', '.abc'))
        .map(([id, round, mark]) => `${id}.${round}${mark}`),
    ],
    [1, fc.constantFrom('0000000000.999999', '0000000000.-1', 'x.1', '.', '..', '__proto__.1')],
    [2, short],
  );
  const listPage = fc
    .tuple(fc.constantFrom('waiting', 'history', 'find'), short, fc.array(short, { maxLength: 3 }))
    .map(([kind, after, before]) => {
      const query = { kind, words: 'press', mine: true } as never;
      return writeListPage({ query, after: after.slice(0, 40), before });
    });
  const joined = (first: fc.Arbitrary<string>, ...rest: fc.Arbitrary<unknown>[]) =>
    fc.tuple(first, target, ...rest).map((parts) => parts.join(':'));
  const page = fc.oneof(
    listPage,
    joined(fc.constantFrom('output', 'changes', 'x'), fc.nat(99_999)),
    anyValue.map((query) => json({ query, before: [null] }).slice(0, 3_000)),
  );
  const value = mix([4, target], [2, page], [1, joined(fc.constantFrom(...Object.values(MENU)))]);

  // Slack gives each interaction its own id. The bot treats a second request with the same id as a redelivery.
  const trigger = fc.tuple(fc.uuid(), short).map((parts) => parts.join('.'));
  const common = fc.tuple(user, trigger).map(([id, trigger_id]) => ({
    user: { id, username: 'name', name: 'name', team_id: 'T0SANDBOX' },
    api_app_id: 'A0SANDBOX',
    token: 'verification-token',
    trigger_id,
    team: { id: 'T0SANDBOX', domain: 'sandbox' },
    enterprise: null,
    is_enterprise_install: false,
  }));
  const times = fc.constantFrom('1700000000.000100', '1.0', '9999999999.999999');
  const place = fc.tuple(channel, times, fc.boolean());
  const LISTS: Fields = { [ACTIONS.more]: 'overflow', [ACTIONS.chooseFromList]: 'static_select' };
  const action = fc
    .tuple(
      fc.constantFrom(
        ...Object.values(ACTIONS),
        ...OPTION_BUTTONS,
        ...idsOfFeatures('clicks'),
        'of_a_newer_version',
      ),
      value,
    )
    .map(([action_id, one]) => {
      const all = { type: LISTS[action_id] ?? 'button', action_id, block_id: 'b', action_ts: '1.0' };
      return action_id in LISTS
        ? { ...all, selected_option: { value: one, text } }
        : { ...all, value: one, text };
    });
  const click = fc.tuple(common, place, action).map(
    ([fields, [id, ts, onCard], one]): Fields => ({
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
    ([fields, [id, ts], blockValue]): Fields => ({
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
  const values = fc.tuple(typed, typed, user).map(([feedback, note, to]) => ({
    feedback: { feedback: { type: 'plain_text_input', value: feedback } },
    people_note: { people_note: { type: 'plain_text_input', value: note } },
    assignee: { assignee: { type: 'users_select', selected_user: to } },
  }));
  const submission = fc
    .tuple(
      common,
      fc.constantFrom(...Object.values(CALLBACKS), ...idsOfFeatures('submissions')),
      target,
      values,
    )
    .map(([fields, callback_id, private_metadata, state]): Fields => {
      const view = { id: 'V1', type: 'modal', callback_id, private_metadata, hash: '1.x', title: text };
      const whole = { ...view, blocks: [], state: { values: state } };
      return { type: 'view_submission', ...fields, view: whole, response_urls: [] };
    });
  const words = fc.constantFrom(...WORDS);
  const commandText = fc.oneof(
    fc.tuple(words, target, short).map((parts) => parts.join(' ')),
    fc.tuple(words, short).map((parts) => parts.join(' ')),
    hugeText,
  );
  const commandFields = fc.tuple(user, channel, commandText).map(
    ([user_id, channel_id, commandText]): Fields => ({
      ...OF_APP,
      token: 'verification-token',
      team_domain: 'sandbox',
      channel_id,
      channel_name: 'name',
      user_id,
      user_name: 'name',
      command: '/approvals',
      text: commandText.toWellFormed(),
      is_enterprise_install: 'false',
      response_url: responseUrl,
      trigger_id: '1.2.3',
    }),
  );
  const event = fc.tuple(user, fc.constantFrom('home', 'messages', 'x')).map(
    ([id, tab]): Fields => ({
      ...OF_APP,
      type: 'event_callback',
      token: 'verification-token',
      event: { type: 'app_home_opened', user: id, channel: 'D1', tab, event_ts: '1.0' },
      event_id: 'Ev1',
      event_time: 1,
      authorizations: [{ enterprise_id: null, team_id: 'T0SANDBOX', user_id: 'UBOT', is_bot: true }],
    }),
  );

  const sign = (body: string | Buffer, type?: string) => signed(body, signingSecret, type);
  const requestOf = (
    kind: FuzzRequest['kind'],
    about: FuzzRequest['about'],
    sent: ReturnType<typeof signed>,
    answers = about === 'valid' ? [200] : BROKEN,
  ): FuzzRequest => {
    const isLarge = Buffer.byteLength(String(sent.body)) > LARGEST_REQUEST;
    const large = about === 'broken' ? [...answers, 413] : [413];
    return {
      kind,
      about,
      method: 'POST',
      path: '/slack/events',
      answers: isLarge ? large : answers,
      ...sent,
    };
  };
  const asJson = (one: Fields) => sign(json(one), 'application/json');
  const asForm = (one: Fields) => sign(form(one));
  const asPayload = (one: Fields) => sign(interactive(one));
  const PAYLOADS = [
    ['click', [20, 2], mix([5, click], [1, shortcut]), asPayload],
    ['submission', [12, 2], submission, asPayload],
    ['command', [14, 2], commandFields, asForm],
    ['event', [2, 1], event, asJson],
  ] as const;
  const signedOnes = PAYLOADS.flatMap(([kind, [valid, hostile], payload, send]) => [
    [valid, payload.map((one) => requestOf(kind, 'valid', send(one)))] as const,
    [hostile, spoiled(payload).map((one) => requestOf(kind, 'hostile', send(one)))] as const,
  ]);
  const anySent = fc.oneof(
    click.map((payload) => ['click', interactive(payload)] as const),
    submission.map((payload) => ['submission', interactive(payload)] as const),
    commandFields.map((fields) => ['command', form(fields)] as const),
  );
  const unsigned = fc.tuple(anySent, fc.nat(3)).map(([[kind, body], how]) => {
    const sent = sign(body);
    if (how === 0) sent.headers['x-slack-signature'] = `v0=${'0'.repeat(64)}`;
    else if (how === 1) delete sent.headers['x-slack-signature'];
    else if (how === 2) sent.body = `${body}&x=1`;
    else Object.assign(sent, signed(body, signingSecret, undefined, Math.floor(Date.now() / 1_000) - 3_600));
    return requestOf(kind, 'broken', sent, [401]);
  });
  const types = fc.constantFrom('application/x-www-form-urlencoded', 'application/json', 'text/plain', '');
  const unreadable = fc
    .tuple(
      fc.constantFrom<FuzzRequest['kind']>('click', 'submission', 'command'),
      fc.constantFrom(...UNREADABLE),
      types,
    )
    .map(([kind, body, type]) => requestOf(kind, 'broken', sign(body, type)));
  return mix(...signedOnes, [4, unsigned], [2, unreadable]);
}
