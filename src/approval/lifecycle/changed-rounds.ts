import { type Approval, addFact, currentRound, recordRules } from '../model/approval.ts';
import { buildInvisibleCount, excerptOutput, hashOutput, readOutput } from '../model/output.ts';
import type { Decision, Question, Round } from '../model/round.ts';
import { addRound, describeOption, hashDecisionTexts, replaceRound, settle } from './rounds.ts';

/** Opens a round with an edited text or entered values, for the others to decide on. The vote of their author counts. */
export function openChangedRound(approval: Approval, round: Round, vote: Decision): Approval {
  const { edited, ...plainVote } = vote;
  const { by, at, option, values } = vote;
  const superseded = settle(approval, round, 'superseded', at, { by });
  const { taskId, humanInput, description, escalatedAt, assignee, claim, irreversible } = round;
  const question = keepDeadline(approval, round);
  const withNewRound = addRound(
    superseded,
    {
      type: 'output',
      at,
      opensRounds: true,
      task: approval.task,
      output: {
        ...describeChanged(round, edited),
        taskId,
        humanInput,
        ...(description === undefined ? {} : { description }),
        ...(question ? { question } : {}),
      },
    },
    false,
  );
  const newRound = currentRound(withNewRound);
  const askedRules = approval.facts.findLast(
    (fact) => fact.round === round.number && fact.asked !== undefined,
  )?.asked;
  const changedFacts = {
    ...(edited === undefined ? {} : { edited: { by, text: edited } }),
    ...(values === undefined ? {} : { entered: { by, values, ...(option === undefined ? {} : { option }) } }),
  };
  // The people who were asked about the round before are asked about this one.
  const carriedFacts = {
    ...(escalatedAt === undefined ? {} : { escalatedAt }),
    ...(assignee === undefined ? {} : { assignee }),
    ...(claim === undefined ? {} : { claim }),
    ...(irreversible === undefined ? {} : { irreversible }),
  };
  const withVote = replaceRound(withNewRound, {
    ...newRound,
    ...carriedFacts,
    ...changedFacts,
    votes: [plainVote],
  });
  return addFact(askedRules ? recordRules(withVote, approval.factCount, () => askedRules) : withVote, {
    at,
    what: 'voted',
    round: newRound.number,
    by,
    detail: plainVote.action,
    texts: hashDecisionTexts(plainVote),
    option: describeOption(newRound, plainVote),
    seen: plainVote.seen,
  });
}

/** Keeps the deadline of a question: one person's change gives the others no more time. */
function keepDeadline({ policy }: Approval, { question, receivedAt }: Round): Question | undefined {
  if (!question || policy.expireAfter === undefined) return question;
  return {
    ...question,
    expiresAt: Math.min(receivedAt + policy.expireAfter, question.expiresAt ?? Number.POSITIVE_INFINITY),
  };
}

/** Describes the text that the others decide on: the edited text, or the output of the round before. */
function describeChanged({ excerpt, hashes, unseen }: Round, edited: string | undefined) {
  if (edited === undefined)
    return {
      hashes: hashes.slice(0, 1),
      ...(excerpt === undefined ? {} : { excerpt }),
      ...(unseen === undefined ? {} : { unseen }),
    };
  const output = readOutput(edited);
  return { excerpt: excerptOutput(output), hashes: [hashOutput(output)], ...buildInvisibleCount(output) };
}
