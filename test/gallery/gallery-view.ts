import type { HomeView, ModalView } from '@slack/types';
import type { Approval } from '../../src/approval/model/approval.ts';
import type { Output } from '../../src/approval/model/output.ts';
import type { AgentStep } from '../../src/approval/model/run/agent-steps.ts';
import type { NamedDeciders } from '../../src/approval/ports.ts';
import { PlainerForms } from '../../src/slack/api/plainer-forms.ts';
import type { MessageView } from '../../src/slack/views/message-view.ts';
import type { CardForm } from '../../src/slack/views/output/output-blocks.ts';

/** A state of a message, modal or Home tab, with the payload that Slack gets. */
export type GalleryView = { name: string } & (
  | { kind: 'message'; message: MessageView }
  | { kind: 'view'; view: ModalView | HomeView }
);

export interface GalleryPart {
  title: string;
  views: GalleryView[];
}

/** The content of a card. By default the current round and a press release. */
export interface CardState {
  approval: Approval;
  round?: number;
  output?: Output;
  steps?: readonly AgentStep[];
  deciders?: NamedDeciders;
  /** By default the form that the bot posts first. */
  form?: CardForm;
}

/** The form in which the bot first posts a message. */
export const POSTED_FORM = new PlainerForms().findFirstForm('');

export function showMessage(name: string, message: MessageView): GalleryView {
  return { name, kind: 'message', message };
}

export function showView(name: string, view: ModalView | HomeView): GalleryView {
  return { name, kind: 'view', view };
}

/** Names a variant, as in "card waiting, claimed". An empty variant is the usual state. */
export function nameVariant(what: string, variant: string): string {
  return variant === '' ? what : `${what}, ${variant}`;
}
