import type { HomeView, ModalView } from '@slack/types';
import type { Approval } from '../../src/approval/model/approval.ts';
import type { Output } from '../../src/approval/model/output.ts';
import type { AgentStep } from '../../src/approval/model/run/agent-steps.ts';
import type { NamedDeciders } from '../../src/approval/ports.ts';
import { PlainerForms } from '../../src/slack/api/plainer-forms.ts';
import type { MessageView } from '../../src/slack/views/message-view.ts';
import type { CardForm } from '../../src/slack/views/output/output-blocks.ts';

/** One state of a message, modal or home tab, with the payload that Slack gets. */
export type GalleryView = { name: string } & (
  | { kind: 'message'; message: MessageView }
  | { kind: 'view'; view: ModalView | HomeView }
);

export interface GalleryPart {
  title: string;
  views: GalleryView[];
}

/** What a card is drawn from: the current round and a press release, unless another one is named. */
export interface CardState {
  approval: Approval;
  round?: number;
  output?: Output;
  steps?: readonly AgentStep[];
  deciders?: NamedDeciders;
  /** The form that the bot posts first, unless another one is named. */
  form?: CardForm;
}

/** The form in which the bot posts a message first. */
export const POSTED_FORM = new PlainerForms().first('');

export function showMessage(name: string, message: MessageView): GalleryView {
  return { name, kind: 'message', message };
}

export function showView(name: string, view: ModalView | HomeView): GalleryView {
  return { name, kind: 'view', view };
}

/** "card waiting, claimed"; an empty variant is the usual state. */
export function nameVariant(what: string, variant: string): string {
  return variant === '' ? what : `${what}, ${variant}`;
}
