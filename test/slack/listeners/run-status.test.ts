import { describe, expect, it } from 'vitest';
import { StoreError } from '../../../src/lib/errors.ts';
import { ACTIONS } from '../../../src/slack/app/ids.ts';
import { en } from '../../../src/slack/texts/texts.ts';
import { aStart } from '../../approval/starts/records.ts';
import { saying } from '../../support/sentences.ts';
import { createListeningBot, ONLY_BEN_LOOKS } from './fakes.ts';

const { crewai, refusals } = en;
const running = aStart({ status: 'running', executionId: 'run-1' });
const down = new StoreError('Down.');

describe('Status of a run', () => {
  it.each([
    ['what CrewAI says of the run', {}, running.id, crewai.completed],
    ['that a person may not look it up', ONLY_BEN_LOOKS, running.id, refusals.mayNotLook],
    ['that the run is not known', {}, 'x', refusals.runNotFound],
  ])('replies %s', async (_, world, value, sentence) => {
    const bot = await createListeningBot({ starts: [running], ...world });
    await bot.click(ACTIONS.runStatus, { value });
    expect([bot.acks, bot.texts()]).toEqual([[undefined], [saying(sentence)]]);
  });

  it.each(['reads', 'runs'] as const)('replies that nothing was looked up when %s fail', async (what) => {
    const bot = await createListeningBot({ starts: [running] });
    bot.disturb(what, down);
    await bot.click(ACTIONS.runStatus, { value: running.id });
    expect(bot.texts()).toEqual([refusals.notLookedUp]);
  });
});
