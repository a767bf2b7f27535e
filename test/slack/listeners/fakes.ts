import type { App as Bolt } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import { vi } from 'vitest';
import { type Approval, findRound } from '../../../src/approval/model/approval.ts';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import type { Dialect } from '../../../src/approval/model/crew/dialect.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import type { Output } from '../../../src/approval/model/output.ts';
import type { Decision, Round } from '../../../src/approval/model/round.ts';
import { addApproval, newRunRecord, type RunRecord } from '../../../src/approval/model/run/run-record.ts';
import type { RunStatus } from '../../../src/approval/model/run/run-status.ts';
import type { Start } from '../../../src/approval/model/run/start.ts';
import type { CrewInputs, PeopleDirectory } from '../../../src/approval/ports.ts';
import { FEATURES } from '../../../src/features/index.ts';
import { createGiveWay, type GiveWay } from '../../../src/lib/time.ts';
import type { ReplyPlace } from '../../../src/slack/api/reply.ts';
import { readLanguage, targetOf, writeChoice, writeTarget } from '../../../src/slack/app/button-values.ts';
import {
  ACTIONS,
  ASSIGNEE,
  DETAILS_SHORTCUT,
  FEEDBACK,
  OPTION,
  PEOPLE_NOTE,
} from '../../../src/slack/app/ids.ts';
import { registerListeners } from '../../../src/slack/listeners/listeners.ts';
import type { SlackApp } from '../../../src/slack/slack-app.ts';
import { en, type LearnTexts, type Sentence } from '../../../src/slack/texts/texts.ts';
import { createApprovalStore } from '../../../src/store/approval-store.ts';
import { withCards } from '../../approval/builders.ts';
import { startable } from '../../approval/starts/records.ts';
import { nobodyKnown } from '../../approval/worker/worker-world.ts';
import { buildTestApp } from '../../support/app.ts';
import { changingDialect } from '../../support/dialects.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { createMemoryRecords } from '../../support/memory-records.ts';
import { AT, approval, reviewApproval, round, text } from '../records.ts';
import { collectingLog, startServer } from '../stage.ts';

export const CARD = { channel: 'CAPPROVALS', ts: '1700000000.000001' };
/** Of a click elsewhere: on an ephemeral message such as a list, and on the Home tab. */
export const IN_LIST = { message: undefined, container: { is_ephemeral: true } };
export const ON_HOME = { message: undefined, channel: undefined };
export const NEVER = new Promise<never>(() => {});
/** What the store has of a round that nobody has done anything with. */
export const UNTOUCHED = { status: 'waiting', votes: [] };

/** An approval whose card shows less than the next change. */
export const withCard = (more: Partial<Round> = {}, of: Partial<Approval> = {}): Approval =>
  approval([round({ card: { ...CARD, shown: 'old' }, ...more })], of);

/** The same for a Flow's question with these options. */
export const reviewWithCard = (options = ['publish', 'rewrite', 'discard']): Approval =>
  reviewApproval({ options }, { card: { ...CARD, shown: 'old' } });

/** A round that was sent back, and the next one. */
export const twoRounds = (): Approval => {
  const [first, second] = [CARD.ts, '1700000000.000002'].map((ts) => ({ ...CARD, ts, shown: 'old' }));
  return approval([
    round({ status: 'revision_requested', card: first, hashes: ['first'] }),
    round({ number: 2, card: second, hashes: ['second'] }),
  ]);
};

export const TWO_APPROVE = { policy: { ...DEFAULT_POLICY, approvalsRequired: 2 } };
/** Ana is not in the channel. */
export const NOWHERE = { people: { inChannel: () => false } };
/** Nobody but Ben may decide. */
export const ONLY_BEN = { ...NOWHERE, crew: { approvers: ['UBEN'] } };
/** Nor may she look anything up. */
export const ONLY_BEN_LOOKS = { ...ONLY_BEN, crew: { ...ONLY_BEN.crew, lookUps: 'members' as const } };
/** The approvers of the run are not known. */
export const LOST_RUN = { run: { lost: true as const } };
export const GUEST = { crew: { allowGuests: false }, people: { outsider: () => true } };

type Listener = (args: unknown) => Promise<void>;

/**
 * A bot on records in memory with the listeners that it registers: Ana clicks, submits and types, and the test sees what
 * she and the store see afterwards. She is in the channel of the crew, so she may decide.
 */
