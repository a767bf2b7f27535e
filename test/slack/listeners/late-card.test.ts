import { describe, expect, it } from 'vitest';
import type { ListenerContext } from '../../../src/slack/listeners/context.ts';
import { replyIfCardIsLate } from '../../../src/slack/listeners/late-card.ts';
import { CARD_FOLLOWS } from '../../../src/slack/views/text/sentences.ts';
import { createWorld } from '../../approval/worker/worker-world.ts';
import { collectingLog } from '../stage.ts';

const people = { inChannel: () => true, channelSize: () => 12 };

describe('a person who asks a colleague to decide', () => {
  async function start() {
    const world = createWorld({ rules: { approvers: ['UANA', 'UBEN'] }, people });
    const { kill } = world.startWorker('a');
    const id = await world.shown();
    const replies: string[] = [];
    const { service, clock } = world;
    const context = {
      decisions: service,
      clock,
      log: collectingLog().log,
      reply: async (_, text) => void replies.push(text),
    } as Partial<ListenerContext> as ListenerContext;
    /** Ana asks Ben. */
    async function assign() {
      const target = { approvalId: id, round: 1, via: 'card' as const };
      const answer = await service.assign(target, 'UANA', 'UBEN');
      if (!answer.done) throw new Error('refused');
      replyIfCardIsLate(context, { user: 'UANA' }, answer, 1);
      await clock.advance(10_000);
    }
    return { assign, replies, kill };
  }

  it('is not told that the card follows when it has', async () => {
    const { assign, replies } = await start();
    await assign();
    expect(replies).toEqual([]);
  });

  it('is not told that the card follows when asking the same person again changes nothing on it', async () => {
    const { assign, replies } = await start();
    await assign();
    await assign();
    expect(replies).toEqual([]);
  });

  it('is told so when the card does not show it in time', async () => {
    const { assign, replies, kill } = await start();
    kill();
    await assign();
    expect(replies).toEqual([CARD_FOLLOWS]);
  });
});
