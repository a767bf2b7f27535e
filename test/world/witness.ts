import type { Execution } from '../../src/sandbox/crewai/execution.ts';
import type { RequestRecord } from '../../src/sandbox/crewai/server/recorded-app.ts';
import type { Card } from './cards.ts';
import { SLACK_HOST } from './network.ts';
import { MINUTE, type Process, type World } from './world.ts';

/** What a person did to a card. */
export interface Click {
  what: 'approve' | 'request_revision' | 'retry' | 'give_up' | 'choose_1' | 'choose_2';
  by: string;
  card: Card;
  at: number;
  /** Of a revision: what was typed, and nothing else says the same. */
  feedback: string;
  /** Undefined while it is under way. */
  acked?: boolean;
  /** The form said that nothing was recorded, and why. */
  answeredInForm?: boolean;
  /** How much the person had been told before. */
  toldBefore: number;
  process: Process | undefined;
  /** Its process died, stood still or had no store meanwhile. */
  disturbed: boolean;
}

/** A pause of the run, and the approval and round that the bot made of it. */
interface Pause {
  taskName: string;
  taskId: string;
  output: string;
  feedback?: string;
  approved?: boolean;
  /** It was settled by the bot, not in CrewAI itself. */
  isOurs?: boolean;
  approval?: string;
  round?: number;
  /** The approval of whose output the bot took it for, where it has no round of its own. */
  takenFor?: string;
}

/** A decision as it went out. */
interface Attempt {
  taskId: string;
  feedback: string;
  at: number;
  /** CrewAI did not answer, and the bot waited as long as it does. */
  isAwaited: boolean;
  /** CrewAI's answer came back: nothing is unsure about it. */
  answered: boolean;
  status: number | undefined;
}

/** What people in CrewAI itself answer, which the bot never sends. */
export const ELSEWHERE = { approve: 'yes', revise: 'Somebody else wants another text' };
/** What the review of a Flow can be answered with, by the button. */
export const OPTIONS = { choose_1: 'publish', choose_2: 'rewrite' } as const;
const CLOSED = new Set(['superseded', 'elsewhere', 'ended', 'closed']);

/**
 * Looks at cards, clicks and CrewAI's requests after each step, and says which promise of docs/reliability.md does not
 * hold, by its number. It knows nothing of records.
 */
export class Witness {
  readonly faults: string[] = [];
  readonly clicks: Click[] = [];
  /** Slack's answer to a post may be lost, so that a card can stand twice. */
  lostPosts = false;
  /** People whom a card has named at any time, as `<approval> <person>`. */
  readonly #named = new Set<string>();
  /** Pauses that a decision by the name of their task may have met before the bot knew of them. */
  readonly #unseen = new Set<string>();
  readonly #world: World;
  /** Undefined: a Flow asks. */
  readonly #run: string | undefined;
  readonly #quorum: number;
  readonly #live: boolean;

  constructor(world: World, run: string | undefined, { quorum, live }: { quorum: number; live: boolean }) {
    this.#world = world;
    this.#run = run;
    this.#quorum = quorum;
    this.#live = live;
    world.network.watchers.push(({ url, body }) => {
      if (url.endsWith('/resume')) this.#noteUnseen();
      if (new URL(url).host !== SLACK_HOST) return;
      // A clicked card is updated by its response_url, in JSON.
      const said = body?.startsWith('{') ? body : decodeURIComponent((body ?? '').replaceAll('+', ' '));
      const [, approval] = /"block_id":"([0-9A-Z]{16})\./.exec(said) ?? [];
      for (const [, person] of said.matchAll(/<@(\w+)>/g)) this.#named.add(`${approval} ${person}`);
    });
  }

  /** CrewAI took a decision for a pause whose webhook has not arrived. */
  #noteUnseen() {
    // With the id of a pause, CrewAI refuses what was meant for another one.
    for (const { taskId, approved, approval, takenFor } of this.pauses()) {
      const hasArrived = approval !== undefined || takenFor !== undefined;
      if (approved !== undefined && !hasArrived && !this.#live) this.#unseen.add(taskId);
    }
  }

