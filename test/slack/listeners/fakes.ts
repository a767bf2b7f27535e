import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ModalView } from '@slack/types';
import { onTestFinished } from 'vitest';
import type { Refusal } from '../../../src/approval/lifecycle/refusal.ts';
import type { Approval } from '../../../src/approval/model/approval.ts';
import type { Answer, Target } from '../../../src/approval/read-round.ts';
import type { ReplyPlace } from '../../../src/slack/api/reply.ts';
import { targetOf, writeTarget } from '../../../src/slack/app/button-values.ts';
import { ASSIGNEE, FEEDBACK, OPTION, PEOPLE_NOTE } from '../../../src/slack/app/ids.ts';
import type { ButtonArgs } from '../../../src/slack/listeners/buttons/read-click.ts';
import type { CommandArgs } from '../../../src/slack/listeners/command/command-args.ts';
import type { ListenerContext } from '../../../src/slack/listeners/context.ts';
import type { SubmissionArgs } from '../../../src/slack/listeners/modals/record-submission.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { approval as makeApproval, round as makeRound, text } from '../records.ts';
import { collectingLog } from '../stage.ts';

export const CARD = { channel: 'CAPPROVALS', ts: '1700000000.000001' };
const LINK = 'https://acme.slack.com/card';

/** One approval that waits, with a card, and a context whose parts record what listeners ask of them. */
export function createFakes({
  approval = makeApproval([makeRound({ card: { ...CARD, shown: 'old' } })]),
  answer = { done: true, approval } as Answer | Error,
  found = [approval] as unknown,
  dialect = 'documented',
}: {
  approval?: Approval;
  /** What each decision and check resolves to; an Error: rejects with it. */
  answer?: Answer | Error;
  /** What each look-up resolves to; an Error: rejects with it. */
  found?: unknown;
  dialect?: 'documented' | 'live';
} = {}) {
  const asked: unknown[][] = [];
  const replies: { place: ReplyPlace; text: string }[] = [];
  const { log, lines } = collectingLog();
  const clock = createFakeClock();
  const results = { answer, found };
  const record =
    (what: string, result: () => unknown) =>
    async (...given: unknown[]) => {
      asked.push([what, ...given]);
      const value = result();
      if (value instanceof Error) throw value;
      return value;
    };
  const answers = (what: string) => record(what, () => results.answer);
  const finds = (what: string) => record(what, () => results.found);
  const context = {
    decisions: {
      decide: answers('decide'),
      retry: answers('retry'),
      undo: answers('undo'),
      giveUp: answers('giveUp'),
      claim: answers('claim'),
      assign: answers('assign'),
      check: answers('check'),
      read: answers('read'),
      readState: answers('readState'),
      keepRefused: record('keepRefused', () => undefined),
      adopt: async () => {},
      isOnCard: (_: Approval, { via, card }: Target) => via === 'card' && card?.channel === CARD.channel,
      find: async () => approval,
      output: async () => text('The **output**.'),
      state: async () => text('The state.'),
    },
    deciders: { canSee: async () => true },
    dialects: { of: () => dialect },
    lookUps: { named: finds('named'), list: finds('list'), status: finds('status'), stats: finds('stats') },
    reply: async (place: ReplyPlace, sentence: string) => void replies.push({ place, text: sentence }),
    giveWay: async (work: () => unknown) => work(),
    links: { message: () => LINK, command: '/approvals' },
    clock,
    log,
  } as unknown as ListenerContext;
  return {
    ...createFakeSlack(),
    context,
    approval,
    asked,
    replies,
    lines,
    clock,
    results,
    texts: () => replies.map(({ text: sentence }) => sentence),
  };
}

/** The acks and the Web API of one interaction. */
function createFakeSlack() {
  const acks: unknown[] = [];
  const opened: ModalView[] = [];
  const updated: ModalView[] = [];
  const fails: { ack?: Error; views?: Error } = {};
  async function ack(answer?: unknown) {
    if (fails.ack) throw fails.ack;
    acks.push(answer);
  }
  async function show(views: ModalView[], view: ModalView) {
    if (fails.views) throw fails.views;
    views.push(view);
  }
  const client = {
    views: {
      open: ({ view }: { view: ModalView }) => show(opened, view),
      update: ({ view }: { view: ModalView }) => show(updated, view),
    },
  };
  return { ack, client, acks, opened, updated, fails };
}

type Fakes = ReturnType<typeof createFakes>;

export const refused = (refusal: Refusal, approval?: Approval): Answer => ({
  done: false,
  refusal,
  ...(approval ? { approval } : {}),
});

/** The value of a button on the approval's card. */
export const writeValue = ({ approval }: Pick<Fakes, 'approval'>) => writeTarget(targetOf(approval, 1));

/** A click by Ana: on the card unless `body` says otherwise. */
export function buttonArgs(fakes: Fakes, { value = writeValue(fakes), body = {} } = {}): ButtonArgs {
  const { ack, client } = fakes;
  return {
    ack,
    client,
    action: { value },
    body: {
      type: 'block_actions',
      user: { id: 'UANA' },
      channel: { id: CARD.channel },
      message: { ts: CARD.ts },
      response_url: 'https://hooks.slack.com/1',
      trigger_id: 'trigger',
      ...body,
    },
  } as unknown as ButtonArgs;
}

/** A modal's submission by Ana; a field that is undefined is not in the modal. */
export function submission(
  fakes: Fakes,
  {
    feedback,
    note,
    assignee,
    option,
    target = writeValue(fakes),
  }: { feedback?: string; note?: string; assignee?: string; option?: number; target?: string } = {},
): SubmissionArgs {
  const values = {
    ...(feedback === undefined ? {} : { [FEEDBACK.block]: { [FEEDBACK.action]: { value: feedback } } }),
    ...(note === undefined ? {} : { [PEOPLE_NOTE.block]: { [PEOPLE_NOTE.action]: { value: note } } }),
    ...(assignee ? { [ASSIGNEE.block]: { [ASSIGNEE.action]: { selected_user: assignee } } } : {}),
    ...(option === undefined
      ? {}
      : { [OPTION.block]: { [OPTION.action]: { selected_option: { value: String(option) } } } }),
  };
  const view = { private_metadata: target, title: { text: 'A title' }, state: { values } };
  return { ack: fakes.ack, body: { user: { id: 'UANA' } }, view } as unknown as SubmissionArgs;
}

/** A command that Ana typed. */
export function commandArgs(fakes: Fakes, text: string, response_url = 'http://127.0.0.1:1/'): CommandArgs {
  const { ack, client } = fakes;
  const command = { text, user_id: 'UANA', channel_id: 'C1', response_url, trigger_id: 'trigger' };
  return { ack, client, command } as unknown as CommandArgs;
}

/** In place of the card: an ephemeral message, such as a list. */
export const EPHEMERAL = { message: undefined, container: { is_ephemeral: true } };

/** A response_url, and what is posted to it. */
export async function startResponseUrl(status = 200) {
  const bodies: { text: string; replace_original: boolean; response_type: string }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    bodies.push(JSON.parse(Buffer.concat(chunks).toString()));
    response.writeHead(status).end('ok');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, bodies };
}
