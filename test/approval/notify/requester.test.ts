import { describe, expect, test } from 'vitest';
import type { Note } from '../../../src/approval/model/note.ts';
import type { PeopleDirectory } from '../../../src/approval/ports.ts';
import { buildNote } from '../../../src/slack/views/notes/note.ts';
import { spoken } from '../../support/spoken.ts';
import { aPause, createRun, theEnd } from '../run-world.ts';
import { createWorld, type SlackCall, startWorld } from '../worker/worker-world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const links = { message: () => undefined, command: '/approvals' };
const rules = { approvers: ['UANA'] };
const people: Partial<PeopleDirectory> = { inChannel: () => true, channelSize: () => 12 };
const toRequester = (calls: readonly SlackCall[]) =>
  calls.flatMap(({ note, elsewhere }) => (note?.kind === 'to_requester' ? [{ note, elsewhere }] : []));

const wordsOf = (calls: readonly SlackCall[]) =>
  toRequester(calls).map(({ note, elsewhere }) => `${note.what} ${elsewhere}`);

describe('the requester of a run', () => {
  test.each([
    ['UREQ', ['decided UREQ', 'ended UREQ']],
    ['UANA', ['ended UANA']],
    ['req@example.com', ['decided UREQ', 'ended UREQ']],
    ['nobody@example.com', []],
    [undefined, []],
  ])(
    'gets one message of the decision, unless it is theirs, and one of the end: %s',
    async (by, expected) => {
      const idOf = (email: string) => (email === 'req@example.com' ? 'UREQ' : null);
      const world = await startWorld({
        rules,
        people: { ...people, idOf },
        meta: by === undefined ? {} : { requestedBy: by },
      });
      await world.approve(world.id);
      await world.clock.advance(5 * SECOND);
      await world.receiver.receive(world.crew, theEnd());
      await world.clock.advance(MINUTE);
      expect(wordsOf(world.slack)).toEqual(expected);
    },
  );

  test('does not see an output whose beginning is the title of its card', async () => {
    const run = createRun({ rules, people });
    run.startWorker('a');
    const pause = aPause(1, 'Dismissal of Ben Meier, salary 92,000\n\nDetails', {
      meta: { requestedBy: 'UREQ' },
    });
    const id = await run.opens(pause);
    await run.approves(id);
    await run.clock.advance(5 * SECOND);
    const approval = await run.approval(id);
    expect([approval.titleOnly, approval.task]).toEqual([true, expect.stringContaining('Ben Meier')]);
    const [told] = toRequester(run.slack);
    const { text, blocks } = buildNote(
      spoken(),
      approval,
      told?.note as Note,
      { elsewhere: 'UREQ' },
      'full',
      links,
    );
    expect(text).toMatch(/^:information_source: An output of press, from your run: approved/);
    expect(JSON.stringify(blocks)).not.toContain('Ben Meier');
  });

  test('gets a message of the end when only the status of the run says that it failed', async () => {
    const world = await startWorld({ rules, people, meta: { requestedBy: 'UREQ' } });
    await world.approve(world.id);
    world.statusIs({ kind: 'failed', error: 'boom' });
    await world.clock.advance(20 * MINUTE);
    expect(wordsOf(world.slack)).toEqual(['decided UREQ', 'ended UREQ']);
  });

  test('gets the message once Slack says whose email address it is', async () => {
    let known: string | undefined;
    const meta = { requestedBy: 'req@example.com' };
    const world = await startWorld({ rules, people: { ...people, idOf: () => known }, meta });
    await world.approve(world.id);
    await world.clock.advance(10 * SECOND);
    expect(toRequester(world.slack)).toEqual([]);
    known = 'UREQ';
    await world.clock.advance(10 * MINUTE);
    expect(wordsOf(world.slack)).toEqual(['decided UREQ']);
  });

  test('gets messages that do not delay the next card in the channel', async () => {
    const world = createWorld({ rules, people });
    world.startWorker('a');
    const ids: string[] = [];
    for (let n = 0; n < 20; n += 1)
      ids.push(await world.output('A release', { executionId: `e${n}`, meta: { requestedBy: 'UREQ' } }));
    await world.clock.advance(2 * MINUTE);
    for (const id of ids) await world.approve(id);
    await world.clock.advance(SECOND);
    const before = world.slack.length;
    const next = await world.output('A release', { executionId: 'next' });
    await world.clock.advance(2 * SECOND);
    expect((await world.round(next)).card).toBeDefined();
    expect(toRequester(world.slack.slice(0, before)).length).toBeLessThan(ids.length);
  });
});
