import type { App as Bolt } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import { vi } from 'vitest';
import { type Approval, findRound } from '../../../src/approval/model/approval.ts';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import type { Dialect } from '../../../src/approval/model/crew/dialect.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import type { Output } from '../../../src/approval/model/output.ts';
import type { Decision, Round } from '../../../src/approval/model/round.ts';
import { createRunRecord, type RunRecord, withApproval } from '../../../src/approval/model/run/run-record.ts';
import type { RunStatus } from '../../../src/approval/model/run/run-status.ts';
import type { Start } from '../../../src/approval/model/run/start.ts';
import type { CrewInputs, PeopleDirectory } from '../../../src/approval/ports.ts';
import { FEATURES } from '../../../src/features/index.ts';
import { createGiveWay, type GiveWay } from '../../../src/lib/time.ts';
import type { ReplyPlace } from '../../../src/slack/api/reply.ts';
import { buildTarget, readLanguage, writeChoice, writeTarget } from '../../../src/slack/app/button-values.ts';
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
import { en, type LoadTexts, type Sentence } from '../../../src/slack/texts/texts.ts';
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
/** Bodies of clicks outside the card: on an ephemeral message such as a list, and on the Home tab. */
export const IN_LIST = { message: undefined, container: { is_ephemeral: true } };
export const ON_HOME = { message: undefined, channel: undefined };
export const NEVER = new Promise<never>(() => {});
/** The stored state of a round on which no one has acted. */
export const UNTOUCHED = { status: 'waiting', votes: [] };

/** Builds an approval whose card is out of date. */
export const withCard = (more: Partial<Round> = {}, of: Partial<Approval> = {}): Approval =>
  approval([round({ card: { ...CARD, shown: 'old' }, ...more })], of);

/** Builds the approval of a Flow's question with these options, whose card is out of date. */
export const reviewWithCard = (options = ['publish', 'rewrite', 'discard']): Approval =>
  reviewApproval({ options }, { card: { ...CARD, shown: 'old' } });

/** Builds an approval with a round that was sent back, and the next round. */
export const twoRounds = (): Approval => {
  const [first, second] = [CARD.ts, '1700000000.000002'].map((ts) => ({ ...CARD, ts, shown: 'old' }));
  return approval([
    round({ status: 'revision_requested', card: first, hashes: ['first'] }),
    round({ number: 2, card: second, hashes: ['second'] }),
  ]);
};

export const TWO_APPROVE = { policy: { ...DEFAULT_POLICY, approvalsRequired: 2 } };
/** No one is in the channel. */
export const NOWHERE = { people: { inChannel: () => false } };
/** Only Ben may decide. */
export const ONLY_BEN = { ...NOWHERE, crew: { approvers: ['UBEN'] } };
/** Only Ben may decide, and Ana may not look anything up. */
export const ONLY_BEN_LOOKS = { ...ONLY_BEN, crew: { ...ONLY_BEN.crew, lookUps: 'members' as const } };
/** The approvers of the run are not known. */
export const LOST_RUN = { run: { lost: true as const } };
export const GUEST = { crew: { allowGuests: false }, people: { outsider: () => true } };

type Listener = (args: unknown) => Promise<void>;

