import { createHmac, randomUUID } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import {
  type Card,
  clickApprove,
  hasButton,
  nextCard,
  sendWebhook,
  timeUntil,
  webhookUrl,
} from './actions.ts';
import { jsonOf, type Source, type Sources } from './hostile.ts';
import { pause, type Running, waitedForProcessor } from './process.ts';
import type { Row } from './report.ts';
import { ASK_SECRET, CREW, draft, FLOW_SECRET, PROGRAMS, SECRET, type World } from './world.ts';

/** A bot that gets hostile inputs, and the notes of the measurement. */
export interface Stage {
  world: World;
  bot: Running;
  quick: boolean;
  /** The person who looks at what was sent. */
  reader: string;
  /** Aborted at the end of the measurement. */
  over: AbortSignal;
  /** Number of idle connections. */
  idle: number;
  /** Returns another channel for each card, because a channel accepts one per second. */
  channel(): string;
  /** Carries out a part of the input and returns the longest hold of the event loop until then, in milliseconds. */
  step(what: string, act: () => Promise<unknown>): Promise<number>;
  notes: Notes;
}

export interface Notes {
  /** Number of answers with each status. */
  statuses: Map<number, number>;
  /** Steps that could not be carried out. */
  failed: string[];
  /** Further figures. */
  figures: string[];
  rows: Row[];
  /** Time of each click to its ack. */
  clicks: ClickTime[];
  /** Number of clicks that were not acked within 3 s. */
  missed: number;
}

/** In milliseconds. */
interface ClickTime {
  ms: number;
  /** The part in which the bot and the clicking process waited for a processor. */
  waited: number;
}

export const newNotes = (): Notes => ({
  statuses: new Map(),
  failed: [],
  figures: [],
  rows: [],
  clicks: [],
  missed: 0,
});

/** Longest wait for a change that a person looks for, in milliseconds. */
const LOOKED_FOR = 8_000;
const CARD_WITHIN = 20_000;

/** Sends a request of a program or of CrewAI and notes the status of the answer. */
async function request(
  { bot, over, notes }: Stage,
  method: string,
  path: string,
  body?: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  const sent = {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    signal: over,
    ...(body === undefined ? {} : { body }),
  };
  const response = await fetch(`${bot.url}${path}`, sent);
  const text = await response.text();
  notes.statuses.set(response.status, (notes.statuses.get(response.status) ?? 0) + 1);
  return { status: response.status, text };
}

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

/** Sends a request of a program to a path below its crew. */
export const callAsProgram = (stage: Stage, method: string, path: string, body?: string) =>
  request(stage, method, `/crews/${PROGRAMS}/${path}`, body, bearer(ASK_SECRET));

/** Writes a JSON object with a further member, given as JSON text. */
const withMember = (fields: object, name: string, json: string) =>
  `${JSON.stringify(fields).slice(0, -1)},"${name}":${json}}`;

export function ask(stage: Stage, fields: object, source: Source, id: string = randomUUID()) {
  const title = 'Pay the invoices?';
  const member = 'json' in source ? 'output' : 'text';
  return callAsProgram(
    stage,
    'PUT',
    `questions/${id}`,
    withMember({ title, ...fields }, member, jsonOf(source)),
  );
}

export const finishRun = (stage: Stage, run: string, result: Source) =>
  callAsProgram(stage, 'PUT', `runs/${run}`, withMember({ state: 'finished' }, 'result', jsonOf(result)));

export const webhook = (stage: Stage, kind: string, fields: object, source?: Source) => {
  const body = source
    ? withMember(fields, kind === 'crew' ? 'result' : 'output', jsonOf(source))
    : JSON.stringify(fields);
  return request(stage, 'POST', `/webhooks/${CREW}/${kind}`, body, bearer(SECRET));
};

/** Sends the signed review of a Flow with one member given as JSON text. */
export function review(stage: Stage, fields: object, name: string, json: string) {
  const body = withMember(
    {
      event_type: 'new_request',
      id: randomUUID(),
      flow_execution_id: randomUUID(),
      method_name: 'review_report',
      message: 'Is it ready?',
      callback_url: `${stage.world.crewaiUrl}/callback`,
      ...fields,
    },
    name,
    json,
  );
  const at = Math.floor(Date.now() / 1_000);
  const digest = createHmac('sha256', FLOW_SECRET).update(`${at}.${body}`).digest('hex');
  const signature = { 'x-crewai-signature': `sha256=${digest}`, 'x-crewai-timestamp': String(at) };
  return request(stage, 'POST', `/webhooks/${CREW}/flow`, body, signature);
}

/** Sends something and waits for its card; undefined if it was not accepted. */
export async function cardOf(
  { world }: Stage,
  channel: string,
  send: () => Promise<{ status: number }>,
  actionId = 'more',
): Promise<Card | undefined> {
  let isRefused = false;
  const card = nextCard(
    world,
    channel,
    async () => {
      const { status } = await send();
      isRefused = status >= 400;
      if (isRefused) throw new Error(`answered ${status}`);
    },
    { actionId, timeoutMs: CARD_WITHIN },
  );
  return card.catch((error) => {
    if (isRefused) return undefined;
    throw error;
  });
}

