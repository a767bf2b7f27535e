/** Field names in code, and those under which 0.1.0 and every version since store them. */
const ROUND = { duplicateCards: 'twins', continuedAt: 'wentOnAt', mayHaveContinued: 'mayHaveGoneOn' };
const LANES = { delivery: 'resume' };
const EXECUTION = { unseenPausesReported: 'blindTold' };

type Fields = Record<string, unknown>;
type Names = Readonly<Record<string, string>>;

/** An approval's record with the names under which it is stored: an older version reads it too. Pure. */
export function toStoredApproval(approval: object): Fields {
  const { rounds, lanes, ...rest } = approval as Fields;
  return { ...rest, rounds: renameEach(rounds, ROUND), lanes: rename(lanes, LANES) };
}

/** A stored approval with the names of the code. Pure. */
export function fromStoredApproval(stored: Fields): Fields {
  const { rounds, lanes, ...rest } = stored;
  return { ...rest, rounds: renameEach(rounds, reverse(ROUND)), lanes: rename(lanes, reverse(LANES)) };
}

/** An execution's record with the names under which it is stored. Pure. */
export function toStoredExecution(execution: object): unknown {
  return rename(execution, EXECUTION);
}

/** A stored execution with the names of the code. Pure. */
export function fromStoredExecution(stored: Fields): unknown {
  return rename(stored, reverse(EXECUTION));
}

function renameEach(list: unknown, names: Names): unknown {
  return Array.isArray(list) ? list.map((item) => rename(item, names)) : list;
}

function rename(value: unknown, names: Names): unknown {
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [names[name] ?? name, field]));
}

function reverse(names: Names): Names {
  return Object.fromEntries(Object.entries(names).map(([name, stored]) => [stored, name]));
}
