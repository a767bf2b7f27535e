import { checkedView } from '../blocks/blocks.ts';
import type { State } from '../state.ts';
import { createView, duplicateExternalId, pushModal, replaceView, viewById, viewObject } from '../views.ts';
import type { Args } from './args.ts';
import type { Method } from './method.ts';
import { SlackError } from './slack-error.ts';

export const viewMethods: Record<string, Method> = {
  'views.open': {
    scopes: [],
    run({ state, args, triggers }) {
      const view = givenView(state, args, 'modal');
      const user = triggers.exchange(args.required('trigger_id'));
      const opened = createView(user, 'modal', view);
      state.modals.set(user, [opened]);
      state.touch();
      return { view: viewObject(opened) };
    },
  },
  'views.push': {
    scopes: [],
    run({ state, args, triggers }) {
      const view = givenView(state, args, 'modal');
      const user = triggers.exchange(args.required('trigger_id'));
      if (!state.modals.get(user)?.length) throw new SlackError('not_found');
      return { view: viewObject(pushModal(state, user, view)) };
    },
  },
  'views.update': {
    scopes: [],
    run({ state, args }) {
      const id = args.optional('view_id');
      const externalId = args.optional('external_id');
      if (!id && !externalId) {
        throw new SlackError('invalid_arguments', ['[ERROR] missing required field: view_id']);
      }
      const current = viewById(state, { id, externalId });
      if (!current) throw new SlackError('not_found');
      const view = givenView(state, args, current.type, current.id);
      checkHash(args, current.hash);
      replaceView(current, view);
      state.touch();
      return { view: viewObject(current) };
    },
  },
  'views.publish': {
    scopes: [],
    run({ state, args }) {
      const user = args.required('user_id');
      if (!state.people.some(({ id }) => id === user)) {
        throw new SlackError('invalid_arguments', ['invalid `user_id`']);
      }
      const current = state.homes.get(user);
      const view = givenView(state, args, 'home', current?.id);
      if (!state.homeEnabled) throw new SlackError('not_enabled');
      checkHash(args, current?.hash);
      const published = current ?? createView(user, 'home', view);
      if (current) replaceView(current, view);
      state.homes.set(user, published);
      state.touch();
      return { view: viewObject(published) };
    },
  },
};

/** Reads and checks the view of a call. `replacing`: id of the open view that the call replaces. */
function givenView(state: State, args: Args, type: 'modal' | 'home', replacing?: string) {
  const value = args.json('view');
  if (value === undefined)
    throw new SlackError('invalid_arguments', ['[ERROR] missing required field: view']);
  const view = checkedView(value, type);
  if (duplicateExternalId(state, view, replacing)) throw new SlackError('duplicate_external_id');
  return view;
}

function checkHash(args: Args, current: string | undefined): void {
  const hash = args.optional('hash');
  if (hash !== undefined && hash !== current) throw new SlackError('hash_conflict');
}
