import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Kickoff, kickoffStatuses } from '../../../src/approval/model/run/kickoff.ts';
import { messageBlocks } from '../../../src/sandbox/slack/blocks/blocks.ts';
import { buildRunList } from '../../../src/slack/views/lists/runs.ts';
import { CARD_FORMS } from '../../../src/slack/views/output/output-blocks.ts';
import { buildRunMessage, buildRunNote } from '../../../src/slack/views/runs/run-message.ts';
import { aKickoff } from '../../approval/kickoffs/records.ts';
import { hostileText, LIVE } from '../hostile.ts';
import { someOutput } from '../records.ts';

const links = { message: () => 'https://acme.slack.com/archives/C1/p1', command: '/approvals' };
const NOTES = ['not_started', 'unsure', 'failed', 'result'] as const;

/** A start as people, CrewAI and settings may have made it. */
const someKickoff: fc.Arbitrary<Kickoff> = fc
  .record({
    status: fc.constantFrom(...kickoffStatuses),
    inputs: fc.dictionary(hostileText, fc.oneof(hostileText, fc.jsonValue()), { maxKeys: 30 }),
    reason: fc.option(hostileText, { nil: undefined }),
    missing: fc.option(fc.array(hostileText, { maxLength: 8 }), { nil: undefined }),
    executionId: fc.option(
      hostileText.map((id) => id.slice(0, 255) || 'x'),
      { nil: undefined },
    ),
    isPosted: fc.boolean(),
  })
  .map(({ isPosted, reason, missing, executionId, ...made }) =>
    aKickoff({
      ...made,
      ...(reason === undefined ? {} : { reason }),
      ...(missing === undefined ? {} : { missing }),
      ...(executionId === undefined ? {} : { executionId }),
      ...(isPosted ? { message: { channel: 'CAPPROVALS', ts: '1.0', shown: '' } } : {}),
    }),
  );

/** Without what the bot itself writes: the person who started it, dates and links. */
const withoutOwn = (text: string) =>
  text.replace(/<@UANA>|<!date\^[^>]*>|<https:\/\/acme[^>|]*\|[^>]*>/g, '');

describe('whatever people and CrewAI say, Slack takes it and nobody else is mentioned by', () => {
  test('the message of a run', () => {
    fc.assert(
      fc.property(someKickoff, (kickoff) => {
        const message = buildRunMessage(kickoff);
        messageBlocks(message.blocks);
        expect(withoutOwn(message.text)).not.toMatch(LIVE);
        expect(withoutOwn(JSON.stringify(message.blocks))).not.toMatch(LIVE);
      }),
    );
  });

  test('its notes', () => {
    fc.assert(
      fc.property(
        someKickoff,
        fc.constantFrom(...NOTES),
        fc.constantFrom(...CARD_FORMS),
        someOutput,
        (kickoff, note, form, result) => {
          const message = buildRunNote(kickoff, note, result, form);
          messageBlocks(message.blocks);
          expect(withoutOwn(message.text)).not.toMatch(LIVE);
        },
      ),
    );
  });

  test('the list of runs', () => {
    fc.assert(
      fc.property(fc.array(someKickoff, { maxLength: 20 }), (kickoffs) => {
        const message = buildRunList(kickoffs, links);
        messageBlocks(message.blocks);
        expect(withoutOwn(JSON.stringify(message.blocks))).not.toMatch(LIVE);
      }),
    );
  });
});

test('twenty runs fit into the list, each with a long reason', () => {
  const reason = '<&> '.repeat(75);
  const message = { channel: 'CAPPROVALS', ts: '1.0', shown: '' };
  for (const status of kickoffStatuses) {
    const kickoffs = Array.from({ length: 20 }, () => aKickoff({ status, reason, message }));
    const list = buildRunList(kickoffs, links);
    messageBlocks(list.blocks);
    expect(list.blocks).toHaveLength(21);
    // Slack refuses a message somewhere beyond 11,300 characters.
    expect(JSON.stringify(list.blocks).length).toBeLessThan(11_300);
  }
});

test('a run that misses two hundred inputs names some of them, in its message and in the list', () => {
  const missing = Array.from({ length: 200 }, (_, n) => `input_number_${n}_of_the_crew`);
  const kickoff = aKickoff({ status: 'not_started', reason: '422: Missing inputs', missing });
  const { blocks } = buildRunMessage(kickoff);
  messageBlocks(blocks);
  expect(JSON.stringify(blocks)).toContain('*input_number_0_of_the_crew*');
  expect(JSON.stringify(blocks)).toContain('and 190 more');
  messageBlocks(buildRunList(Array(20).fill(kickoff), links).blocks);
});