/**
 * Sends each of these outputs as a question, as a webhook and as the result of a run. Then people decide on the
 * questions and read them in full.
 */
export async function sendOutputs(stage: Stage, sources: Sources): Promise<void> {
  const cards: [name: string, card: Card][] = [];
  for (const [name, write] of Object.entries(sources)) {
    const source = write();
    const asked = { channel: stage.channel(), editable: true };
    await stage.step(`${name}, a question: card`, async () => {
      const card = await cardOf(stage, asked.channel, () => ask(stage, asked, source));
      if (card) cards.push([name, card]);
    });
    const meta = { channel: stage.channel() };
    const fields = { kickoff_id: randomUUID(), name: 'write_report', meta };
    await stage.step(`${name}, a webhook: card`, () =>
      cardOf(stage, meta.channel, () => webhook(stage, 'task', fields, source)),
    );
    await sendResult(stage, name, source);
  }
  for (const [name, card] of cards) await decideOn(stage, card, name);
  for (const [name, card] of cards) await readInFull(stage, card, name);
}

export async function sendResult(stage: Stage, name: string, source: Source): Promise<void> {
  const { workspace } = stage.world;
  const [run, channel] = [randomUUID(), stage.channel()];
  await stage.step('a question', () =>
    cardOf(stage, channel, () => ask(stage, { run, channel }, { text: 'Now?' })),
  );
  await stage.step(`${name}, a result`, async () => {
    const before = workspace.messages(channel).length;
    const { status } = await finishRun(stage, run, source);
    if (status === 200)
      await timeUntil(stage.world, () => workspace.messages(channel).length > before, LOOKED_FOR);
  });
}

/** Sends an output and looks at its card in every possible way. */
export async function sendAndLook(
  stage: Stage,
  what: string,
  channel: string,
  send: () => Promise<{ status: number }>,
): Promise<void> {
  let card: Card | undefined;
  await stage.step(`${what}: card`, async () => {
    card = await cardOf(stage, channel, send);
  });
  if (!card) return;
  await decideOn(stage, card, what);
  await readInFull(stage, card, what);
}

const MAX_PAGES = 6;

async function readInFull(stage: Stage, card: Card, what: string): Promise<void> {
  const { workspace } = stage.world;
  if (hasButton(workspace.message(card.channel, card.ts), 'read_in_full'))
    await stage.step(`${what}: Read in full`, () => readPages(stage, card, MAX_PAGES));
}

/** Opens the forms of a card and the lists that contain it, and decides on it. */
async function decideOn(stage: Stage, card: Card, what: string): Promise<void> {
  const { world, reader: user, step } = stage;
  const { workspace } = world;
  const shows = (id: string) => hasButton(workspace.message(card.channel, card.ts), id);
  const modal = () => workspace.openView(user)?.id;
  const opens = (part: string, act: () => Promise<unknown>) =>
    step(`${what}: ${part}`, async () => {
      await seenAfter(stage, act, modal);
      await closeAll(stage);
    });

  await opens('details', () => workspace.shortcut({ user, ...card, callbackId: 'approval_details' }));
  const edit = findMenuValue(workspace.message(card.channel, card.ts)?.blocks, 'edit:');
  if (edit !== undefined)
    await opens('edit', () => workspace.click({ user, ...card, actionId: 'more', selected: edit }));
  if (shows('request_revision'))
    await opens('feedback', () => workspace.click({ user, ...card, actionId: 'request_revision' }));
  await step(`${what}: list`, () => openList(stage));
  await step(`${what}: Home`, () => openHome(stage));
  const decide = ['approve', 'choose_1', 'choose_2'].find(shows);
  if (decide !== undefined)
    await step(`${what}: decision`, async () => {
      await workspace.click({ user, ...card, actionId: decide });
      await timeUntil(world, () => !shows(decide), LOOKED_FOR);
    });
}

/** Runs `act` and waits until what the person sees has changed. */
async function seenAfter(
  { world: { workspace } }: Stage,
  act: () => Promise<unknown>,
  read: () => unknown,
): Promise<void> {
  const before = read();
  await act();
  await workspace.changed(() => read() !== before, { what: 'what a person sees', timeoutMs: LOOKED_FOR });
}

export const openHome = (stage: Stage, user = stage.reader) => {
  const { workspace } = stage.world;
  return seenAfter(
    stage,
    () => workspace.openHome({ user }),
    () => workspace.home(user)?.hash,
  );
};

export const openList = (stage: Stage, text = '') => {
  const { world, reader: user } = stage;
  const [channel = ''] = world.channels;
  const command = () => world.workspace.command({ user, channel, command: '/approvals', text });
  return seenAfter(stage, command, () => world.workspace.ephemerals(user).length);
};

