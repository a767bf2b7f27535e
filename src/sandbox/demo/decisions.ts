import { z } from 'zod';

/** Log line about a person's act on an approval. */
const loggedAct = z.object({
  msg: z.enum(['decision recorded', 'undo recorded', 'close recorded']),
  approval: z.string(),
  round: z.number(),
  person: z.string(),
});

/** Decisions on a round. They come from the bot's log, because the text of a card is in the language of its readers. */
export interface Decided {
  /** Ids of the people whose decisions count. */
  by: readonly string[];
  /** True if the approval was closed without a decision. */
  isClosed: boolean;
}

const NO_DECISIONS: Decided = { by: [], isClosed: false };

export type Decisions = ReturnType<typeof createDecisions>;

/** Creates the decisions of people, by the approval and the round that the buttons of a card name. */
export function createDecisions() {
  const rounds = new Map<string, Decided>();
  return {
    /** Reads a line of the bot's log. True if the line is about a decision, an undo or a close. */
    read(line: string): boolean {
      const { data } = loggedAct.safeParse(parse(line));
      if (!data) return false;
      const { msg, approval, round, person } = data;
      const roundKey = `${approval}.${round}`;
      const previous = rounds.get(roundKey) ?? NO_DECISIONS;
      const others = previous.by.filter((id) => id !== person);
      rounds.set(roundKey, {
        by: msg === 'decision recorded' ? [...others, person] : others,
        isClosed: msg === 'close recorded',
      });
      return true;
    },
    /** Finds the decisions on the round of a card. `blocks`: of the card. */
    of(blocks: readonly unknown[] = []): Decided {
      const [, round = ''] = /"value":"(?:\w+:)?([0-9A-Z]{10,16}\.\d+)/.exec(JSON.stringify(blocks)) ?? [];
      return rounds.get(round) ?? NO_DECISIONS;
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
