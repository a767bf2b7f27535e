import { randomUUID } from 'node:crypto';
import { BOT } from '../state.ts';
import type { Method } from './method.ts';

export const appMethods: Record<string, Method> = {
  'apps.connections.open': {
    scopes: [],
    token: 'app',
    run({ state, origin }) {
      const ticket = randomUUID();
      state.tickets.add(ticket);
      const query = new URLSearchParams({ ticket, app_id: BOT.appId });
      return { url: `${origin.replace(/^http/, 'ws')}/link/?${query}` };
    },
  },
};
