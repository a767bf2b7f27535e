import { z } from 'zod';

/** What the bot logs of a person's act on an approval. */
const loggedAct = z.object({
  msg: z.enum(['decision recorded', 'undo recorded', 'close recorded']),
  approval: z.string(),
  round: z.number(),
  person: z.string(),
});

/** Who acted on a round, as the bot logs it: what its cards say of it is in the language of their readers. */
export interface Decided {
  /** Whose decisions count. */
  by: readonly string[];
  /** Closed without a decision. */
  isClosed: boolean;
}

const NOTHING: Decided = { by: [], isClosed: false };

export type Decisions = ReturnType<typeof createDecisions>;

/** What people decided, by the approval and the round that the buttons of its card name. */
export function createDecisions() {
  const rounds = new Map<string, Decided>();
  return {
    /** Reads a line of the bot's log; false: it is about something else. */
    read(line: string): boolean {
      const { data } = loggedAct.safeParse(parse(line));
      if (!data) return false;
      const { msg, approval, round, person } = data;
      const name = `${approval}.${round}`;
      const before = rounds.get(name) ?? NOTHING;
      const others = before.by.filter((one) => one !== person);
      rounds.set(name, {
        by: msg === 'decision recorded' ? [...others, person] : others,
        isClosed: msg === 'close recorded',
      });
      return true;
    },
    /** `blocks`: of a card. */
    of(blocks: readonly unknown[] = []): Decided {
      const [, round = ''] = /"value":"(?:\w+:)?([0-9A-Z]{10,16}\.\d+)/.exec(JSON.stringify(blocks)) ?? [];
      return rounds.get(round) ?? NOTHING;
    },
  };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
