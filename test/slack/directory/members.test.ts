import { WebAPIPlatformError, WebClient } from '@slack/web-api';
import { describe, expect, it } from 'vitest';
import { ChannelMembers } from '../../../src/slack/directory/members.ts';
import { createFakeClock, settled } from '../../support/fake-clock.ts';
import { collectingLog } from '../stage.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const refusal = (error: string) => new WebAPIPlatformError({ ok: false, error });
const down = new Error('Slack does not answer');
const crowd = (size: number) => Array.from({ length: size }, (_, n) => `U${n}`);

/** Members of channels as a played Slack lists them, in its pages, by a clock that is driven. */
function start({ kept = [] as string[], channels = { C1: ['UANA'] } as Record<string, string[]> } = {}) {
  const clock = createFakeClock();
  const { log, lines } = collectingLog();
  const names = new Map([['approvals', 'C1']]);
  /** Every call: the channel of a page, or `names`. */
  const calls: string[] = [];
  const slack: { fails?: Error; answers?: Promise<void> } = {};

  class FakeSlack extends WebClient {
    override async apiCall(method: string, args: Record<string, unknown> = {}) {
      type Page = { channel?: string; limit: number; cursor?: string };
      const { channel = 'names', limit, cursor } = args as Page;
      calls.push(channel);
      const { fails } = slack;
      await slack.answers;
      if (fails) throw fails;
      if (method === 'conversations.list')
        return { ok: true, channels: [...names].map(([name, id]) => ({ id, name })) };
      const begin = Number(cursor ?? 0);
      const all = channels[channel];
      if (!all) throw refusal('channel_not_found');
      const next_cursor = begin + limit < all.length ? String(begin + limit) : '';
      return { ok: true, members: all.slice(begin, begin + limit), response_metadata: { next_cursor } };
    }
  }
  const members = new ChannelMembers({ client: new FakeSlack(), clock, log }, kept);
  return {
    clock,
    lines,
    names,
    channels,
    calls,
    members,
    slack,
    /** Whether Ana and Zoe are in a channel. */
    anaAndZoe: (channel = 'C1') => [members.has('UANA', channel), members.has('UZOE', channel)],
    /** How often a channel's list was read. */
    readings: (channel = 'C1') => calls.filter((one) => one === channel).length,
  };
}

describe('a member list', () => {
  it('is unknown until it was read, once for all who ask, and then says who is in the channel', async () => {
    const { members, anaAndZoe, readings } = start();
    expect(anaAndZoe()).toEqual([undefined, undefined]);
    await Promise.all([members.learn(['C1']), members.learn(['C1', 'C1'])]);
    expect(anaAndZoe()).toEqual([true, false]);
    await members.learn(['C1']);
    expect(readings()).toBe(1);
  });

  it('counts for an hour while Slack does not give a newer one, and not a millisecond longer', async () => {
    const { members, clock, slack, lines, anaAndZoe } = start();
    await members.learn(['C1']);
    slack.fails = down;
    await clock.advance(HOUR - 1);
    expect(anaAndZoe()).toEqual([true, false]);
    await settled();
    expect(lines).toMatchObject([{ level: 'error', fact: 'channel members not read' }]);
    await clock.advance(1);
    expect(anaAndZoe()).toEqual([undefined, undefined]);
  });

  it('is read again in the background once it is five minutes old, and nobody waits for that', async () => {
    const { members, clock, channels, readings, slack } = start();
    await members.learn(['C1']);
    channels.C1 = ['UBEN'];
    await clock.advance(5 * MINUTE - 1);
    expect(members.has('UANA', 'C1')).toBe(true);
    await settled();
    expect(readings()).toBe(1);
    await clock.advance(1);
    let answer = () => {};
    slack.answers = new Promise((resolve) => {
      answer = resolve;
    });
    for (const _ of ['first', 'while it is being read']) expect(members.has('UANA', 'C1')).toBe(true);
    await members.learn(['C1']);
    answer();
    await settled();
    expect([members.has('UANA', 'C1'), members.has('UBEN', 'C1')]).toEqual([false, true]);
    expect(readings()).toBe(2);
  });

  it('of twenty pages is whole; of more it says unknown of people who are not in it, never no', async () => {
    const { members, readings } = start({ channels: { C1: crowd(20_000), CHUGE: crowd(20_001) } });
    await members.learn(['C1', 'CHUGE']);
    expect([readings('C1'), readings('CHUGE')]).toEqual([20, 20]);
    expect([members.has('U19999', 'C1'), members.has('UZOE', 'C1')]).toEqual([true, false]);
    // The last one is on the page that was not read.
    const [last, zoe] = [members.has('U20000', 'CHUGE'), members.has('UZOE', 'CHUGE')];
    expect([members.has('U19999', 'CHUGE'), last, zoe]).toEqual([true, undefined, undefined]);
  });

  it('whose second page is not given is not known at all', async () => {
    const { members, channels, slack, clock } = start({ channels: { C1: crowd(1_500) } });
    await members.learn(['C1']);
    await clock.advance(HOUR);
    Object.defineProperty(channels, 'C1', {
      get() {
        slack.fails = down;
        return crowd(1_500);
      },
    });
    await members.learn(['C1']);
    expect([members.has('U1', 'C1'), members.has('UZOE', 'C1')]).toEqual([undefined, undefined]);
  });
});

