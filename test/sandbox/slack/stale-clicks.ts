import type { Block } from '../../../src/sandbox/slack/blocks/blocks.ts';
import type { Delivery, Envelope } from '../../../src/sandbox/slack/interactions/delivery.ts';
import { entered } from '../../../src/sandbox/slack/interactions/entered.ts';
import {
  type Click,
  channelOf,
  createInteractions,
  personOf,
  type ViewClick,
} from '../../../src/sandbox/slack/interactions/interactions.ts';
import { findMessage, messageObject, type OpenView } from '../../../src/sandbox/slack/state.ts';
import { viewObject } from '../../../src/sandbox/slack/views.ts';
import type { WorkspaceParts } from '../../../src/sandbox/slack/workspace.ts';

/** A click on what was shown before: the client has not yet the newer blocks. Slack sends the newer ones along. */
interface Stale {
  stale: true;
  /** The button, and its block. */
  action: { block_id: string; type?: string; text?: unknown; value?: string; style?: string };
}

type MaybeStale<C> = C & { [K in keyof Stale]?: Stale[K] | undefined };

export type AnyClick = MaybeStale<Click>;
export type AnyViewClick = MaybeStale<ViewClick>;

/** Clicks of people who may have an older message or view before them. */
export function createStaleClicks(
  parts: WorkspaceParts,
  { click, clickInView }: Pick<ReturnType<typeof createInteractions>, 'click' | 'clickInView'>,
) {
  const { state, deliver } = parts;

  return {
    async click({ stale, action, ...given }: AnyClick): Promise<Delivery> {
      if (!stale) return click(given);
      const person = personOf(state, given.user);
      const channel = channelOf(state, given.channel);
      const now = findMessage(state, channel.id, given.ts);
      const empty = { channel: channel.id, ts: given.ts, text: '', edited: 0, user: person.id };
      const before = { ...(now ?? empty), blocks: [blockOf(given, action)] };
      const others = state.messages.filter((message) => message !== now);
      const newer = {
        message: now && messageObject(now),
        state: { values: entered(now?.blocks ?? [], {}) },
      };
      return createInteractions({
        ...parts,
        state: { ...state, messages: [...others, before] },
        deliver: (envelope) => deliver(withNewer(envelope, newer)),
      }).click(given);
    },

    async clickInView({ stale, action, ...given }: AnyViewClick): Promise<Delivery> {
      if (!stale) return clickInView(given);
      const open = state.modals.get(given.user)?.at(-1) ?? state.homes.get(given.user);
      if (!open) throw new Error(`${given.user} has neither a modal nor a home tab`);
      const before: OpenView = { ...open, view: { ...open.view, blocks: [blockOf(given, action)] } };
      return createInteractions({
        ...parts,
        state: { ...state, modals: new Map([[given.user, [before]]]) },
        deliver: (envelope) => deliver(withNewer(envelope, { view: viewObject(open) })),
      }).clickInView(given);
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
