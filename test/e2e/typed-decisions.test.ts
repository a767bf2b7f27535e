import { describe, expect, test } from 'vitest';
import type { Dialect } from '../../src/sandbox/crewai/dialect.ts';
import { ask } from '../support/asking.ts';
import { kickoff, revisionOf } from '../support/process-steps.ts';
import { alreadyApproved } from '../support/sentences.ts';
import { until } from '../support/until.ts';
import { startBot, startWorld } from '../support/world.ts';
import { http, modalSays, submit } from './complaint-steps.ts';

describe('an approval whose card Slack rejects', () => {
  async function startWithoutCard(dialect: Dialect) {
    const world = await startWorld(undefined, { dialect });
    world.workspace.archive('CAPPROVALS');
    const bot = await startBot(world);
    kickoff(world, bot);
    const types = async (text: string) => (await ask(world, text, { channel: 'CPRESS' })).all;
    const id = await until(async () => {
      const found = /`([0-9A-Z]{10,16})`/.exec(await types(''))?.[1];
      expect(found).toBeDefined();
      return found as string;
    });
    return { ...world, world, bot, id, types };
  }

  test('is listed, shown and approved with a note by its id, and /readyz names the channel', async () => {
    const { platform, bot, id, types } = await startWithoutCard('documented');
    const { status, data } = await http.get(`${bot.url}/readyz`);
    expect({ status, ...data.faults }).toEqual({ status: 503, channels: 'CAPPROVALS: is_archived' });
    expect(await types('')).toContain('no card in Slack yet');
    expect(await types(id)).toContain('Made from *recycled linen*');
    expect(await types(`approve ${id.toLowerCase()} Looks good, <b>all</b> of it`)).toBe(
      `You approved *draft_press_release* (round 1). \`/approvals ${id}\` shows the outcome.`,
    );
    await platform.changed(() => platform.resumes.length === 1, { what: '/resume' });
    const human_feedback = 'Looks good, <b>all</b> of it';
    expect(platform.resumes[0]?.body).toMatchObject({ is_approve: true, human_feedback });
    expect(await types(`approve ${id}`)).toContain(alreadyApproved('<@UANA>'));
    expect(await types(id), 'its note too').toContain('Looks good, &lt;b&gt;all&lt;/b&gt; of it');
    expect(platform.resumes).toHaveLength(1);
  });

  test('is revised by its id in a modal, and a later round is decided only by its number', async () => {
    const { world, workspace, platform, id, types } = await startWithoutCard('live');
    const typed = { user: 'UANA', channel: 'CPRESS', command: '/approvals', text: `revise ${id}` };
    await workspace.command(typed);
    await modalSays(world, 'UANA', 'What should change');
    expect(await submit(world, 'Shorter', 'UANA')).toMatchObject({ closed: true });
    await until(async () => expect(await types('')).toContain(`\`${id}.2\``));
    expect(await types(`approve ${id}`)).toContain('already requested a revision');
    expect(await types(`approve ${id}.3`)).toBe(
      `\`${id}\` has 2 rounds and no round 3, so nothing was recorded. \`/approvals ${id}\` shows it.`,
    );
    expect(await types(`approve ${id}.2`)).toContain('You approved *draft_press_release* (round 2)');
    await platform.changed(() => platform.resumes.length === 2, { what: 'both decisions' });
    const feedback = platform.resumes.map(({ body }) => (body as { humanFeedback: string }).humanFeedback);
    expect(feedback).toEqual([revisionOf(world, 'Shorter'), 'Approved.']);
  });
});
