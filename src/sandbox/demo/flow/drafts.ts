/** Outcomes that the Flow offers as `emit`. */
export const OUTCOMES = ['Publish', 'Rework', 'Discard'] as const;
export type Outcome = (typeof OUTCOMES)[number];

interface Draft {
  subject: string;
  text: string;
}

const NETS =
  'On 1 September we bring out *Tide*, our first rain jacket. Each one takes 640 g of nets out of the sea.';
const INVITATION = 'Reply to this message if you would like to try one on in Porto.';
const PRICE = 'It costs 189 €, and we repair it free of charge for ten years.';

/** Drafts in order. After the last draft, the first follows again. */
const DRAFTS: readonly [Draft, ...Draft[]] = [
  { subject: 'A rain jacket that was a fishing net', text: `${NETS}\n\n${INVITATION}` },
  { subject: 'A rain jacket that was a fishing net, for 189 €', text: `${NETS} ${PRICE}\n\n${INVITATION}` },
  { subject: 'Tide: a rain jacket that was a fishing net', text: `${NETS} ${PRICE}` },
];

const UNREAD =
  'CrewAI’s model would read your answer and choose an outcome. This demo has no model, so an answer in your own words counts as Rework.';

/** Writes the draft with this number; the first is 1. `answer`: the answer to the previous draft. */
export function writeDraft(number: number, answer?: string): string {
  const { subject, text } = findDraft(number);
  const isUnread = answer !== undefined && !namesOutcome(answer);
  return [`# ${subject}`, text, ...(isUnread ? ['---', `**Note from the Flow:** ${UNREAD}`] : [])].join(
    '\n\n',
  );
}

/** Reads the outcome that an answer names; Rework for any other text. */
export function readOutcome(answer: string): Outcome {
  return OUTCOMES.find((outcome) => isSameOutcome(outcome, answer)) ?? 'Rework';
}

/** Writes the result of the Flow; undefined if the Flow continues. */
export function writeResult(number: number, outcome: Outcome): string | undefined {
  switch (outcome) {
    case 'Publish':
      return `“${findDraft(number).subject}” was sent to 12,480 subscribers.`;
    case 'Discard':
      return 'The newsletter was discarded: nothing was sent.';
    case 'Rework':
      return undefined;
  }
}

function findDraft(number: number): Draft {
  return DRAFTS[(number - 1) % DRAFTS.length] ?? DRAFTS[0];
}

function namesOutcome(answer: string): boolean {
  return OUTCOMES.some((outcome) => isSameOutcome(outcome, answer));
}

function isSameOutcome(outcome: string, answer: string): boolean {
  return outcome.toLowerCase() === answer.trim().toLowerCase();
}
