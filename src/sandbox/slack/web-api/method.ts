import type { Triggers } from '../interactions/triggers.ts';
import type { State } from '../state.ts';
import type { Args } from './args.ts';

interface MethodContext {
  state: State;
  args: Args;
  triggers: Triggers;
  /** Where this workspace answers, without a slash at the end. */
  origin: string;
}

/** One method of the Web API. */
export interface Method {
  /** What the token needs to have at all; what depends on the arguments is checked by `run`. */
  scopes: readonly string[];
  /** Whose token it takes: the bot's by default. `none`: it is not looked at. */
  token?: 'app' | 'none';
  /** Returns the answer without `ok`, or throws a SlackError. */
  run(context: MethodContext): Record<string, unknown>;
}
