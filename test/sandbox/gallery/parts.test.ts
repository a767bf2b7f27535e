import { describe, expect, it } from 'vitest';
import { noteSchema } from '../../../src/approval/model/note.ts';
import { roundStatuses } from '../../../src/approval/model/round-status.ts';
import { kickoffSchema, kickoffStatuses } from '../../../src/approval/model/run/kickoff.ts';
import type { GalleryView } from '../../../src/sandbox/gallery/gallery-view.ts';
import { listGalleryParts } from '../../../src/sandbox/gallery/parts.ts';
import { checkedView, messageBlocks } from '../../../src/sandbox/slack/blocks/blocks.ts';
import {
  ACTIONS,
  ASSIGNEE,
  CALLBACKS,
  CREW,
  FEEDBACK,
  INPUTS_JSON,
  MENU,
  OPTION_BUTTONS,
  PEOPLE_NOTE,
} from '../../../src/slack/app/ids.ts';

const views = listGalleryParts().flatMap((part) => part.views);
const names = views.map(({ name }) => name);
const sent = JSON.stringify(views);
/** Whether Slack gets this text with some view: a failed assertion would print all of them. */
const isSent = (text: string) => sent.includes(text);

const noteKinds = noteSchema.options.map(({ shape }) => shape.kind.value);

function check(view: GalleryView): void {
  if (view.kind === 'message') messageBlocks(view.message.blocks);
  else checkedView(view.view, view.view.type);
}

describe('the gallery', () => {
  it.each(views.map((view) => [view.name, view] as const))('has a view that Slack accepts: %s', (_, view) => {
    expect(() => check(view)).not.toThrow();
  });

  it('gives each view a name of its own', () => {
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it.each(roundStatuses)('shows a card that is %s', (status) => {
    expect(names.filter((name) => name.split(',')[0] === `card ${status}`)).not.toEqual([]);
  });

  it.each(noteKinds)('shows a note of the kind %s', (kind) => {
    expect(names.filter((name) => name.split(',')[0] === `note ${kind}`)).not.toEqual([]);
  });

  it.each(kickoffStatuses)('shows a run that is %s', (status) => {
    expect(names.filter((name) => name.split(',')[0] === `run ${status}`)).not.toEqual([]);
  });

  it.each(kickoffSchema.shape.notes.element.options)('shows a note of a run of the kind %s', (note) => {
    expect(names).toContain(`note of a run, ${note}`);
  });

  it.each([...Object.values(ACTIONS), ...OPTION_BUTTONS])(
    'has a button or menu with the action %s',
    (action) => {
      expect(isSent(`"action_id":"${action}"`)).toBe(true);
    },
  );

  it.each(Object.values(MENU))('has a menu that offers %s', (choice) => {
    expect(isSent(`"value":"${choice}:`)).toBe(true);
  });

  it.each(Object.values(CALLBACKS))('has a modal that is submitted as %s', (callback) => {
    expect(isSent(`"callback_id":"${callback}"`)).toBe(true);
  });

  it.each([ASSIGNEE, CREW, FEEDBACK, INPUTS_JSON, PEOPLE_NOTE])(
    'has a modal with the field $block',
    ({ block }) => {
      expect(isSent(`"block_id":"${block}"`)).toBe(true);
    },
  );

  it.each([
    'of 2 approved',
    'was asked to decide',
    'is on it',
    'You can still decide',
    'requested a revision three times in a row',
    'Another task of this run has reported since',
    "won't report back on this run",
    'The run failed',
    'Until then, *Undo* takes it back',
    "I'll keep trying",
    'An earlier attempt may have reached CrewAI',
    'It may have reached CrewAI',
    'not confirmed yet',
    'and the run continued',
    'See the current card',
    "doesn't wait for a decision",
    'The output is empty',
    'is waiting for your decision',
    'Ignored from the run',
    'There is no one left who can decide this',
    'This probably answers the request of',
  ])('tells every state of a round: "%s"', (words) => {
    expect(isSent(words)).toBe(true);
  });
});