/** Opens the output of a card, or its changes, turns up to this many pages, then goes to the last page and back. */
export async function readPages(
  stage: Stage,
  card: Card,
  maxPages: number,
  actionId = 'read_in_full',
): Promise<void> {
  const { world, reader: user, over } = stage;
  const { workspace } = world;
  const turn = async (to: string) => {
    if (!hasButton(workspace.openView(user), to)) return false;
    const click = () => workspace.clickInView({ user, actionId: to });
    await seenAfter(stage, click, () => workspace.openView(user)?.hash);
    return !over.aborted;
  };
  const open = () => workspace.click({ user, ...card, actionId });
  await seenAfter(stage, open, () => workspace.openView(user)?.id);
  for (let page = 1; page < maxPages; page += 1) if (!(await turn('page_after'))) break;
  await turn('page_last');
  await turn('page_before');
  await closeAll(stage);
}

export async function closeAll({ world: { workspace }, reader: user }: Stage): Promise<void> {
  while (workspace.viewDepth(user) > 0) await workspace.closeModal({ user });
}

/** Finds the value of an entry in a card's menu. */
function findMenuValue(blocks: unknown, begin: string): string | undefined {
  return new RegExp(`"value":"(${begin}[^"]*)"`).exec(JSON.stringify(blocks ?? []))?.[1];
}

/** Collects the cards posted to some channels, in order. */
export function collectCards({ workspace }: World, channels: readonly string[]) {
  let nextCall = 0;
  const cards: Card[] = [];
  const collect = () => {
    for (; nextCall < workspace.calls.length; nextCall += 1) {
      const { method, args, answer } = workspace.calls[nextCall] ?? {};
      // A call is listed before it has its answer, so the last one is checked again.
      if (answer === undefined) break;
      const isCard = method === 'chat.postMessage' && answer.ok === true && hasButton(args);
      if (isCard && channels.includes(String(args?.channel)))
        cards.push({ channel: String(answer.channel), ts: String(answer.ts) });
    }
    return cards;
  };
  return {
    collect,
    take: () => collect().shift(),
    /** Puts back a card whose click was not acked. */
    giveBack: (card: Card) => cards.push(card),
  };
}

/** Lets an ordinary run pause. */
const startRun = (bot: Running, channel: string) =>
  sendWebhook(webhookUrl(bot), {
    kickoff_id: randomUUID(),
    name: draft.name,
    agent: draft.agent,
    output: `# Spring collection\n\n${'Made from *recycled linen*. '.repeat(20)}`,
    meta: { channel },
  });

/** In milliseconds. */
const BETWEEN_CLICKS = 100;
/** While this many clicks wait for their ack, no one else clicks. */
const MAX_UNDERWAY = 40;

/** Clicks Approve and notes the time to the ack. */
export async function timeClick(
  { world, bot, notes }: Pick<Stage, 'world' | 'bot' | 'notes'>,
  card: Card,
  user?: string,
): Promise<boolean> {
  const waited = () => bot.waited() + waitedForProcessor(process.pid);
  const before = waited();
  const begun = performance.now();
  const { acked } = await clickApprove(world, card, user);
  const ms = performance.now() - begun;
  notes.clicks.push({ ms, waited: acked ? Math.min(ms, waited() - before) : 0 });
  if (!acked) notes.missed += 1;
  return acked;
}

/** Lets people approve ten ordinary cards per second, and posts as many new ones. Returns a function that ends this. */
export function clickSteadily(
  { world, bot, notes }: Pick<Stage, 'world' | 'bot' | 'notes'>,
  cards: ReturnType<typeof collectCards>,
  channels: readonly string[],
): () => Promise<{ own: number }> {
  const { approvers = [] } = world;
  const underWay = new Set<Promise<unknown>>();
  const clickerDelay = monitorEventLoopDelay({ resolution: 2 });
  clickerDelay.enable();
  let count = 0;
  const timer = setInterval(() => {
    count += 1;
    startRun(bot, channels[count % channels.length] as string).catch(() => {});
    const card = underWay.size < MAX_UNDERWAY ? cards.take() : undefined;
    // A click whose ack came too late may have been recorded.
    if (!card || !hasButton(world.workspace.message(card.channel, card.ts))) return;
    const click = timeClick({ world, bot, notes }, card, approvers.at(-1 - (count % 10)))
      .then((acked) => {
        if (!acked) cards.giveBack(card);
      })
      .catch((error) => notes.failed.push(`a click: ${error.message}`));
    underWay.add(click);
    void click.finally(() => underWay.delete(click));
  }, BETWEEN_CLICKS);
  return async () => {
    clearInterval(timer);
    await Promise.all(underWay);
    clickerDelay.disable();
    return { own: clickerDelay.max / 1e6 };
  };
}

/**
 * Posts cards of ordinary runs in these channels and decides some of them, so that the bot has done everything before.
 */
export async function warmUp(
  world: World,
  bot: Running,
  channels: readonly string[],
  count: number,
): Promise<ReturnType<typeof collectCards>> {
  const cards = collectCards(world, channels);
  for (let index = 0; index < count; index += 1)
    await startRun(bot, channels[index % channels.length] as string);
  const isPosted = () => cards.collect().length >= count;
  await world.workspace.changed(isPosted, { what: `${count} ordinary cards`, timeoutMs: 60_000 });
  for (let index = 0; index < 15; index += 1) {
    const card = cards.take();
    if (card) await clickApprove(world, card);
  }
  await pause(1_000);
  return cards;
}
