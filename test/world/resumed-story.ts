import {
  type Approval,
  approvalSchema,
  currentRound,
  findThreadRoot,
} from '../../src/approval/model/approval.ts';
import type { Output } from '../../src/approval/model/output.ts';
import { listCards } from '../../src/approval/model/round.ts';
import type { Start } from '../../src/approval/model/run/start.ts';
import type { Message } from '../../src/sandbox/slack/state.ts';
import { drawCard } from '../../src/slack/api/cards.ts';
import { en } from '../../src/slack/texts/texts.ts';
import { upgradeRecord } from '../../src/store/formats/formats.ts';
import { buildKey, buildOutputKey } from '../../src/store/keys.ts';
import type { RawRecord } from '../../src/store/record-store.ts';
import { type Manifest, type Next, Platforms, secretOf } from '../fixtures/stores/story.ts';
import type { Card } from './cards.ts';
import { crewsFileOf, readManifestOf, readWholeStore } from './fixture-store.ts';
import { createWorld, SECOND, type World } from './world.ts';

const LINKS = { command: '/approvals', message: () => undefined };
const BOT_USER = 'U0BOT';

/** A world with the store of a format, some seconds after its bot was killed. */
export class ResumedStory {
  readonly manifest: Manifest;
  readonly world: World;
  readonly platforms: Platforms;
  /** The records of the store before the start. */
  readonly before: readonly RawRecord[];

  private constructor(manifest: Manifest, world: World, platforms: Platforms, before: readonly RawRecord[]) {
    this.before = before;
    this.manifest = manifest;
    this.world = world;
    this.platforms = platforms;
  }

  /** Starts the bot of this build on the store. `crews`: a crews file other than the former bot's. */
  static async begin(format: number, { crews = crewsFileOf(format) } = {}): Promise<ResumedStory> {
    const platforms = new Platforms();
    const holds = readWholeStore(format);
    const manifest = readManifestOf(format);
    const world = await createWorld({
      settings: { CREWS_FILE: crews },
      hosts: platforms.hosts(),
      slack: { messages: listPosted(holds) },
      store: { holds, at: manifest.madeAt },
    });
    await world.pass(5 * SECOND);
    return new ResumedStory(manifest, world, platforms, holds);
  }

  /** Lists the approvals that have this word in the manifest. */
  listWith(next: Next): [string, Manifest['approvals'][string]][] {
    return Object.entries(this.manifest.approvals).filter(([, one]) => one.next === next);
  }

  listStartsWith(next: Next): [string, Manifest['starts'][string]][] {
    return Object.entries(this.manifest.starts).filter(([, one]) => one.next === next);
  }

  /** Finds the card of the last round. */
  card({ id }: { id: string }): Card {
    const round = currentRound(this.approval(id));
    const cards = ['CAPPROVALS', 'CPRESS'].flatMap((channel) => this.world.cards(channel));
    const card = cards.find((one) => one.approval === id && one.ts === round.card?.ts);
    if (!card) throw new Error(`no card of ${id}`);
    return card;
  }

  approval(id: string): Approval {
    return readApproval(this.#raw(buildKey('approval', id)));
  }

  start(id: string): Start {
    return JSON.parse(this.#raw(buildKey('kickoff', id)).raw).value as Start;
  }

  #raw(key: string): RawRecord {
    const record = this.world.records.all().find((record) => record.key === key);
    if (!record) throw new Error(`${key} is lost`);
    return record;
  }

  async click(user: string, action: string, of: { id: string }): Promise<void> {
    await this.world.click(user, action, this.card(of));
    await this.world.pass(3 * SECOND);
  }

  /** Lists the requests that CrewAI got about a run of a crew. With `/kickoff` as the run: the starts. */
  sent({ crew, run }: { crew: string; run: string }): string[] {
    const idInBody = run.replace('flow-run-', '');
    return this.platforms.requests
      .filter((one) => one.crew === crew && one.path !== '/inputs')
      .map(({ path, body }) => `${path} ${body}`)
      .filter((text) => text.includes(idInBody));
  }

  async hook(crew: string, kind: string, body: object) {
    return this.request(`webhooks/${crew}/${kind}`, 'POST', secretOf(crew), body);
  }

  async request(path: string, method: string, secret: string, body?: object) {
    const answer = await this.world.settle(
      this.world.network.request({
        url: `http://bot.test/${path}`,
        method,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
        body: body === undefined ? undefined : JSON.stringify(body),
      }),
    );
    await this.world.pass(3 * SECOND);
    return { status: answer?.status, data: JSON.parse(answer?.body || '{}') };
  }
}

export function readApproval({ key, raw }: RawRecord): Approval {
  const { value } = JSON.parse(raw) as { value: unknown };
  return approvalSchema.parse(upgradeRecord(key, value, {})?.value ?? value) as Approval;
}

/** Builds the messages that the bot had posted in Slack, as far as its records name them. */
export function listPosted(records: readonly RawRecord[]): Message[] {
  const raws = new Map(records.map(({ key, raw }) => [key, raw]));
  const isOf = (kind: string) => (record: RawRecord) => record.key.startsWith(`${kind}/`);
  const posted = records.filter(isOf('approval')).flatMap((record) => {
    const approval = readApproval(record);
    const root = findThreadRoot(approval);
    return approval.rounds.flatMap((round): Message[] => {
      const stored = raws.get(buildOutputKey(approval.id, round.hashes[0] as string));
      const { value: output } = JSON.parse(stored ?? '{}') as { value: Output };
      const { text, blocks } = drawCard(en, { approval, round, output }, LINKS, 'full');
      return listCards(round).map(({ channel, ts }) => ({
        ...{ channel, ts, text, blocks: blocks as Message['blocks'], edited: 0, user: BOT_USER },
        ...(root && root.ts !== ts ? { thread_ts: root.ts } : {}),
      }));
    });
  });
  const started = records.filter(isOf('kickoff')).flatMap(({ raw }): Message[] => {
    const { message } = (JSON.parse(raw) as { value: Start }).value;
    return message
      ? [{ channel: message.channel, ts: message.ts, text: 'A run', edited: 0, user: BOT_USER }]
      : [];
  });
  return [...posted, ...started].toSorted((a, b) => Number(a.ts) - Number(b.ts));
}
