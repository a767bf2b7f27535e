import type { ResumeOutcome } from '../../../src/approval/lifecycle/events.ts';
import { type Approval, currentRound } from '../../../src/approval/model/approval.ts';
import type { Decision } from '../../../src/approval/model/decision.ts';
import { hashOutput, readOutput } from '../../../src/approval/model/output.ts';
import type { Round } from '../../../src/approval/model/round.ts';
import type { CrewAI } from '../../../src/approval/ports.ts';
import { readReviewAnswer } from '../../../src/crewai/flow-callback.ts';
import { outcomes } from '../builders.ts';
import { createFlow, type Flow } from './promises-flow.ts';
import type { Watch } from './promises-invariants.ts';
import { createRun, type Played, type Run } from './promises-run.ts';
import type { Actor, Stage } from './promises-stage.ts';
import type { Setup } from './promises-world.ts';

export const crewFailures = [
  'refuses',
  'not reached',
  'busy for 90 s',
  'answer lost',
  'breaks down before',
  'slow',
] as const;
type CrewFailure = (typeof crewFailures)[number];

const FAILS: Partial<Record<CrewFailure, ResumeOutcome>> = {
  refuses: outcomes.refused,
  'not reached': outcomes.not_reached,
  'busy for 90 s': { ...outcomes.not_reached, retryAfterMs: 90_000 },
  'breaks down before': outcomes.unknown,
};
const SLOW = 7_000;
const TIME_OUT = 8_000;

/** A decision that played CrewAI took. */
interface Taken {
  decision: string;
  pause: number;
  at: number;
}

/** What asks for decisions: `played`, which is either a crew's run or a Flow. */
type Asking = { played: Played; run?: Run; flow?: Flow };

export function createAsking({ origin, route, dialect }: Setup): Asking {
  if (origin === 'flow') {
    const flow = createFlow();
    return { played: flow, flow };
  }
  const run = createRun(route, dialect === 'live');
  return { played: run, run };
}

/** CrewAI as far as decisions go: what takes them, and every way in which a call can fail. */
export function createPlayedCrewAI({
  stage,
  watch,
  asking,
  dialect,
}: {
  stage: Stage;
  watch: Watch;
  asking: Asking;
  dialect: Setup['dialect'];
}) {
  const { flow } = asking;
  const run = asking.run as Run;
  const taken: Taken[] = [];
  /** What the next attempts meet; empty: CrewAI works. */
  const crewFails: CrewFailure[] = [];

  /** What CrewAI does with a decision that reaches it. */
  function resume(approval: Approval, round: Round, decision: Decision): ResumeOutcome {
    if (flow) return answerReview(flow, round, decision);
    if (dialect === 'live') return resumeLive(approval, round, decision);
    const pause = run.resume(approval.task, round.taskId, decision.action === 'approve');
    if (pause === undefined) return outcomes.not_pending;
    take(approval, decision, pause);
    return outcomes.accepted;
  }

  const crewsOf = (actor: Actor): CrewAI => ({
    mayCallBack: () => true,
    async resume({ approval, round, decision }) {
      const claim = watch.called('delivery', approval);
      if (claim) watch.sent(claim, round, decision);
      const failure = crewFails.shift();
      const fails = failure && FAILS[failure];
      const done = await stage.operation(actor, 'call', () => fails ?? resume(approval, round, decision));
      if (failure === 'slow') await stage.sleep(SLOW);
      if (failure === 'answer lost' || failure === 'breaks down before') await stage.sleep(TIME_OUT);
      return stage.operation(actor, 'answer', () => {
        const outcome = failure === 'answer lost' ? outcomes.unknown : done;
        if (claim) claim.answer = outcome.kind;
        const { aliasId, via } = outcome as { aliasId?: string; via?: string };
        if (claim && aliasId !== undefined) claim.alias = aliasId;
        if (claim && via !== undefined) claim.via = via;
        return outcome;
      });
    },
    async status() {
      await stage.operation(actor, 'call', () => {});
      return { kind: 'running' };
    },
  });

  /** The callback of the round says of which review it is; nothing else does. */
  function answerReview(played: Flow, { taskId, review }: Round, { feedback }: Decision): ResumeOutcome {
    const { callbackUrl } = review ?? {};
    if (callbackUrl === undefined) {
      watch.must(false, `the answer to ${taskId} is sent without its callback`);
      return outcomes.refused;
    }
    const answer = played.respond(callbackUrl, feedback);
    const outcome = readReviewAnswer(answer, stage.now(), callbackUrl);
    const means = answer.status === 409 ? 'not_pending' : 'accepted';
    watch.must(outcome.kind === means, `the answer ${answer.status} was taken for ${outcome.kind}`);
    return outcome;
  }

  /** Whatever is sent is answered with a new id; what has an effect is a decision on the output that its card shows. */
  function resumeLive(approval: Approval, round: Round, decision: Decision): ResumeOutcome {
    const { id, taken: effect } = run.resumeLive(round.taskId, decision.action === 'approve');
    if (effect) {
      const shown = round.hashes.includes(hashOutput(readOutput(effect.output)));
      watch.must(shown, `${JSON.stringify(decision)} decided ${effect.output}, which its card does not show`);
      take(approval, decision, effect.number);
    }
    return { kind: 'accepted', dialect: 'live', aliasId: id };
  }

  /** One decision is taken once, but for a revision whose first answer did not come through. */
  function take({ id }: Approval, decision: Decision, pause: number) {
    const text = JSON.stringify([id, decision]);
    const before = taken.filter((one) => one.decision === text);
    taken.push({ decision: text, pause, at: stage.now() });
    if (before.length === 0) return;
    watch.must(dialect !== 'live', `CrewAI took a decision twice: ${text}`);
    watch.must(decision.action === 'request_revision', `CrewAI took an approve twice: ${text}`);
    const claims = watch.approvals.get(id)?.claims ?? [];
    const attempts = claims.filter(
      ({ sends, record }) =>
        sends && JSON.stringify(currentRound(record).decision) === JSON.stringify(decision),
    );
    const excused = attempts.slice(0, -1).some(({ answer, disturbed }) => answer === 'unknown' || disturbed);
    watch.must(excused, `CrewAI took a revision twice whose answer was not lost: ${text}`);
  }

  return { crewsOf, crewFails, taken };
}