export async function createListeningBot({
  approvals = [withCard()],
  crew: rules = {},
  people = {},
  run = {},
  starts = [],
  outputs = {},
  dialect = 'documented',
  status = { kind: 'completed' },
  inputs = { names: ['topic'] },
  clock = createFakeClock(AT),
  giveWay = createGiveWay(),
  texts = async () => en,
}: {
  /** The first is the one that is clicked on. */
  approvals?: readonly [Approval, ...Approval[]];
  crew?: Partial<Crew>;
  people?: Partial<PeopleDirectory>;
  run?: Partial<RunRecord>;
  starts?: readonly Start[];
  /** By hash. */
  outputs?: Readonly<Record<string, Output>>;
  dialect?: Dialect;
  /** What CrewAI says of any run and of the inputs. */
  status?: RunStatus | Promise<RunStatus>;
  inputs?: CrewInputs;
  clock?: FakeClock;
  giveWay?: GiveWay;
  texts?: LearnTexts;
} = {}) {
  const [first] = approvals;
  const crew: Crew = { ...startable, ...rules };
  const { log, lines } = collectingLog();
  const store = createApprovalStore(createMemoryRecords(clock.now).records, log);
  for (const next of approvals) {
    const known = await store.run(next.crew, next.executionId);
    const record = known?.record ?? { ...newRunRecord(crew, next.executionId), ...run };
    const hashes = next.rounds.flatMap(({ hashes: [own = ''], review }) => [own, review?.stateHash ?? own]);
    const named = hashes.map((hash) => ({ hash, output: outputs[hash] ?? text(`The ${hash} output.`) }));
    const approvals = [{ previous: undefined, next, outputs: named }];
    await store.save({ run: { previous: known, next: addApproval(record, next) }, approvals });
  }
  for (const start of starts) await store.save({ start: { previous: undefined, next: start } });

  const slack = createFakeSlack();
  const { ack, client } = slack;
  const replies: { place: Omit<ReplyPlace, 'texts'>; text: string }[] = [];
  const [homes, clicked] = [[] as string[], [] as unknown[]];
  const app = buildTestApp({
    store,
    clock,
    log,
    crews: new Map([[crew.name, crew]]),
    people: { ...nobodyKnown, ...people },
    dialects: changingDialect(dialect),
    crewAI: { status: async () => status, inputs: async () => inputs } as Partial<SlackApp['crewAI']>,
    reply: async ({ texts, ...place }: ReplyPlace, sentence: Sentence) =>
      void replies.push({ place, text: sentence(await texts()) }),
    links: { message: () => 'https://acme.slack.com/card', command: '/approvals' },
    giveWay,
    home: { open: async (person: string) => void homes.push(person), features: FEATURES },
    clicked: { remember: (...given: unknown[]) => void clicked.push(given) },
  } as Partial<SlackApp>) as SlackApp;

  const listeners = new Map<string, Listener>();
  const add = (on: { type?: string; callback_id?: string }, listener: Listener) =>
    void listeners.set(on.callback_id ?? on.type ?? String(on), listener);
  const bolt = { action: add, view: add, shortcut: add, event: add, command: add };
  registerListeners(bolt as unknown as Bolt, app, FEATURES);
  const send = async (to: string, args: object) => {
    await listeners.get(to)?.({ ack, client, context: { texts }, ...args });
  };

  const targetValue = (number = 1) => writeTarget(targetOf(first, number));
  const bodyOf = (body: object = {}) => ({
    type: 'block_actions',
    user: { id: 'UANA' },
    channel: { id: CARD.channel },
    message: { ts: CARD.ts },
    container: { type: 'message' },
    response_url: 'https://hooks.slack.com/1',
    trigger_id: 'trigger',
    ...body,
  });

  /** Ana clicks, on the card unless `body` says otherwise; `selected`: in a menu or a list. */
  function click(
    action_id: string,
    { value = targetValue(), selected, body }: { value?: string; selected?: string; body?: object } = {},
  ) {
    const chosen = selected === undefined ? { value } : { selected_option: { value: selected } };
    return send('block_actions', { action: { action_id, ...chosen }, body: bodyOf(body) });
  }

  /** Ana submits a modal; a field that is undefined is not in it. */
  function submit(
    callback_id: string,
    entered: Entered = {},
    view: { private_metadata?: string | undefined; state?: { values: object }; blocks?: object[] } = {},
  ) {
    const { state = { values: buildValues(entered) } } = view;
    const blocks = Object.keys(state.values).map((block_id) => ({ type: 'input', block_id }));
    const shown = { id: 'V1', title: { text: 'A title' }, private_metadata: targetValue(), state, blocks };
    const body = { user: { id: 'UANA' } };
    return send('view_submission', { body, view: withoutLanguage({ ...shown, ...view, callback_id }) });
  }

  return {
    ...slack,
    app,
    approval: first,
    crew,
    clock,
    replies,
    homes,
    clicked,
    lines,
    send,
    targetValue,
    bodyOf,
    click,
    submit,
    /** Ana chooses in the menu beside the buttons. */
    choose: (entry: string) =>
      click(ACTIONS.more, { selected: writeChoice(entry, targetOf(first, first.rounds.length)) }),
    useShortcut: (callback_id: string, shortcut: object = {}) =>
      send(callback_id === DETAILS_SHORTCUT ? 'message_action' : 'shortcut', {
        shortcut: { callback_id, user: { id: 'UANA' }, trigger_id: 'trigger', ...shortcut },
      }),
    openHome: (tab: string) => send('app_home_opened', { event: { tab, user: 'UANA' } }),
    type(typed: string, response_url = 'http://127.0.0.1:1/') {
      const command = { text: typed, user_id: 'UANA', channel_id: 'C1', response_url, trigger_id: 'trigger' };
      return send('/^\\//', { command });
    },
    /** The cards show what is recorded. */
    async updateCards() {
      const stored = await store.approval(first.id);
      if (stored) await store.save({ approvals: [{ previous: stored, next: withCards(stored.record) }] });
    },
    /** The sentences that Ana was sent. */
    texts: () => replies.map(({ text: sentence }) => sentence),
    /** Warnings and errors. */
    logged: () => lines.flatMap(({ level, fact }) => (level === 'info' ? [] : [fact])),
    /** From now on reads or writes of the store, or its reads of runs, reject with this error or wait for this. */
    disturb(what: keyof typeof OPERATIONS, by: Error | Promise<unknown>) {
      for (const [name, operation] of Object.entries(store)) {
        if (!OPERATIONS[what].test(name)) continue;
        const disturbed = async (...args: never[]) => {
          if (by instanceof Error) throw by;
          await by;
          return (operation as (...given: never[]) => unknown)(...args);
        };
        Object.assign(store, { [name]: disturbed });
      }
    },
    /** What the store has of a round, and where what happened last came from; what is missing is undefined. */
    async stored(number = 1) {
      const record = (await store.approval(first.id))?.record;
      const of = record && findRound(record, number);
      if (!of) throw new Error('no such round');
      return {
        status: of.status,
        votes: of.votes.map(describe),
        decision: of.decision && describe(of.decision),
        note: record.notes.flatMap((note) => (note.kind === 'for_people' ? [note.text] : [])).at(-1),
        claimedBy: of.claim?.by,
        assignee: of.assignee,
        refused: of.refusedPeople,
        from: record.facts.at(-1)?.origin,
      };
    },
    /** Runs that were started from Slack, by the time of their start. */
    async startedRuns() {
      const entries = await store.list('starts', [crew.name], { limit: 10 });
      return Promise.all(entries.map(async ({ id }) => (await store.start(id))?.record));
    },
  };
}

