import type { Block } from '../../../src/sandbox/slack/blocks/blocks.ts';
import type { Delivery, Envelope } from '../../../src/sandbox/slack/interactions/delivery.ts';
import { buildFormState } from '../../../src/sandbox/slack/interactions/entered.ts';
import {
  type Click,
  channelOf,
  createInteractions,
  findPerson,
  type ViewClick,
} from '../../../src/sandbox/slack/interactions/interactions.ts';
import { findMessage, messageObject, type OpenView } from '../../../src/sandbox/slack/state.ts';
import { viewObject } from '../../../src/sandbox/slack/views.ts';
import type { WorkspaceParts } from '../../../src/sandbox/slack/workspace.ts';

/** A click on old blocks, because the client does not have the newer ones yet. Slack sends the newer ones along. */
interface Stale {
  stale: true;
  /** The button and its block. */
  action: { block_id: string; type?: string; text?: unknown; value?: string; style?: string };
}

type MaybeStale<C> = C & { [K in keyof Stale]?: Stale[K] | undefined };

export type AnyClick = MaybeStale<Click>;
export type AnyViewClick = MaybeStale<ViewClick>;

/** Creates clicks of people who may see an older message or view. */
export function createStaleClicks(
  parts: WorkspaceParts,
  { click, clickInView }: Pick<ReturnType<typeof createInteractions>, 'click' | 'clickInView'>,
) {
  const { state, deliver } = parts;

  return {
    async click({ stale, action, ...options }: AnyClick): Promise<Delivery> {
      if (!stale) return click(options);
      const person = findPerson(state, options.user);
      const channel = channelOf(state, options.channel);
      const currentMessage = findMessage(state, channel.id, options.ts);
      const empty = { channel: channel.id, ts: options.ts, text: '', edited: 0, user: person.id };
      const staleMessage = { ...(currentMessage ?? empty), blocks: [blockOf(options, action)] };
      const others = state.messages.filter((message) => message !== currentMessage);
      const newer = {
        message: currentMessage && messageObject(currentMessage),
        state: { values: buildFormState(currentMessage?.blocks ?? [], {}) },
      };
      return createInteractions({
        ...parts,
        state: { ...state, messages: [...others, staleMessage] },
        deliver: (envelope) => deliver(withNewer(envelope, newer)),
      }).click(options);
    },

    async clickInView({ stale, action, ...options }: AnyViewClick): Promise<Delivery> {
      if (!stale) return clickInView(options);
      const currentView = state.modals.get(options.user)?.at(-1) ?? state.homes.get(options.user);
      if (!currentView) throw new Error(`${options.user} has neither a modal nor a home tab`);
      const staleView: OpenView = {
        ...currentView,
        view: { ...currentView.view, blocks: [blockOf(options, action)] },
      };
      return createInteractions({
        ...parts,
        state: { ...state, modals: new Map([[options.user, [staleView]]]) },
        deliver: (envelope) => deliver(withNewer(envelope, { view: viewObject(currentView) })),
      }).clickInView(options);
    },
  };
}

function blockOf({ actionId }: ViewClick, action: Stale['action'] | undefined): Block {
  if (!action) throw new Error('a stale click names its action');
  const { block_id, ...fields } = action;
  const text = { type: 'plain_text', text: actionId };
  return { type: 'actions', block_id, elements: [{ type: 'button', text, ...fields, action_id: actionId }] };
}

function withNewer({ kind, payload }: Envelope, newer: Record<string, unknown>): Envelope {
  return { kind, payload: { ...payload, ...newer } };
}
