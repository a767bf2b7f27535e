import { randomBytes } from 'node:crypto';
import { buildFormState, keepEntered } from './interactions/entered.ts';
import { LIMITS } from './limits.ts';
import { BOT, newId, type OpenView, type State, TEAM } from './state.ts';
import { SlackError } from './web-api/slack-error.ts';

const newHash = () => `${Math.floor(Date.now() / 1000)}.${randomBytes(4).toString('hex')}`;

/** Creates a view that stands alone. The caller puts it on a stack of modals or on a home. */
export function createView(user: string, type: OpenView['type'], view: OpenView['view']): OpenView {
  const id = newId('V');
  return { id, hash: newHash(), user, type, rootId: id, previousId: null, view, entered: {} };
}

/** Puts a view on top of a person's modals. Throws push_limit_reached if the stack is full. */
export function pushModal(state: State, user: string, view: OpenView['view']): OpenView {
  const stack = state.modals.get(user) ?? [];
  if (stack.length >= LIMITS.viewStack) throw new SlackError('push_limit_reached');
  const pushed = createView(user, 'modal', view);
  const [root, top] = [stack[0], stack.at(-1)];
  pushed.rootId = root?.id ?? pushed.id;
  pushed.previousId = top?.id ?? null;
  state.modals.set(user, [...stack, pushed]);
  state.touch();
  return pushed;
}

/** Gives a view new content. As in Slack, elements with the same block_id and action_id keep what they hold. */
export function replaceView(current: OpenView, view: OpenView['view']): void {
  const keptValues = keepEntered(view.blocks, { blocks: current.view.blocks, entered: current.entered });
  Object.assign(current, { view, hash: newHash(), entered: keptValues });
}

/** Finds the open modal or home with this id or, without an id, with this external_id. */
export function viewById(
  state: State,
  by: { id?: string | undefined; externalId?: string | undefined },
): OpenView | undefined {
  const openViews = [...[...state.modals.values()].flat(), ...state.homes.values()];
  return openViews.find((view) => (by.id ? view.id === by.id : view.view.external_id === by.externalId));
}

/** True if another open view has this view's external_id. `replacing`: id of the open view that the call replaces. */
export function duplicateExternalId(state: State, view: OpenView['view'], replacing?: string): boolean {
  const externalId = view.external_id;
  if (typeof externalId !== 'string' || externalId === '') return false;
  const other = viewById(state, { externalId });
  return other !== undefined && other.id !== replacing;
}

/** Builds the view object that Slack sends to apps. */
export function viewObject(open: OpenView): Record<string, unknown> {
  const { view } = open;
  return {
    id: open.id,
    team_id: TEAM.id,
    type: open.type,
    title: view.title ?? { type: 'plain_text', text: 'View Title' },
    close: view.close ?? null,
    submit: view.submit ?? null,
    blocks: view.blocks,
    private_metadata: view.private_metadata ?? '',
    callback_id: view.callback_id ?? '',
    external_id: view.external_id ?? '',
    state: { values: buildFormState(view.blocks, open.entered) },
    hash: open.hash,
    clear_on_close: view.clear_on_close ?? false,
    notify_on_close: view.notify_on_close ?? false,
    root_view_id: open.rootId,
    previous_view_id: open.previousId,
    app_id: BOT.appId,
    app_installed_team_id: TEAM.id,
    bot_id: BOT.id,
  };
}