export type ListeningBot = Awaited<ReturnType<typeof createListeningBot>>;
export type World = NonNullable<Parameters<typeof createListeningBot>[0]>;

interface Entered {
  feedback?: string;
  note?: string;
  assignee?: string;
  /** The index of a Flow's option. */
  option?: number | string;
}

function buildValues({ feedback, note, assignee, option }: Entered) {
  const fields = [
    { ...FEEDBACK, of: feedback, value: { value: feedback } },
    { ...PEOPLE_NOTE, of: note, value: { value: note } },
    { ...ASSIGNEE, of: assignee, value: { selected_user: assignee } },
    { ...OPTION, of: option, value: { selected_option: { value: String(option) } } },
  ].filter(({ of }) => of !== undefined);
  return Object.fromEntries(fields.map(({ block, action, value }) => [block, { [action]: value }]));
}

const OPERATIONS = {
  writes: /^(save|merge|forget)/,
  reads: /^(?!save|merge|forget)/,
  runs: /^run/,
  outputs: /^output$/,
};

function describe({ action, by, option, feedback }: Decision) {
  return { action, by, option, feedback };
}

/** The language that a form brings along is read before its listener. */
export function withoutLanguage<V extends { private_metadata?: string | undefined }>(view: V): V {
  const { private_metadata: written } = view;
  return written === undefined ? view : { ...view, private_metadata: readLanguage(written).metadata };
}

/** The acks and the Web API of what Ana does. */
function createFakeSlack() {
  const acks: unknown[] = [];
  const opened: ModalView[] = [];
  const updated: ModalView[] = [];
  const fails: { ack?: Error; open?: Error; update?: Error } = {};
  async function ack(answer?: unknown) {
    if (fails.ack) throw fails.ack;
    acks.push(answer);
  }
  const show = (what: 'open' | 'update', views: ModalView[]) => async (shown: { view: ModalView }) => {
    if (fails[what]) throw fails[what];
    views.push(withoutLanguage(shown.view));
    return { view: { id: 'V1' } };
  };
  const client = { views: { open: show('open', opened), update: show('update', updated) } };
  return { ack, client, acks, opened, updated, fails };
}

/** Starts something and lets this many milliseconds of the product's time-outs pass; `done`: its end. */
export async function startAndWait<T>(begin: () => Promise<T>, milliseconds: number) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const done = begin();
    await vi.advanceTimersByTimeAsync(milliseconds);
    return { done };
  } finally {
    vi.useRealTimers();
  }
}

/** A response_url, and what is posted to it. */
export async function startResponseUrl(status = 200) {
  const bodies: { text: string; replace_original: boolean; response_type: string }[] = [];
  const url = await startServer((body, response) => {
    bodies.push(JSON.parse(body));
    response.writeHead(status).end('ok');
  });
  return { url, bodies };
}