describe('someone who is not in a list', () => {
  it('has it read again in the background, at most once in ten seconds', async () => {
    const { members, clock, channels, readings } = start();
    await members.learn(['C1']);
    channels.C1 = ['UANA', 'UZOE'];
    for (let at = 0; at < 10; at += 1) {
      expect([members.has('UZOE', 'C1'), readings()]).toEqual([false, 1]);
      await clock.advance(SECOND);
    }
    expect(members.has('UZOE', 'C1')).toBe(false);
    await settled();
    expect(members.has('UZOE', 'C1'), 'who has joined meanwhile').toBe(true);
    for (const _ of crowd(20)) {
      members.has('UEVE', 'C1');
      await settled();
    }
    expect(readings()).toBe(2);
  });

  it('has it read no more often while Slack does not give it', async () => {
    const { members, clock, readings, slack } = start();
    await members.learn(['C1']);
    slack.fails = down;
    for (const _ of crowd(60)) {
      await clock.advance(SECOND);
      members.has('UZOE', 'C1');
      await settled();
    }
    expect(readings()).toBeLessThanOrEqual(1 + 6);
    expect(readings(), 'it is tried at all').toBeGreaterThan(1);
  });
});

describe('channels whose members decide', () => {
  it('are read at the start and again before an hour is over, so that nobody waits for them', async () => {
    const { members, clock, readings } = start({ kept: ['C1', 'C2'], channels: { C1: ['UANA'], C2: [] } });
    members.start();
    await settled();
    expect(members.has('UANA', 'C1')).toBe(true);
    for (let hours = 0; hours < 3; hours += 1) {
      await clock.advance(HOUR - 1);
      expect([members.has('UANA', 'C1'), members.has('UANA', 'C2')]).toEqual([true, false]);
      await clock.advance(1);
    }
    expect(readings('C1')).toBeGreaterThanOrEqual(4);
    members.close();
    const before = readings('C2');
    await clock.advance(3 * HOUR);
    expect(readings('C2')).toBe(before);
  });

  it('are read later when Slack does not answer at the start', async () => {
    const { members, clock, slack } = start({ kept: ['C1'] });
    slack.fails = down;
    members.start();
    await settled();
    expect(members.has('UANA', 'C1')).toBeUndefined();
    delete slack.fails;
    await clock.advance(HOUR / 2);
    expect(members.has('UANA', 'C1')).toBe(true);
    members.close();
  });
});

describe('a channel by its #name', () => {
  it('is looked for once, and read by its id from then on', async () => {
    const { members, clock, calls, anaAndZoe } = start();
    await members.learn(['#approvals']);
    expect(anaAndZoe('#approvals')).toEqual([true, false]);
    await clock.advance(HOUR);
    await members.learn(['#approvals']);
    expect(anaAndZoe('#approvals')).toEqual([true, false]);
    expect(calls).toEqual(['names', 'C1', 'C1']);
  });

  it('is the same channel as by its id: what was read of one is known of the other', async () => {
    const { members, calls, anaAndZoe } = start({ kept: ['#approvals'] });
    members.start();
    await settled();
    expect(anaAndZoe()).toEqual([true, false]);
    await members.learn(['C1', '#approvals']);
    expect(calls).toEqual(['names', 'C1']);
    members.close();
  });

  it('is found later when Slack did not give the names, or did not have it yet', async () => {
    const { members, names, slack } = start();
    slack.fails = down;
    await members.learn(['#approvals']);
    delete slack.fails;
    names.clear();
    await members.learn(['#approvals']);
    expect(members.has('UANA', '#approvals')).toBeUndefined();
    names.set('approvals', 'C1');
    await members.learn(['#approvals']);
    expect(members.has('UANA', '#approvals')).toBe(true);
  });

  it('is looked for again when its channel is gone: another one may have its name', async () => {
    const { members, names, channels, clock } = start();
    await members.learn(['#approvals']);
    delete channels.C1;
    channels.C2 = ['UBEN'];
    names.set('approvals', 'C2');
    await clock.advance(HOUR);
    for (const _ of [1, 2]) await members.learn(['#approvals']);
    expect([members.has('UBEN', '#approvals'), members.has('UANA', '#approvals')]).toEqual([true, false]);
  });
});
