import { type Approval, currentRound, findRound } from '../../../src/approval/model/approval.ts';
import type { Decision } from '../../../src/approval/model/decision.ts';
import { hashOutput, readOutput } from '../../../src/approval/model/output.ts';
import type { FlowReview } from '../../../src/approval/model/run/flow-review.ts';
import type { Receipt, WebhookFacts } from '../../../src/approval/model/run/webhook.ts';
import type { Answer } from '../../../src/approval/read-round.ts';
import { DeadlineError, StoreError } from '../../../src/lib/errors.ts';
import { callbackOf, OPTIONS } from './promises-flow.ts';
import { type Hook, REVIEWED, RUN } from './promises-run.ts';
import type { Process, PromisesWorld } from './promises-world.ts';

export interface Click {
  what: 'approve' | 'request_revision' | 'retry' | 'give_up';
  by: string;
  /** Which approval, and how many rounds before its newest. */
  which: number;
  back: number;
  /** Which of the round's messages, where a lost answer has left several. */
  card: number;
  slot: number;
}

/** What the bot has answered for: each of these has to be true in the end. */
interface Answered {
  approval: string;
  round: number;
}

/** Where webhooks and clicks come in, and what each answer promises. */
export function createDoors(world: PromisesWorld) {
  const { stage, run, watch, fault, crew } = world;
  const { must } = watch;
  const created: (Answered & { hash: string })[] = [];
  const decided: (Answered & { decision: Decision })[] = [];
  const voted: (Answered & { by: string })[] = [];
  const underway = new Set<{ hook: Hook; process: Process }>();
  const clicks = new Set<{ text: string; process: Process }>();
  /** How often the same person did the same to a round at one moment. */
  const clickedBefore = new Map<string, number>();
  let clicked = 0;

  world.deaths.push((dead) => {
    for (const one of underway) {
      if (one.process !== dead) continue;
      underway.delete(one);
      run.notTaken(one.hook);
    }
  });

  const recordOf = (id: string | undefined): Approval | undefined =>
    id === undefined ? undefined : watch.approvals.get(id)?.record;

  function deliver(hook: Hook, slot: number) {
    const process = world.living(slot);
    if (!process) return void run.outbox.push(hook);
    world.webhooksAt.add(stage.now());
    const live = world.setup.dialect === 'live';
    const one = { hook, process };
    underway.add(one);
    const received =
      hook.kind === 'review'
        ? process.receiver.receiveReview(crew, reviewOf(hook))
        : process.receiver.receive(crew, live ? liveFactsOf(hook) : factsOf(hook));
    received.then(
      (receipt) => {
        if (underway.delete(one)) run.delivered.push(hook);
        checkReceipt(hook, receipt);
      },
      (error) => {
        if (underway.delete(one)) run.notTaken(hook);
        if (!(error instanceof StoreError)) fault(`a webhook was refused: ${error}`);
      },
    );
  }

  function checkReceipt(hook: Hook, { status, approval, round }: Receipt) {
    const hash = hashOutput(readOutput(hook.output));
    const rounds = recordOf(approval)?.rounds ?? [];
    const named = world.setup.route === 'human_input' && hook.kind === 'human_input';
    if (named || hook.kind === 'review') {
      const overtaken =
        status === 'noted' && rounds.some(({ review }) => (review?.createdAt ?? 0) > (hook.at ?? 0));
      const told = overtaken || rounds.some(({ taskId }) => taskId === hook.taskId);
      must(told, `the pause ${hook.taskId} was answered "${status}", but has no round`);
    }
    if (status === 'created') {
      const stored = rounds.find(({ number }) => number === round);
      must(
        stored?.hashes.includes(hash) === true,
        `${hook.output} was answered "created", but is not on disk`,
      );
      created.push({ approval: approval as string, round: round as number, hash });
      return;
    }
    const shown = rounds.some(({ hashes }) => hashes.includes(hash));
    if (status === 'duplicate' && hook.kind !== 'crew')
      must(shown, `${hook.output} was taken for a duplicate`);
    const opens = hook.kind === 'human_input' || (hook.kind === 'task' && world.setup.route === 'task');
    if (status === 'noted') must(!opens || !REVIEWED.includes(hook.task), `${hook.output} was only noted`);
  }

  function click({ what, by, which, back, card, slot }: Click) {
    const process = world.living(slot);
    if (!process) return;
    clicked += 1;
    const feedback = `click ${clicked}`;
    const known = world.approvals();
    const approval = known[which % Math.max(1, known.length)];
    const number = approval ? Math.max(1, currentRound(approval).number - back) : 1;
    const id = approval?.id ?? '0000000000';
    const cards = world.slack.cardsOfRound(id, number);
    const where = cards[card % Math.max(1, cards.length)];
    const target = {
      approvalId: id,
      round: number,
      via: 'card' as const,
      ...(where && approval ? { card: { channel: approval.channel, ts: where.ts } } : {}),
    };
    const clickedAt = stage.now();
    const asked = { text: `${what} of round ${number} by ${by}`, process };
    const place = `${what} of ${id}.${number} by ${by} at ${clickedAt}`;
    clickedBefore.set(place, (clickedBefore.get(place) ?? 0) + 1);
    clicks.add(asked);
    const { service } = process;
    const decides = what === 'approve' || what === 'request_revision';
    const choice = choiceOf(what, feedback, world.flow !== undefined);
    /** The vote that this click makes: only of a crew's run it has a text of its own. */
    const isSame = (vote: Decision) =>
      vote.by === by &&
      isFor(vote, choice) &&
      (world.flow ? vote.at === clickedAt : vote.feedback === feedback);
    const answer = decides
      ? service.decide(target, by, choice)
      : what === 'retry'
        ? service.retry(target, by)
        : service.giveUp(target, by);
    const before = approval && findRound(approval, number);
    const since = (watch.approvals.get(id)?.written.length ?? 0) - 1;
    /** This person's votes on the round that were on disk at any moment since the click. */
    const votesMeanwhile = () =>
      (watch.approvals.get(id)?.written.slice(Math.max(0, since)) ?? [])
        .flatMap((record) => findRound(record, number)?.votes ?? [])
        .filter((vote) => vote.by === by);
    answer.then(
      (answered) => {
        clicks.delete(asked);
        const after = recordOf(id);
        const round = after && findRound(after, number);
        if (!answered.done) return checkRefusal(answered, asked.text);
        if (what === 'give_up') must(round?.status === 'given_up', `${asked.text} was not done`);
        if (!decides) return;
        const vote = round?.votes.find((one) => one.by === by);
        // A person may have changed their mind meanwhile, as long as others have to approve too.
        const counted = votesMeanwhile().some(isSame);
        must(counted && vote !== undefined, `${asked.text} was answered "done", but is not on disk`);
        voted.push({ approval: id, round: number, by });
        const { decision } = round ?? {};
        const mine = decision?.by === by && decision.action === choice.action && decision.at === vote?.at;
        if (decision && mine) decided.push({ approval: id, round: number, decision });
        else must(world.setup.quorum > 1 && needsOthers(choice), `${asked.text} decided nothing`);
      },
      (error) => {
        clicks.delete(asked);
        const told = error instanceof StoreError || error instanceof DeadlineError;
        must(told, `${asked.text} failed: ${error}`);
        const recorded = recordOf(id)?.rounds.some(
          ({ number: of, votes }) => of === number && votes.some(isSame),
        );
        // Nobody can tell which of two equal clicks of one moment was recorded.
        if (!decides || clickedBefore.get(place) !== 1) return;
        // Whether an unsure one was recorded is not said: the card tells.
        const unsure = error instanceof StoreError && error.unsure;
        must(!recorded || unsure, `${asked.text} was told that nothing was recorded, but it was`);
      },
    );

    /** Nobody is refused without a reason that is true, and a decided round says whose decision it was. */
    function checkRefusal({ refusal }: Extract<Answer, { done: false }>, text: string) {
      const after = recordOf(id);
      const round = after && findRound(after, number);
      const again = refusal.code === 'already_voted';
      const hasVoted = votesMeanwhile().some((vote) => isFor(vote, choice));
      must(!again || hasVoted, `${text} was told of a vote that is not there`);
      const waits = before?.status === 'waiting' && round?.status === 'waiting' && !again;
      const newest = after && currentRound(after).number === number;
      must(!(waits && newest && what !== 'retry'), `${text} was refused as ${refusal.code}, though it waits`);
      const whose = 'decision' in refusal ? refusal.decision : undefined;
      const same = JSON.stringify(whose) === JSON.stringify(round?.decision);
      must(whose === undefined || same, `${text} was told of another decision`);
      must(
        !decides || !before?.decision || whose !== undefined,
        `${text} was not told whose decision it was`,
      );
    }
  }

  return { deliver, click, created, decided, voted, clicks, underway };
}

