import { describe, expect, it } from 'vitest';
import type { Note } from '../../../src/approval/model/note.ts';
import { parseMessageBlocks } from '../../../src/sandbox/slack/blocks/blocks.ts';
import { en } from '../../../src/slack/texts/texts.ts';
import { buildNote } from '../../../src/slack/views/notes/note.ts';
import { describeNotFound, describeRefusal } from '../../../src/slack/views/text/sentences.ts';
import { spoken } from '../../support/spoken.ts';
import { approval, decision, round } from '../records.ts';
import { links } from './draw.ts';

const of = approval([round()]);
const write = (note: Note, said: Parameters<typeof buildNote>[3] = {}, about = of) => {
  const view = buildNote(spoken(), about, note, said, 'full', links);
  parseMessageBlocks(view.blocks);
  return { text: view.text, blocks: JSON.stringify(view.blocks) };
};

describe('a note that calls people', () => {
  it.each<[Note['kind'], Note, name: string]>([
    ['reminder', { kind: 'reminder', round: 1 }, 'press: *Draft* is'],
    ['escalated', { kind: 'escalated', round: 1, to: ['UBEN'] }, 'press: *Draft* has'],
    ['assigned', { kind: 'assigned', round: 1, by: 'UANA', to: 'UBEN' }, '*Draft* of press'],
  ])('names task and crew in its notification, and where it is not in the thread: %s', (_, note, name) => {
    const inThread = write(note, { mentions: ['UBEN'] });
    expect(inThread.text).toMatch(/^press: Draft\. /);
    expect(inThread.blocks).toContain('<@UBEN>');
    expect(inThread.blocks).not.toContain('/approvals');
    const elsewhere = write(note, { mentions: ['UBEN'], elsewhere: 'CAPPROVALS' });
    for (const part of [name, '`/approvals ABCDEFGHJK` shows it']) expect(elsewhere.blocks).toContain(part);
  });

  it.each<Note>([
    { kind: 'reminder', round: 1 },
    { kind: 'mention', round: 1, to: ['UBEN'], since: 0, at: 0 },
    { kind: 'direct', round: 1, to: 'UBEN', why: 'waiting' },
    { kind: 'to_requester', round: 1, what: 'decided' },
  ])('shows no title of a task that is the beginning of its output: %j', (note) => {
    const unnamed = approval([round()], { task: 'Secret figures', titleOnly: true });
    expect(JSON.stringify(write(note, { mentions: ['UBEN'] }, unnamed))).not.toContain('Secret figures');
  });
});

describe('a note on a decision', () => {
  const made = decision({ by: 'UBEN' });
  const revision = decision({ by: 'UBEN', action: 'request_revision' });
  const byRule = decision({ by: '', rule: 'expiry' });
  const sure = { decision: made, unsure: false };
  const undelivered = { kind: 'not_delivered' as const, ...sure };

  const superseded: Note = { kind: 'not_sent', why: 'superseded', ...sure };
  const ended: Note = { kind: 'not_sent', why: 'run_ended', ...sure };
  const SENTENCES: Readonly<Record<string, Note>> = {
    "<@UBEN>, your decision wasn't sent because <@UCAT> closed this without a decision first.": {
      kind: 'not_sent',
      why: 'given_up',
      by: 'UCAT',
      ...sure,
    },
    "<@UBEN>, your decision wasn't sent because a newer output arrived first.": superseded,
    "<@UBEN>, your decision wasn't sent because the run ended first.": ended,
    '<@UBEN>, CrewAI was no longer waiting for your decision. This was resolved elsewhere.': {
      kind: 'not_taken',
      decision: made,
    },
    "<@UBEN>, your decision wasn't accepted. CrewAI rejected the decision. *Approval details* shows why. The card above has *Close without a decision*.":
      { ...undelivered, failure: { kind: 'refused', status: 422 } },
    ':warning: <@UBEN>, CrewAI accepted the approval but says that it is redoing the task.': {
      kind: 'answered_otherwise',
      decision: made,
      says: 'retrying',
    },
    ':warning: <@UBEN>, CrewAI accepted the request for a revision but says that the run is resumed.': {
      kind: 'answered_otherwise',
      decision: revision,
      says: 'resumed',
    },
    ':warning: CrewAI accepted the approval but says that it is redoing the task.': {
      kind: 'answered_otherwise',
      decision: byRule,
      says: 'retrying',
    },
    "<@UBEN>, your decision had no effect: this task didn't need one.": {
      kind: 'task_does_not_wait',
      decision: made,
    },
    ':x: <@UBEN>, the run failed: boom.': { kind: 'run_failed', reason: 'boom', ...sure },
    ':x: <@UBEN>, the run failed. CrewAI may have accepted the last decision before that.': {
      kind: 'run_failed',
      decision: made,
      unsure: true,
    },
  };

  it.each(Object.entries(SENTENCES))('is: %s', (sentence, note) => {
    expect(write(note).text).toBe(sentence);
  });

  it('begins with whether it may have reached CrewAI', () => {
    const unreached = write({ ...undelivered, failure: { kind: 'not_reached', detail: 'ECONNREFUSED' } });
    expect(unreached.text).toMatch(/^<@UBEN>, your decision didn't reach CrewAI/);
    const { text } = write({ ...undelivered, failure: { kind: 'unknown' }, unsure: true });
    expect(text).toMatch(/^<@UBEN>, your decision may have reached CrewAI, but it didn't respond/);
  });
});

describe('a note on a run that failed', () => {
  it.each([
    ['boom', ':x: The run failed: boom.'],
    ['ValueError: boom', ':x: The run failed: ValueError: boom.'],
    ['Crew execution failed: ValueError: boom', ':x: The run failed: ValueError: boom.'],
    ['The run failed: Crew failed: boom.', ':x: The run failed: boom.'],
    ["Task 'draft' failed: boom", ":x: The run failed. Task 'draft' failed: boom."],
    ['Crew execution failed: ', ':x: The run failed.'],
    [undefined, ':x: The run failed.'],
  ])('for the reason %j says so once', (reason, sentence) => {
    const why = reason === undefined ? {} : { reason };
    expect(write({ kind: 'run_failed', unsure: false, ...why }).text).toBe(sentence);
  });

  it.each<Note>([
    { kind: 'run_failed', reason: '<!channel>', unsure: false },
    { kind: 'task_failed', task: '<!here>', reason: '<!channel>' },
    { kind: 'answered_otherwise', decision: decision(), says: '<!channel>' },
  ])('mentions nobody whom CrewAI names: %j', (note) => {
    expect(write(note).text).not.toMatch(/<!(channel|here)>/);
  });
});

describe('a sentence for one person', () => {
  it('says that what was undone cannot be undone again', () => {
    const refusal = { code: 'not_undone', why: 'nothing' } as const;
    expect(describeRefusal(spoken(), refusal, undefined)).toBe(en.refusals.undo.nothing);
  });

  it('repeats what was not found without mentioning anyone', () => {
    const shown = '&lt;!channel&gt; @\u200bhere';
    expect(describeNotFound(spoken(), '<!channel> @here')).toBe(en.refusals.notFound(shown));
  });
});
