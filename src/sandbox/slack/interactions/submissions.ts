import { checkedView } from '../blocks/blocks.ts';
import type { OpenView, State } from '../state.ts';
import { pushModal, replaceView, viewObject } from '../views.ts';
import { SlackError } from '../web-api/slack-error.ts';
import { checkFormAsClient } from './client-checks.ts';
import type { Deliver, Delivery } from './delivery.ts';
import { buildFormState, enterValues, type Values } from './entered.ts';
import { findPerson } from './interactions.ts';
import { interactionFields } from './payloads.ts';
import type { Triggers } from './triggers.ts';

export interface Submission {
  status: number;
  acked: boolean;
  /** The sentences that Slack shows under the inputs, by block_id. */
  errors?: Record<string, string>;
  /** Why Slack rejected the ack. `acked` is then false and the person sees an error. */
  refused?: string;
}

/** Creates the actions of people on whole modals: submitting and closing. */
export function createSubmissions({
  state,
  deliver,
  triggers,
}: {
  state: State;
  deliver: Deliver;
  triggers: Triggers;
}) {
  /** Submits the top modal. Throws NotSubmitted if Slack's client would not send the form; the entries stay. */
  async function submit({ user, values = {} }: { user: string; values?: Values }): Promise<Submission> {
    const person = findPerson(state, user);
    const openView = findTopModal(state, user);
    if (!openView.view.submit) throw new Error(`the modal ${openView.id} has no submit button`);
    openView.entered = enterValues(openView.view.blocks, openView.entered, values);
    checkFormAsClient(openView.view.blocks, buildFormState(openView.view.blocks, openView.entered));
    const delivery = await deliver({
      kind: 'interactive',
      payload: {
        type: 'view_submission',
        ...interactionFields(person, triggers.issue(user)),
        view: viewObject(openView),
        response_urls: [],
      },
    });
    const outcome = delivery.acked ? applyAck(openView, delivery.body) : {};
    state.touch();
    return {
      status: delivery.status,
      acked: delivery.acked && outcome.refused === undefined,
      ...outcome,
    };
  }

  function applyAck(openView: OpenView, ack: unknown): { errors?: Record<string, string>; refused?: string } {
    try {
      const action = readAckAction(ack);
      const { view, errors } = ack as { view?: unknown; errors?: unknown };
      if (action === undefined) remove(openView);
      else if (action === 'clear') state.modals.delete(openView.user);
      else if (action === 'update') replaceView(openView, checkedView(view, 'modal'));
      else if (action === 'push') pushModal(state, openView.user, checkedView(view, 'modal'));
      else if (action === 'errors') return { errors: checkErrors(openView, errors) };
      else throw new SlackError('invalid_arguments', [`unknown response_action ${action}`]);
      return {};
    } catch (error) {
      if (error instanceof SlackError) return { refused: error.message };
      throw error;
    }
  }

  function remove(openView: OpenView): void {
    const remaining = (state.modals.get(openView.user) ?? []).filter((other) => other !== openView);
    if (remaining.length > 0) state.modals.set(openView.user, remaining);
    else state.modals.delete(openView.user);
  }

  async function closeModal({ user }: { user: string }): Promise<Delivery | undefined> {
    const person = findPerson(state, user);
    const openView = findTopModal(state, user);
    const cleared = openView.view.clear_on_close === true;
    if (cleared) state.modals.delete(user);
    else remove(openView);
    state.touch();
    if (openView.view.notify_on_close !== true) return undefined;
    const { trigger_id: _, ...fields } = interactionFields(person, '');
    const payload = { type: 'view_closed', ...fields, view: viewObject(openView), is_cleared: cleared };
    return deliver({ kind: 'interactive', payload });
  }

  return { submit, closeModal };
}

function findTopModal(state: State, user: string): OpenView {
  const openView = state.modals.get(user)?.at(-1);
  if (!openView) throw new Error(`${user} has no modal open`);
  return openView;
}

function readAckAction(ack: unknown): unknown {
  if (ack === '') return undefined;
  if (typeof ack !== 'object' || ack === null)
    throw new SlackError('invalid_arguments', ['the ack is not a JSON object']);
  return 'response_action' in ack ? ack.response_action : undefined;
}

function checkErrors(openView: OpenView, errors: unknown): Record<string, string> {
  const invalid = (why: string) => new SlackError('invalid_arguments', [why]);
  if (typeof errors !== 'object' || errors === null) throw invalid('errors is not an object');
  const entries = Object.entries(errors);
  if (entries.length === 0) throw invalid('errors is empty');
  for (const [blockId, sentence] of entries) {
    const block = openView.view.blocks.find((other) => other.block_id === blockId);
    if (block?.type !== 'input') throw invalid(`${blockId} is not an input block of the view`);
    if (typeof sentence !== 'string' || sentence === '')
      throw invalid(`the error of ${blockId} is not a sentence`);
  }
  return errors as Record<string, string>;
}
