import { checkedView } from '../blocks/blocks.ts';
import type { OpenView, State } from '../state.ts';
import { pushModal, replaceView, viewObject } from '../views.ts';
import { SlackError } from '../web-api/slack-error.ts';
import { refuseAsClient } from './client-checks.ts';
import type { Deliver, Delivery } from './delivery.ts';
import { entered, enterValues, type Values } from './entered.ts';
import { personOf } from './interactions.ts';
import { interactionFields } from './payloads.ts';
import type { Triggers } from './triggers.ts';

export interface Submission {
  status: number;
  acked: boolean;
  /** The sentences shown under the inputs, by block_id. */
  errors?: Record<string, string>;
  /** Why Slack does not accept the ack; then `acked` is false and the person sees an error. */
  refused?: string;
}

/** What people do with modals as a whole. */
export function createSubmissions({
  state,
  deliver,
  triggers,
}: {
  state: State;
  deliver: Deliver;
  triggers: Triggers;
}) {
  /** Throws NotSubmitted for what Slack's client does not send; what was entered stays. */
  async function submit({ user, values = {} }: { user: string; values?: Values }): Promise<Submission> {
    const person = personOf(state, user);
    const open = topModal(state, user);
    if (!open.view.submit) throw new Error(`the modal ${open.id} has no submit button`);
    open.entered = enterValues(open.view.blocks, open.entered, values);
    refuseAsClient(open.view.blocks, entered(open.view.blocks, open.entered));
    const delivery = await deliver({
      kind: 'interactive',
      payload: {
        type: 'view_submission',
        ...interactionFields(person, triggers.issue(user)),
        view: viewObject(open),
        response_urls: [],
      },
    });
    const outcome = delivery.acked ? accept(open, delivery.body) : {};
    state.touch();
    return {
      status: delivery.status,
      acked: delivery.acked && outcome.refused === undefined,
      ...outcome,
    };
  }

  function accept(open: OpenView, ack: unknown): { errors?: Record<string, string>; refused?: string } {
    try {
      const action = actionOfAck(ack);
      const view = ack as { view?: unknown; errors?: unknown };
      if (action === undefined) remove(open);
      else if (action === 'clear') state.modals.delete(open.user);
      else if (action === 'update') replaceView(open, checkedView(view.view, 'modal'));
      else if (action === 'push') pushModal(state, open.user, checkedView(view.view, 'modal'));
      else if (action === 'errors') return { errors: checkedErrors(open, view.errors) };
      else throw new SlackError('invalid_arguments', [`unknown response_action ${action}`]);
      return {};
    } catch (error) {
      if (error instanceof SlackError) return { refused: error.message };
      throw error;
    }
  }

  function remove(open: OpenView): void {
    const left = (state.modals.get(open.user) ?? []).filter((other) => other !== open);
    if (left.length > 0) state.modals.set(open.user, left);
    else state.modals.delete(open.user);
  }

  async function closeModal({ user }: { user: string }): Promise<Delivery | undefined> {
    const person = personOf(state, user);
    const open = topModal(state, user);
    const cleared = open.view.clear_on_close === true;
    if (cleared) state.modals.delete(user);
    else remove(open);
    state.touch();
    if (open.view.notify_on_close !== true) return undefined;
    const { trigger_id: _, ...fields } = interactionFields(person, '');
    const payload = { type: 'view_closed', ...fields, view: viewObject(open), is_cleared: cleared };
    return deliver({ kind: 'interactive', payload });
  }

  return { submit, closeModal };
}

function topModal(state: State, user: string): OpenView {
  const open = state.modals.get(user)?.at(-1);
  if (!open) throw new Error(`${user} has no modal open`);
  return open;
}

function actionOfAck(ack: unknown): unknown {
  if (ack === '') return undefined;
  if (typeof ack !== 'object' || ack === null)
    throw new SlackError('invalid_arguments', ['the ack is not a JSON object']);
  return 'response_action' in ack ? ack.response_action : undefined;
}

function checkedErrors(open: OpenView, errors: unknown): Record<string, string> {
  const invalid = (why: string) => new SlackError('invalid_arguments', [why]);
  if (typeof errors !== 'object' || errors === null) throw invalid('errors is not an object');
  const entries = Object.entries(errors);
  if (entries.length === 0) throw invalid('errors is empty');
  for (const [blockId, sentence] of entries) {
    const block = open.view.blocks.find((other) => other.block_id === blockId);
    if (block?.type !== 'input') throw invalid(`${blockId} is not an input block of the view`);
    if (typeof sentence !== 'string' || sentence === '')
      throw invalid(`the error of ${blockId} is not a sentence`);
  }
  return errors as Record<string, string>;
}
