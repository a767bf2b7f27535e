import type { Triggers } from '../interactions/triggers.ts';
import type { State } from '../state.ts';
import type { Args } from './args.ts';

interface MethodContext {
  state: State;
  args: Args;
  triggers: Triggers;
  /** Base URL of this workspace, without a slash at the end. */
  origin: string;
}

/** A method of the Web API. */
export interface Method {
  /** Scopes that every call needs. `run` checks those that depend on the arguments. */
  scopes: readonly string[];
  /** Type of the token; absent: the bot's. `none`: the token is not checked. */
  token?: 'app' | 'none';
  /** Returns the response without `ok`, or throws a SlackError. */
  run(context: MethodContext): Record<string, unknown>;
}
