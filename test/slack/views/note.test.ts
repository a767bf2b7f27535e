import { describe, expect, it } from 'vitest';
import type { Note } from '../../../src/approval/model/note.ts';
import { en as texts } from '../../../src/slack/texts/en.ts';
import { buildNote } from '../../../src/slack/views/notes/note.ts';
import { describeRefusal } from '../../../src/slack/views/text/sentences.ts';
import { approval, decision, round } from '../records.ts';

const links = { message: () => undefined, command: '/approvals' };

const of = approval([round()]);
const inBlocks = (view: { blocks: unknown }) => JSON.stringify(view.blocks);

describe('what calls people', () => {
  const calling: Note[] = [
    { kind: 'reminder', round: 1 },
    { kind: 'escalated', round: 1, to: ['UBEN'] },
    { kind: 'assigned', round: 1, by: 'UANA', to: 'UBEN' },
  ];

  it.each(calling.map((note) => [note.kind, note] as const))(
    'names task and crew in its notification: %s',
    (_, note) => {
      const said = { mentions: ['UBEN'] };
      expect(buildNote(of, note, said, 'full', links).text).toMatch(/^press: draft\. /);
      const inThread = inBlocks(buildNote(of, note, said, 'full', links));
      expect(inThread).toContain('<@UBEN>');
      expect(inThread).not.toContain('/approvals');
      const elsewhere = inBlocks(buildNote(of, note, { ...said, elsewhere: 'CAPPROVALS' }, 'full', links));
      expect(elsewhere).toContain('*draft* of press');
      expect(elsewhere).toContain('`/approvals ABCDEFGHJK` shows it');
    },
  );
});

it('whoever decided is told who closed it before it was sent', () => {
  const note = {
    kind: 'not_sent',
    why: 'given_up',
    decision: decision(),
    by: 'UBEN',
    unsure: false,
  } as const;
  expect(buildNote(of, note, {}, 'full', links).text).toBe(
    "<@UANA>, your decision wasn't sent to CrewAI: <@UBEN> closed this without a decision first.",
  );
});

it('undoing twice is told in a sentence of its own', () => {
  expect(describeRefusal({ code: 'not_undone', why: 'nothing' }, undefined)).toBe(
    texts.refusals.undo.nothing,
  );
});

it('no message that asks a person shows the title of a task without a name, which is the beginning of its output', () => {
  const unnamed = approval([round()], { task: 'Secret figures', titleOnly: true });
  const asking: Note[] = [
    { kind: 'reminder', round: 1 },
    { kind: 'mention', round: 1, to: ['UBEN'], since: 0, at: 0 },
    { kind: 'direct', round: 1, to: 'UBEN', why: 'waiting' },
    { kind: 'to_requester', round: 1, what: 'decided' },
  ];
  for (const note of asking) {
    const view = buildNote(unnamed, note, { mentions: ['UBEN'] }, 'full', links);
    expect(JSON.stringify(view)).not.toContain('Secret figures');
  }
});

it.each([
  ['ValueError: boom', ':x: The run failed: ValueError: boom.'],
  ['Crew execution failed: ValueError: boom', ':x: The run failed: ValueError: boom.'],
  ['The run failed: Crew failed: boom.', ':x: The run failed: boom.'],
  ["Task 'draft' failed: boom", ":x: The run failed. Task 'draft' failed: boom."],
  ['Crew execution failed: ', ':x: The run failed.'],
  [undefined, ':x: The run failed.'],
])('a run that failed with %j says so once', (reason, sentence) => {
  const note = { kind: 'run_failed', ...(reason === undefined ? {} : { reason }), unsure: false } as const;
  expect(buildNote(approval([round()]), note, {}, 'full', links).text).toBe(sentence);
});