type Choice = Pick<Decision, 'action' | 'option' | 'feedback'>;

/** What a click stands for; a Flow offers options instead. */
function choiceOf(what: Click['what'], feedback: string, ofFlow: boolean): Choice {
  const action = what === 'request_revision' ? what : 'approve';
  return ofFlow
    ? { action: 'choose', option: action === 'approve' ? 0 : 1, feedback: '' }
    : { action, feedback };
}

const isFor = (vote: Decision, { action, option }: Choice) =>
  vote.action === action && vote.option === option;

/** One request for a revision is enough. */
const needsOthers = ({ action }: Choice) => action !== 'request_revision';

function reviewOf({ taskId, task, output, at, escalates = false }: Hook): FlowReview {
  return {
    event: escalates ? 'escalation' : 'new_request',
    requestId: taskId,
    executionId: RUN,
    method: task,
    message: 'Is it ready?',
    output: readOutput(output),
    hashes: [hashOutput(readOutput(output))],
    options: [...OPTIONS],
    callbackUrl: callbackOf(taskId),
    createdAt: at,
  };
}

function factsOf({ kind, task, taskId, output }: Hook): WebhookFacts {
  if (kind === 'review') throw new Error('a crew does not send reviews');
  const about = { executionId: RUN, meta: { urls: {} }, warnings: [] };
  if (kind === 'step') return { ...about, kind };
  const value = readOutput(output);
  if (kind === 'crew') return { ...about, kind, result: value };
  const round = { taskId, humanInput: kind === 'human_input', hashes: [hashOutput(value)] };
  return { ...about, kind, taskKey: task, task, output: value, round };
}

/** On the live dialect a pause names no task, and only it says of which run a continuation is. */
function liveFactsOf(hook: Hook): WebhookFacts {
  const facts = factsOf(hook);
  const { under, taskId } = hook;
  if (facts.kind !== 'human_input') return { ...facts, executionId: under };
  const alias = under === RUN ? {} : { aliasId: under };
  return { ...facts, ...alias, taskKey: taskId, task: undefined };
}

export type Doors = ReturnType<typeof createDoors>;
