import type { ModalView } from '@slack/types';
import type { Approval } from '../../approval/approval.ts';
import { CALLBACKS, FEEDBACK } from '../ids.ts';
import { writeTarget } from '../target.ts';
import { section } from './card.ts';
import { escapedLine } from './text.ts';

/** Slack's own limit of a text field, and so ours of a feedback. */
export const FEEDBACK_MAX = 3_000;

/** The modal that asks what should change. Pure. */
export function revisionModal(approval: Approval, round: number): ModalView {
  return {
    type: 'modal',
    callback_id: CALLBACKS.revision,
    private_metadata: writeTarget(approval.id, round),
    title: plain('Request revision'),
    submit: plain('Send'),
    close: plain('Cancel'),
    blocks: [
      section(`What should change in *${escapedLine(approval.task, 150)}* (round ${round})?`),
      {
        type: 'input',
        block_id: FEEDBACK.block,
        label: plain('Feedback'),
        hint: plain("CrewAI takes all of this text into the next task's context."),
        element: {
          type: 'plain_text_input',
          action_id: FEEDBACK.action,
          multiline: true,
          min_length: 1,
          max_length: FEEDBACK_MAX,
          focus_on_load: true,
        },
      },
    ],
  };
}

function plain(text: string) {
  return { type: 'plain_text' as const, text, emoji: false };
}