  #must(promise: number, holds: boolean, sentence: string) {
    if (!holds) this.faults.push(`promise ${promise}: ${sentence}`);
  }

  /** Something was wrong while a call that began then was carried out and recorded. */
  #isDisturbed(began: number): boolean {
    // A message's ts is microseconds late where two messages have one time.
    const at = Math.floor(began);
    return this.#world.disturbances.some(({ from, to }) => from <= at + RECORDED_WITHIN && to >= at);
  }

  /** The run of a crew, as CrewAI has it. */
  execution(): Execution | undefined {
    return this.#run === undefined ? undefined : this.#world.platform.execution(this.#run);
  }

  /** The id of the pause or review that CrewAI waits for. */
  pending(): string | undefined {
    const review = this.#world.flows.reviews.findLast((one) => !one.answer());
    return this.#run === undefined ? review?.requestId : this.execution()?.pendingTask?.taskId;
  }

  #reviews(): Pause[] {
    const { reviews, webhooks } = this.#world.flows;
    return reviews.map((review) => {
      const taskId = review.requestId;
      const sent = webhooks.filter(({ body }) => (body as { id?: unknown }).id === taskId);
      const { approval, round } =
        sent.map(({ answer }) => parse(answer)).find(({ status }) => status === 'created') ?? {};
      const { feedback, via } = review.answer() ?? {};
      const place = approval === undefined || round === undefined ? {} : { approval, round };
      const decided = feedback === undefined ? {} : { feedback, approved: true, isOurs: via === 'api' };
      const output = String((sent[0]?.body as { output?: unknown } | undefined)?.output);
      return { taskName: 'review', taskId, output, ...decided, ...place };
    });
  }

  /** Every pause of the run so far, with the round that the bot answered for it. */
  pauses(): Pause[] {
    const rounds = (this.execution()?.rounds ?? []).map(({ feedback, ...round }): Pause => {
      const isMet = this.#unseen.has(round.taskId);
      const isOurs = feedback !== ELSEWHERE.approve && feedback !== ELSEWHERE.revise && !isMet;
      const decided = feedback === undefined ? {} : { feedback: typedIn(feedback), isOurs };
      return { ...round, output: String(round.output), ...decided };
    });
    if (this.#run === undefined) return this.#reviews();
    const byTaskWebhook = this.#findPausesOfTasks(rounds);
    for (const { kind, body, answer } of this.#world.platform.webhooks) {
      const { status, approval, round } = parse(answer);
      const { task_id: taskId } = body as { task_id?: unknown };
      const pause =
        kind === 'human-input' ? rounds.find((one) => one.taskId === taskId) : byTaskWebhook.get(body);
      if (!pause || approval === undefined) continue;
      if (status === 'created' && pause.approval === undefined) Object.assign(pause, { approval, round });
      else pause.takenFor = approval;
    }
    return rounds;
  }

  /** The pause of each body of a task webhook. One that is sent again has the body of the first time. */
  #findPausesOfTasks(pauses: readonly Pause[]): ReadonlyMap<unknown, Pause> {
    const found = new Map<unknown, Pause>();
    const left = [...pauses];
    for (const { kind, body } of this.#world.platform.webhooks) {
      if (kind !== 'task' || found.has(body)) continue;
      const { name, output } = body as { name?: unknown; output?: unknown };
      const at = left.findIndex((one) => one.taskName === name && one.output === output);
      const [pause] = at === -1 ? [] : left.splice(at, 1);
      if (pause) found.set(body, pause);
    }
    return found;
  }

  attempts(): Attempt[] {
    return [...this.#world.platform.resumes, ...this.#world.flows.requests]
      .map(({ path, body, at, fate, status }: RequestRecord) => {
        const fields = (body ?? {}) as Record<string, unknown>;
        const text = fields.humanFeedback ?? fields.human_feedback ?? fields.feedback;
        return {
          taskId: String(fields.taskId ?? fields.task_id ?? /hfr_\w+|[\da-f-]{36}/.exec(path)?.[0]),
          feedback: typedIn(String(text)),
          at,
          status,
          isAwaited: fate === 'no answer',
          answered: fate === 'answered' && status !== undefined && !UNSURE.has(status),
        };
      })
      .filter(({ feedback }) => feedback !== ELSEWHERE.approve && feedback !== ELSEWHERE.revise);
  }

  /** What must hold at every moment. */
  check(): void {
    const pauses = this.pauses();
    const cards = this.#world.cards();
    for (const pause of pauses) this.#checkTaken(pause);
    for (const card of cards) this.#checkCard(card, pauses);
    this.#checkAttempts();
  }

  /** CrewAI took a decision: someone made it, on a card that shows this output. */
  #checkTaken({ feedback, approved, isOurs, output, taskName, approval, round }: Pause) {
    if (approved === undefined || !isOurs) return;
    const clicks = this.clicks.filter(({ what, feedback: typed }) => {
      if (what === 'choose_1' || what === 'choose_2') return OPTIONS[what] === feedback;
      return approved ? what === 'approve' : what === 'request_revision' && typed === feedback;
    });
    this.#must(
      2,
      clicks.length > 0,
      `CrewAI took "${feedback}" for ${taskName}, and nobody had decided that`,
    );
    const unsure = this.#isExcused(feedback);
    const onCard = clicks.filter(
      ({ card }) => card.text.includes(output) || (card.approval === approval && card.round === round),
    );
    const excused = !this.#live && this.#run !== undefined && unsure;
    this.#must(
      5,
      onCard.length > 0 || excused,
      `"${feedback}" decided ${output}, which its card did not show`,
    );
    const people = new Set(clicks.map(({ by }) => by));
    this.#must(
      2,
      !approved || people.size >= this.#quorum,
      `${output} was decided by ${people.size} people only`,
    );
  }

  /** An attempt of the decision was unsure, so that it may be taken again. */
  #isExcused(feedback: string | undefined): boolean {
    return this.attempts().some(
      (attempt) => attempt.feedback === feedback && (isUnsure(attempt) || this.#isDisturbed(attempt.at)),
    );
  }

  #checkCard(card: Card, pauses: readonly Pause[]) {
    const { approval, round, state, text } = card;
    const pause = pauses.find((one) => one.approval === approval && one.round === round);
    const name = `the card of ${approval}.${round} (${state})`;
    const of = this.clicks.filter(({ card }) => card.approval === approval && card.round === round);
    const [, approver] = /Approved by <@(\w+)>/.exec(text) ?? [];
    const [, chooser, option] = /<@(\w+)> chose \*?(\w+)/.exec(text) ?? [];
    const [, reviser] = /Revision requested by <@(\w+)>/.exec(text) ?? [];
    const decided = (what: Click['what'], by: string) =>
      of.some((click) => click.what === what && click.by === by);
    this.#must(
      4,
      !approver || decided('approve', approver),
      `${name} says that ${approver} approved, who did not`,
    );
    this.#must(
      4,
      !reviser || decided('request_revision', reviser),
      `${name} says that ${reviser} asked for a revision`,
    );
    const chose = of.some((click) => click.by === chooser && OPTIONS[click.what as 'choose_1'] === option);
    this.#must(4, !chooser || chose, `${name} says that ${chooser} chose ${option}, who did not`);
    if (!pause) return;
    const isTaken = pause.approved !== undefined;
    const isProved = state === 'continued';
    // A lost answer and then "not pending": nobody can tell this from a run that ended in between.
    const isProvable =
      isTaken ||
      (this.execution()?.finishedAt !== undefined &&
        (this.attempts().some(isUnsure) || this.#world.disturbances.length > 0));
    this.#must(
      4,
      !isProved || isProvable,
      `${name} says that CrewAI accepted a decision, but its pause is open`,
    );
    const isOurs = isTaken && pause.isOurs;
    const since = this.attempts().findLast((attempt) => attempt.feedback === pause.feedback)?.at ?? 0;
    const isKnown = isOurs && since < this.#world.stage.now() - 2 * MINUTE;
    const denies = state === 'undelivered' && !card.mayHaveArrived;
    this.#must(6, !(isKnown && denies), `${name} says that a decision was not delivered that CrewAI took`);
    this.#must(
      4,
      !(isOurs && approver && !pause.approved),
      `${name} says approved, but CrewAI took a revision`,
    );
    this.#must(
      4,
      !(isOurs && reviser && pause.approved),
      `${name} says revision, but CrewAI took an approval`,
    );
  }

  #checkAttempts() {
    const attempts = this.attempts();
    const byTask = groupBy(attempts, ({ taskId }) => taskId);
    for (const [taskId, sent] of byTask) {
      // A pause has an id of its own, unless the run names its tasks only.
      const isPause = this.pauses().some((pause) => pause.taskId === taskId);
      const decisions = new Set(sent.map(({ feedback }) => feedback));
      this.#must(
        2,
        !isPause || decisions.size === 1,
        `two decisions were sent for one pause: ${[...decisions]}`,
      );
      // An answer to a review can be sent again at any time.
      const unsure = this.#run === undefined ? undefined : sent.find(isUnsure);
      const isBrief = this.#live || sent.some(({ feedback }) => feedback !== 'Approved.');
      const late = sent.filter(({ at }) => unsure && isPause && isBrief && at > unsure.at + MINUTE + LEEWAY);
      const retried = this.clicks.some(({ what, at }) => what === 'retry' && at >= (unsure?.at ?? 0));
      // A process that stood still before its call makes it when it goes on: that is found out by nobody.
      const stoodStill = this.#world.freezes.some(
        ({ from, until }) =>
          unsure && late[0] && from <= unsure.at + MINUTE && Math.abs(late[0].at - until) <= LEEWAY,
      );
      this.#must(
        6,
        late.length === 0 || retried || (late.length === 1 && stoodStill),
        `a decision that may have arrived was sent again after a minute`,
      );
      const overlap = sent.find((attempt, index) => {
        const before = sent[index - 1];
        const isWaiting = before?.isAwaited === true && attempt.at < before.at + ANSWERED_WITHIN;
        return isWaiting && !this.#isDisturbed(before.at);
      });
      this.#must(2, !overlap, 'a decision was sent by two processes at once');
      const accepted = sent.findIndex((attempt) => attempt.answered && attempt.status === 200);
      const again = isPause && accepted !== -1 && accepted < sent.length - 1;
      const excused = this.#isDisturbed(sent[accepted]?.at ?? 0);
      this.#must(2, !again || excused, `a decision was sent again after CrewAI had accepted it`);
    }
    const taken = this.pauses().filter(({ feedback }) => feedback?.startsWith('click '));
    for (const [feedback, pauses] of groupBy(taken, (pause) => pause.feedback)) {
      const excused = !this.#live && this.#isExcused(feedback);
      this.#must(2, pauses.length === 1 || excused, `CrewAI took "${feedback}" ${pauses.length} times`);
    }
  }

  /** What must hold once everything works again and nothing is due. */
  checkEnd(): void {
    this.check();
    const pauses = this.pauses();
    const cards = this.#world.cards();
    this.#checkReceipts(cards);
    for (const twins of groupBy(cards, ({ approval, round }) => `${approval}.${round}`).values())
      this.#checkTwins(twins, pauses);
    for (const [approval, own] of groupBy(cards, ({ approval: id }) => id)) {
      const newest = Math.max(...own.map(({ round }) => round));
      const isOpen = (card: Card) => card.state === 'waiting' && card.round < newest;
      const older = own
        .filter(isOpen)
        .filter((card) => !own.some((twin) => twin.round === card.round && !isOpen(twin)));
      this.#must(5, older.length === 0, `an older card of ${approval} can still be decided`);
    }
    this.#checkPending(cards, pauses);
    for (const click of this.clicks) this.#checkClick(click);
  }

  #checkReceipts(cards: readonly Card[]) {
    const seen = new Set<unknown>();
    for (const { answer, body } of [...this.#world.platform.webhooks, ...this.#world.flows.webhooks]) {
      const { status, approval, round } = parse(answer);
      if (status !== 'created') continue;
      const isThere = cards.some((card) => card.approval === approval && card.round === round);
      const name = `round ${round} of ${approval}`;
      // On the documented dialect this cannot be told from a revision that brings the same output again.
      const mayRepeat = this.clicks.some(
        ({ what, card }) =>
          !this.#live &&
          what === 'request_revision' &&
          card.approval === approval &&
          card.round + 1 === round,
      );
      this.#must(5, !seen.has(body) || mayRepeat, `a webhook that came again has opened ${name}`);
      seen.add(body);
      this.#must(1, isThere, `${name} was answered "created", but has no card: ${JSON.stringify(body)}`);
    }
  }

  /** The cards of one round: more than one only where the bot could not know of the first. */
  #checkTwins(twins: readonly Card[], pauses: readonly Pause[]) {
    const [first] = twins as [Card];
    const name = `${first.approval}.${first.round}`;
    const isExcused = this.lostPosts || this.#isDisturbed(Number(first.ts) * 1_000);
    this.#must(4, twins.length === 1 || isExcused, `${name} has ${twins.length} cards`);
    const states = twins.map(({ state }) => state);
    const isSending = states.every((state) => state === 'sending');
    this.#must(4, !isSending, `the card of ${name} still says that it is being sent`);
    const pause = pauses.find(({ approval, round }) => approval === first.approval && round === first.round);
    if (pause?.approved === undefined || !pause.isOurs) return;
    const denied = twins.every(
      ({ state, mayHaveArrived }) =>
        state === 'waiting' || ((state === 'refused' || state === 'undelivered') && !mayHaveArrived),
    );
    this.#must(4, !denied, `CrewAI took the decision of ${name}, but its card says ${states}`);
  }

  /** Whoever has to decide can do so: the pause that CrewAI waits for is on a card that can be decided. */
  #checkPending(cards: readonly Card[], pauses: readonly Pause[]) {
    const pending = pauses.find(({ taskId }) => taskId === this.pending());
    if (!pending) return;
    const { approval, round, output, takenFor } = pending;
    const isIts = (card: Card) =>
      approval === undefined
        ? card.approval === takenFor && card.text.includes(output)
        : card.approval === approval && card.round === round;
    const states = cards.filter(isIts).map(({ state }) => state);
    const isDecidable = states.some((state) => state === 'closed' || !CLOSED.has(state));
    const earlier = pauses.slice(0, pauses.indexOf(pending));
    // A webhook does not say when it was sent: one that comes after that of a later output is taken for the newest.
    const later = cards.filter((card) => card.approval === approval && card.round > (round ?? 0));
    const isOvertaken = earlier.some((one) =>
      later.some((card) =>
        one.approval === undefined ? card.text.includes(one.output) : one.round === card.round,
      ),
    );
    // What is done again after a decision in CrewAI itself comes without a ticket: an output of before is a redelivery.
    const isUntold =
      approval === undefined && (takenFor === undefined || earlier.at(-1)?.feedback === ELSEWHERE.revise);
    this.#must(
      7,
      isDecidable || isOvertaken || isUntold,
      `CrewAI waits for ${output}, but ${states.length > 0 ? `its card says ${states}` : 'no card shows it'}`,
    );
  }

  /** No click is silent: it was not acked, or the card shows it, or the person was told. */
  #checkClick({
    what,
    by,
    card,
    at,
    acked,
    answeredInForm,
    toldBefore,
    process,
    disturbed,
    feedback,
  }: Click) {
    const isDead = process === undefined || !process.actor.alive;
    this.#must(3, acked !== undefined || isDead || disturbed, `a click of ${by} was never answered`);
    if (acked !== true || disturbed || this.#isDisturbed(at)) return;
    const told = answeredInForm || this.#world.told(by).length > toldBefore;
    const now = this.#world.cards().filter(({ approval }) => approval === card.approval);
    const isNamed = this.#named.has(`${card.approval} ${by}`);
    const shown = now.some(({ round, state }) => {
      if (round !== card.round) return false;
      return (what === 'retry' && state !== card.state) || (what === 'give_up' && CLOSED.has(state));
    });
    const sent = this.attempts().some((attempt) => what === 'retry' || attempt.feedback === feedback);
    this.#must(
      3,
      told || isNamed || shown || sent,
      `${by} clicked ${what} on ${card.approval}.${card.round} and heard nothing`,
    );
  }
}

function groupBy<T, K>(all: readonly T[], keyOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}

/** Answers of a gateway behind which CrewAI may have taken a decision. */
const UNSURE: ReadonlySet<number> = new Set([500, 502, 504]);

/** Its answer was lost, or said nothing. */
function isUnsure({ answered }: Attempt): boolean {
  return !answered;
}

/** How long the bot waits for CrewAI. */
const ANSWERED_WITHIN = 8_000;
/** A call and its record take less than this; beyond it another process may go on. */
const RECORDED_WITHIN = 12_000;
/** How late an attempt can begin that was due within its minute. */
const LEEWAY = 15_000;

/** What a person typed in a feedback that the live platform gets with an instruction before it. */
function typedIn(feedback: string): string {
  return /click \d+$/.exec(feedback)?.[0] ?? feedback;
}

function parse(answer: string | undefined): { status?: string; approval?: string; round?: number } {
  try {
    return answer === undefined ? {} : (JSON.parse(answer) as object);
  } catch {
    return {};
  }
}
