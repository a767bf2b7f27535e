import { randomBytes } from 'node:crypto';
import { entered, keepEntered } from './interactions/entered.ts';
import { LIMITS } from './limits.ts';
import { BOT, newId, type OpenView, type State, TEAM } from './state.ts';
import { SlackError } from './web-api/slack-error.ts';

const newHash = () => `${Math.floor(Date.now() / 1000)}.${randomBytes(4).toString('hex')}`;

/** A view that stands alone; it belongs to a stack or a home only when it is put there. */
export function createView(user: string, type: OpenView['type'], view: OpenView['view']): OpenView {
  const id = newId('V');
  return { id, hash: newHash(), user, type, rootId: id, previousId: null, view, entered: {} };
}

/** Puts a view on top of a person's modals. */
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

/** Gives a view new content; what its elements hold stays where block_id and action_id are unchanged, as Slack keeps it. */
export function replaceView(current: OpenView, view: OpenView['view']): void {
  const held = keepEntered(view.blocks, { blocks: current.view.blocks, entered: current.entered });
  Object.assign(current, { view, hash: newHash(), entered: held });
}

/** The open modal or home with this id. */
export function viewById(
  state: State,
  by: { id?: string | undefined; externalId?: string | undefined },
): OpenView | undefined {
  const all = [...[...state.modals.values()].flat(), ...state.homes.values()];
  return all.find((view) => (by.id ? view.id === by.id : view.view.external_id === by.externalId));
}

/** True if another open view has the external_id of this one. */
export function duplicateExternalId(state: State, view: OpenView['view'], replacing?: string): boolean {
  const externalId = view.external_id;
  if (typeof externalId !== 'string' || externalId === '') return false;
  const other = viewById(state, { externalId });
  return other !== undefined && other.id !== replacing;
}

/** A view as Slack shows it to apps. */
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
    state: { values: entered(view.blocks, open.entered) },
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
