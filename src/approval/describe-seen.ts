import type { App } from './app.ts';
import { replaceRound } from './lifecycle/rounds.ts';
import { type Approval, findRound } from './model/approval.ts';
import { attachHash, type HashedOutput } from './model/output.ts';
import { listOutputHashes } from './model/round.ts';
import { type DecisionPlace, type Seen, shortenHash } from './model/seen.ts';
import type { Target } from './read-round.ts';

/**
 * Describes what the place of a decision showed, with the text to store. Nothing is stored when a place is drawn, so the text is
 * written again at the click. If it has changed since, only the beginning of the shown text's hash is known.
 */
export function describeSeen(
  { describeShown }: Pick<App, 'describeShown'>,
  approval: Approval,
  target: Target,
): { seen?: Seen; text?: HashedOutput } {
  const { drawn, via } = target;
  const place = drawn?.place ?? findPlace(target);
  if (!place) return {};
  const form = via === 'modal' && place !== 'last_page' ? { form: true as const } : {};
  const round = findRound(approval, target.round);
  if (!drawn || !round) return { seen: { place, ...form } };
  const { hash: shownHash, ...shown } = drawn;
  if (shownHash === undefined) return { seen: { ...shown, ...form } };
  const text = attachHash({ kind: 'text', text: describeShown(approval, round, drawn) });
  return shortenHash(text.hash) === shownHash
    ? { seen: { ...shown, ...form, hash: text.hash }, text }
    : { seen: { ...shown, ...form, hash: shownHash, changedSince: true } };
}

/** Finds the place of a click on a button of an earlier build, which does not name it. */
function findPlace({ via, openedOn }: Target): DecisionPlace | undefined {
  if (via === 'modal') return openedOn && 'card';
  return via ?? 'card';
}

/** Adds the key of a description to its round, unless the approval already has the description. */
export function addSeenText(approval: Approval, number: number, text: HashedOutput | undefined): Approval {
  const round = findRound(approval, number);
  if (!round || !text || hasText(approval, text)) return approval;
  return replaceRound(approval, { ...round, seenTexts: [...(round.seenTexts ?? []), text.hash] });
}

/** True if the approval has stored a text with the same hash. */
export function hasText({ rounds }: Approval, { hash }: HashedOutput): boolean {
  return rounds.some((round) => listOutputHashes(round).includes(hash));
}
