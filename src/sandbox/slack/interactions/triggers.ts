import { randomBytes } from 'node:crypto';
import { SlackError } from '../web-api/slack-error.ts';

export interface Triggers {
  /** Issues a new trigger_id for one use within its life. */
  issue(user: string): string;
  /** Uses up a trigger_id and returns its user. Throws a SlackError if the id is unknown, used or expired. */
  exchange(triggerId: string): string;
}

export function createTriggers(lifeMs: number, now: () => number): Triggers {
  const issued = new Map<string, { user: string; at: number; used: boolean }>();
  return {
    issue(user) {
      const id = `${now()}.${Math.floor(Math.random() * 1e13)}.${randomBytes(16).toString('hex')}`;
      issued.set(id, { user, at: now(), used: false });
      return id;
    },
    exchange(triggerId) {
      const trigger = issued.get(triggerId);
      if (!trigger) throw new SlackError('invalid_trigger_id');
      if (trigger.used) throw new SlackError('exchanged_trigger_id');
      if (now() - trigger.at > lifeMs) throw new SlackError('expired_trigger_id');
      trigger.used = true;
      return trigger.user;
    },
  };
}