/**
 * Creates a bot on records in memory with its registered listeners. Ana clicks, submits and types; the test sees what
 * she and the store see afterwards. She is in the crew's channel, so she may decide.
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
  /** Clicks are on the first approval. */
  approvals?: readonly [Approval, ...Approval[]];
  crew?: Partial<Crew>;
  people?: Partial<PeopleDirectory>;
  run?: Partial<RunRecord>;
  starts?: readonly Start[];
  /** Outputs by hash. */
  outputs?: Readonly<Record<string, Output>>;
  dialect?: Dialect;
  /** CrewAI's answers about any run and about the inputs. */
  status?: RunStatus | Promise<RunStatus>;
  inputs?: CrewInputs;
  clock?: FakeClock;
  giveWay?: GiveWay;
  texts?: LoadTexts;
} = {}) {
  const [first] = approvals;
  const crew: Crew = { ...startable, ...rules };
  const { log, lines } = collectingLog();
  const store = createApprovalStore(createMemoryRecords(clock.now).records, log);
  for (const next of approvals) {
    const storedRun = await store.run(next.crew, next.executionId);
    const record = storedRun?.record ?? { ...createRunRecord(crew, next.executionId), ...run };
    const hashes = next.rounds.flatMap(({ hashes: [own = ''], review }) => [own, review?.stateHash ?? own]);
    const namedOutputs = hashes.map((hash) => ({
      hash,
      output: outputs[hash] ?? text(`The ${hash} output.`),
    }));
    const approvals = [{ previous: undefined, next, outputs: namedOutputs }];
    await store.save({ run: { previous: storedRun, next: withApproval(record, next) }, approvals });
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

  const targetValue = (number = 1) => writeTarget(buildTarget(first, number));
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

  /** Clicks as Ana, on the card unless `body` names another place. `selected`: an entry of a menu or list. */
  function click(
    action_id: string,
    { value = targetValue(), selected, body }: { value?: string; selected?: string; body?: object } = {},
  ) {
    const chosen = selected === undefined ? { value } : { selected_option: { value: selected } };
    return send('block_actions', { action: { action_id, ...chosen }, body: bodyOf(body) });
  }

  /** Submits a modal as Ana. A field that is undefined is not in the modal. */
  function submit(
    callback_id: string,
    entered: Entered = {},
    view: { private_metadata?: string | undefined; state?: { values: object }; blocks?: object[] } = {},
  ) {
    const { state = { values: buildValues(entered) } } = view;
    const blocks = Object.keys(state.values).map((block_id) => ({ type: 'input', block_id }));
    const openedView = {
      id: 'V1',
      title: { text: 'A title' },
      private_metadata: targetValue(),
      state,
      blocks,
    };
    const body = { user: { id: 'UANA' } };
    return send('view_submission', { body, view: withoutLanguage({ ...openedView, ...view, callback_id }) });
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
    /** Chooses an entry in the menu beside the buttons. */
    choose: (entry: string) =>
      click(ACTIONS.more, { selected: writeChoice(entry, buildTarget(first, first.rounds.length)) }),
    useShortcut: (callback_id: string, shortcut: object = {}) =>
      send(callback_id === DETAILS_SHORTCUT ? 'message_action' : 'shortcut', {
        shortcut: { callback_id, user: { id: 'UANA' }, trigger_id: 'trigger', ...shortcut },
      }),
    openHome: (tab: string) => send('app_home_opened', { event: { tab, user: 'UANA' } }),
    type(typed: string, response_url = 'http://127.0.0.1:1/') {
      const command = { text: typed, user_id: 'UANA', channel_id: 'C1', response_url, trigger_id: 'trigger' };
      return send('/^\\//', { command });
    },
    /** Updates the cards to what is recorded. */
    async updateCards() {
      const stored = await store.approval(first.id);
      if (stored) await store.save({ approvals: [{ previous: stored, next: withCards(stored.record) }] });
    },
    /** The sentences that Ana got. */
    texts: () => replies.map(({ text: sentence }) => sentence),
    /** Logged warnings and errors. */
    logged: () => lines.flatMap(({ level, fact }) => (level === 'info' ? [] : [fact])),
    /**
     * Makes reads or writes of the store, or its reads of runs or outputs, reject with this error or wait for this
     * promise.
     */
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
    /** Reads the stored state of a round and the origin of the last fact. Absent parts are undefined. */
    async stored(number = 1) {
      const record = (await store.approval(first.id))?.record;
      const storedRound = record && findRound(record, number);
      if (!storedRound) throw new Error('no such round');
      return {
        status: storedRound.status,
        votes: storedRound.votes.map(describe),
        decision: storedRound.decision && describe(storedRound.decision),
        note: record.notes.flatMap((note) => (note.kind === 'for_people' ? [note.text] : [])).at(-1),
        claimedBy: storedRound.claim?.by,
        assignee: storedRound.assignee,
        refused: storedRound.refusedPeople,
        from: record.facts.at(-1)?.origin,
      };
    },
    /** Lists the runs that were started from Slack, by the time of their start. */
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
  /** Index of a Flow's option. */
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

/** Removes the form's language from its metadata, as the bot does before its listener runs. */
export function withoutLanguage<V extends { private_metadata?: string | undefined }>(view: V): V {
  const { private_metadata: written } = view;
  return written === undefined ? view : { ...view, private_metadata: readLanguage(written).metadata };
}

/** Creates the acks and the Web API for Ana's actions. */
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
  const client = {
    views: { open: show('open', opened), push: show('open', opened), update: show('update', updated) },
  };
  return { ack, client, acks, opened, updated, fails };
}

/** Starts work and lets this many milliseconds of the product's timeouts pass. `done`: the end of the work. */
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

/** Starts a response_url and collects the bodies that are posted to it. */
export async function startResponseUrl(status = 200) {
  const bodies: { text: string; replace_original: boolean; response_type: string }[] = [];
  const url = await startServer((body, response) => {
    bodies.push(JSON.parse(body));
    response.writeHead(status).end('ok');
  });
  return { url, bodies };
}
