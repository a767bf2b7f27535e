import { type Approval, addFact, currentRound, recordRules } from '../model/approval.ts';
import { excerptOutput, findUnseen, hashOutput, readOutput } from '../model/output.ts';
import type { Decision, Question, Round } from '../model/round.ts';
import { addRound, describeOption, hashDecisionTexts, replaceRound, settle } from './rounds.ts';

/** Opens a round with an edited text or entered values, for the others to decide on. The vote of their author counts. */
export function openChangedRound(approval: Approval, round: Round, vote: Decision): Approval {
  const { edited, ...plain } = vote;
  const { by, at, option, values } = vote;
  const replaced = settle(approval, round, 'superseded', at, { by });
  const { taskId, humanInput, description, escalatedAt, assignee, claim } = round;
  const question = keepDeadline(approval, round);
  const next = addRound(
    replaced,
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
  const opened = currentRound(next);
  const asked = approval.facts.findLast(
    (fact) => fact.round === round.number && fact.asked !== undefined,
  )?.asked;
  const changed = {
    ...(edited === undefined ? {} : { edited: { by, text: edited } }),
    ...(values === undefined ? {} : { entered: { by, values, ...(option === undefined ? {} : { option }) } }),
  };
  // The people who were asked about the round before are asked about this one.
  const carried = {
    ...(escalatedAt === undefined ? {} : { escalatedAt }),
    ...(assignee === undefined ? {} : { assignee }),
    ...(claim === undefined ? {} : { claim }),
  };
  const voted = replaceRound(next, { ...opened, ...carried, ...changed, votes: [plain] });
  return addFact(asked ? recordRules(voted, approval.factCount, () => asked) : voted, {
    at,
    what: 'voted',
    round: opened.number,
    by,
    detail: plain.action,
    texts: hashDecisionTexts(plain),
    option: describeOption(opened, plain),
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

/** Describes the text that the others decide on: the edited one, or the same. */
function describeChanged({ excerpt, hashes, unseen }: Round, edited: string | undefined) {
  if (edited === undefined)
    return {
      hashes: hashes.slice(0, 1),
      ...(excerpt === undefined ? {} : { excerpt }),
      ...(unseen === undefined ? {} : { unseen }),
    };
  const output = readOutput(edited);
  return { excerpt: excerptOutput(output), hashes: [hashOutput(output)], ...findUnseen(output) };
}
