import type { Execution } from '../../src/sandbox/crewai/execution.ts';
import type { RequestRecord } from '../../src/sandbox/crewai/server/recorded-app.ts';
import type { Card } from './cards.ts';
import { type Sent, SLACK_HOST } from './network.ts';
import { MINUTE, type Process, type World } from './world.ts';

/** An action of a person on a card. */
export interface Click {
  what: 'approve' | 'request_revision' | 'retry' | 'give_up' | 'choose_1' | 'choose_2';
  by: string;
  card: Card;
  at: number;
  /** Typed text of a revision; unique among all clicks. */
  feedback: string;
  /** Undefined while the click is under way. */
  acked?: boolean;
  /** True if the form said that nothing was recorded, and why. */
  answeredInForm?: boolean;
  /** Number of ephemerals that the person had got before. */
  toldBefore: number;
  process: Process | undefined;
  /** True if its process died, stood still or had no store meanwhile. */
  disturbed: boolean;
}

/** A pause of the run, and the approval and round that the bot made of it. */
interface Pause {
  taskName: string;
  taskId: string;
  output: string;
  feedback?: string;
  approved?: boolean;
  /** True if the bot settled it, not someone in CrewAI itself. */
  isOurs?: boolean;
  approval?: string;
  round?: number;
  /** The approval to which the bot attributed the output, if the pause has no round of its own. */
  takenFor?: string;
}

/** A decision as the bot sent it. */
interface Attempt {
  taskId: string;
  feedback: string;
  at: number;
  /** True if CrewAI did not answer before the bot's timeout. */
  isAwaited: boolean;
  /** True if CrewAI's answer came back and leaves nothing unsure. */
  answered: boolean;
  status: number | undefined;
}

/** Answers that people give in CrewAI itself. The bot never sends them. */
export const ELSEWHERE = { approve: 'yes', revise: 'Somebody else wants another text' };
/** Answers to the review of a Flow, by the button. */
export const OPTIONS = { choose_1: 'publish', choose_2: 'rewrite' } as const;
const CLOSED = new Set(['superseded', 'elsewhere', 'ended', 'closed']);

/**
 * Checks cards, clicks and CrewAI's requests after each step, and reports which promise of docs/reliability.md is
 * broken, by its number. It does not read records.
 */
export class Witness {
  readonly faults: string[] = [];
  readonly clicks: Click[] = [];
  /** True if Slack's answer to a post may have been lost, so that a round can have two cards. */
  lostPosts = false;
  /** People whom a card has named at any time, as `<approval> <person>`. */
  readonly #named = new Set<string>();
  /** Pauses that a decision by their task's name may have reached although the bot did not know of them when it sent it. */
  readonly #unseen = new Set<string>();
  readonly #world: World;
  /** Undefined if a Flow asks. */
  readonly #run: string | undefined;
  readonly #quorum: number;
  readonly #live: boolean;

  constructor(world: World, run: string | undefined, { quorum, live }: { quorum: number; live: boolean }) {
    this.#world = world;
    this.#run = run;
    this.#quorum = quorum;
    this.#live = live;
    const arrivedBefore = new WeakMap<Sent, ReadonlySet<string>>();
    world.network.requestWatchers.push((sent) => {
      if (sent.url.endsWith('/resume')) arrivedBefore.set(sent, this.#findArrived());
    });
    world.network.watchers.push((sent) => {
      const { url, body } = sent;
      const arrived = arrivedBefore.get(sent);
      if (arrived) this.#noteUnseen(feedbackIn(JSON.parse(body ?? '{}')), arrived);
      if (new URL(url).host !== SLACK_HOST) return;
      // A clicked card is updated by its response_url, in JSON.
      const text = body?.startsWith('{') ? body : decodeURIComponent((body ?? '').replaceAll('+', ' '));
      const [, approval] = /"block_id":"([0-9A-Z]{16})\./.exec(text) ?? [];
      for (const [, person] of text.matchAll(/<@(\w+)>/g)) this.#named.add(`${approval} ${person}`);
    });
  }

  #findArrived(): ReadonlySet<string> {
    const arrived = this.pauses().filter(
      ({ approval, takenFor }) => approval !== undefined || takenFor !== undefined,
    );
    return new Set(arrived.map(({ taskId }) => taskId));
  }

  /** Notes the pauses with this feedback whose webhook had not arrived when the feedback was sent. */
  #noteUnseen(sentFeedback: string, arrivedBefore: ReadonlySet<string>) {
    // With the id of a pause, CrewAI refuses a decision that was meant for another one.
    if (this.#live) return;
    for (const { taskId, feedback } of this.pauses())
      if (feedback === sentFeedback && !arrivedBefore.has(taskId)) this.#unseen.add(taskId);
  }

  #must(promise: number, holds: boolean, sentence: string) {
    if (!holds) this.faults.push(`promise ${promise}: ${sentence}`);
  }

  /** True if something was wrong while a call that began then was carried out and recorded. */
  #isDisturbed(began: number): boolean {
    // A message's ts is some microseconds late if two messages have the same time.
    const at = Math.floor(began);
    return this.#world.disturbances.some(({ from, to }) => from <= at + RECORDED_WITHIN && to >= at);
  }

  /** Finds the run of a crew, as CrewAI has it. */
  execution(): Execution | undefined {
    return this.#run === undefined ? undefined : this.#world.platform.execution(this.#run);
  }

  /** Finds the id of the pause or review that CrewAI waits for. */
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

  /** Lists the pauses of the run so far, each with the round that the bot answered for it. */
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

  /** Finds the pause of each task webhook by its body. A redelivery has the same body object. */
  #findPausesOfTasks(pauses: readonly Pause[]): ReadonlyMap<unknown, Pause> {
    const pauseByBody = new Map<unknown, Pause>();
    const unmatchedPauses = [...pauses];
    for (const { kind, body } of this.#world.platform.webhooks) {
      if (kind !== 'task' || pauseByBody.has(body)) continue;
      const { name, output } = body as { name?: unknown; output?: unknown };
      const at = unmatchedPauses.findIndex((one) => one.taskName === name && one.output === output);
      const [pause] = at === -1 ? [] : unmatchedPauses.splice(at, 1);
      if (pause) pauseByBody.set(body, pause);
    }
    return pauseByBody;
  }

  attempts(): Attempt[] {
    return [...this.#world.platform.resumes, ...this.#world.flows.requests]
      .map(({ path, body, at, fate, status }: RequestRecord) => {
        const fields = (body ?? {}) as Record<string, unknown>;
        return {
          taskId: String(fields.taskId ?? fields.task_id ?? /hfr_\w+|[\da-f-]{36}/.exec(path)?.[0]),
          feedback: feedbackIn(fields),
          at,
          status,
          isAwaited: fate === 'no answer',
          answered: fate === 'answered' && status !== undefined && !UNSURE.has(status),
        };
      })
      .filter(({ feedback }) => feedback !== ELSEWHERE.approve && feedback !== ELSEWHERE.revise);
  }

  /** Checks what must hold at every moment. */
  check(): void {
    const pauses = this.pauses();
    const cards = this.#world.cards();
    for (const [at, pause] of pauses.entries()) this.#checkTaken(pause, pauses.slice(0, at));
    for (const card of cards) this.#checkCard(card, pauses);
    this.#checkAttempts();
  }

  /** If CrewAI accepted a decision, someone made it on a card that shows this output. */
  #checkTaken(
    { feedback, approved, isOurs, output, taskName, approval, round }: Pause,
    earlierPauses: readonly Pause[],
  ) {
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
    // A webhook does not say when it was sent. If it arrives after that of a later output, it counts as the newest, and
    // a decision by the task's name reaches the later output.
    const isOvertaken = earlierPauses.some(
      (earlier) => earlier.approval === approval && (earlier.round ?? 0) > (round ?? 0),
    );
    const excused = !this.#live && this.#run !== undefined && (unsure || isOvertaken);
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

  /** True if an attempt of the decision was unsure, so that the decision may be accepted again. */
  #isExcused(feedback: string | undefined): boolean {
    return this.attempts().some(
      (attempt) => attempt.feedback === feedback && (isUnsure(attempt) || this.#isDisturbed(attempt.at)),
    );
  }

  #checkCard(card: Card, pauses: readonly Pause[]) {
    const { approval, round, state, text } = card;
    const pause = pauses.find((one) => one.approval === approval && one.round === round);
    const name = `the card of ${approval}.${round} (${state})`;
    const cardClicks = this.clicks.filter(({ card }) => card.approval === approval && card.round === round);
    const [, approver] = /Approved by <@(\w+)>/.exec(text) ?? [];
    const [, chooser, option] = /<@(\w+)> chose \*?(\w+)/.exec(text) ?? [];
    const [, reviser] = /Revision requested by <@(\w+)>/.exec(text) ?? [];
    const decided = (what: Click['what'], by: string) =>
      cardClicks.some((click) => click.what === what && click.by === by);
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
    const chose = cardClicks.some(
      (click) => click.by === chooser && OPTIONS[click.what as 'choose_1'] === option,
    );
    this.#must(4, !chooser || chose, `${name} says that ${chooser} chose ${option}, who did not`);
    if (!pause) return;
    const isTaken = pause.approved !== undefined;
    const isProved = state === 'continued';
    // A lost answer and then "not pending" look the same as a run that ended in between.
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
    for (const [taskId, taskAttempts] of byTask) {
      // A pause has its own id, unless the run only names its tasks.
      const isPause = this.pauses().some((pause) => pause.taskId === taskId);
      const decisions = new Set(taskAttempts.map(({ feedback }) => feedback));
      this.#must(
        2,
        !isPause || decisions.size === 1,
        `two decisions were sent for one pause: ${[...decisions]}`,
      );
      // An answer to a review can be sent again at any time.
      const unsure = this.#run === undefined ? undefined : taskAttempts.find(isUnsure);
      const isBrief = this.#live || taskAttempts.some(({ feedback }) => feedback !== 'Approved.');
      const late = taskAttempts.filter(
        ({ at }) => unsure && isPause && isBrief && at > unsure.at + MINUTE + LEEWAY,
      );
      const retried = this.clicks.some(({ what, at }) => what === 'retry' && at >= (unsure?.at ?? 0));
      // A process that stood still before its call makes the call when it goes on. No one can detect that.
      const stoodStill = this.#world.freezes.some(
        ({ from, until }) =>
          unsure && late[0] && from <= unsure.at + MINUTE && Math.abs(late[0].at - until) <= LEEWAY,
      );
      this.#must(
        6,
        late.length === 0 || retried || (late.length === 1 && stoodStill),
        `a decision that may have arrived was sent again after a minute`,
      );
      const overlap = taskAttempts.find((attempt, index) => {
        const previousAttempt = taskAttempts[index - 1];
        const isWaiting =
          previousAttempt?.isAwaited === true && attempt.at < previousAttempt.at + ANSWERED_WITHIN;
        return isWaiting && !this.#isDisturbed(previousAttempt.at);
      });
      this.#must(2, !overlap, 'a decision was sent by two processes at once');
      const accepted = taskAttempts.findIndex((attempt) => attempt.answered && attempt.status === 200);
      const again = isPause && accepted !== -1 && accepted < taskAttempts.length - 1;
      const excused = this.#isDisturbed(taskAttempts[accepted]?.at ?? 0);
      this.#must(2, !again || excused, `a decision was sent again after CrewAI had accepted it`);
    }
    const taken = this.pauses().filter(({ feedback }) => feedback?.startsWith('click '));
    for (const [feedback, pauses] of groupBy(taken, (pause) => pause.feedback)) {
      const excused = !this.#live && this.#isExcused(feedback);
      this.#must(2, pauses.length === 1 || excused, `CrewAI took "${feedback}" ${pauses.length} times`);
    }
  }

  /** Checks what must hold once everything works again and nothing is due. */
  checkEnd(): void {
    this.check();
    const pauses = this.pauses();
    const cards = this.#world.cards();
    this.#checkReceipts(cards);
    for (const twins of groupBy(cards, ({ approval, round }) => `${approval}.${round}`).values())
      this.#checkTwins(twins, pauses);
    for (const [approval, approvalCards] of groupBy(cards, ({ approval: id }) => id)) {
      const newest = Math.max(...approvalCards.map(({ round }) => round));
      const isOpen = (card: Card) => card.state === 'waiting' && card.round < newest;
      const older = approvalCards
        .filter(isOpen)
        .filter((card) => !approvalCards.some((twin) => twin.round === card.round && !isOpen(twin)));
      this.#must(5, older.length === 0, `an older card of ${approval} can still be decided`);
    }
    this.#checkPending(cards, pauses);
    for (const click of this.clicks) this.#checkClick(click);
  }

  #checkReceipts(cards: readonly Card[]) {
    const createdBodies = new Set<unknown>();
    for (const { answer, body } of [...this.#world.platform.webhooks, ...this.#world.flows.webhooks]) {
      const { status, approval, round } = parse(answer);
      if (status !== 'created') continue;
      const isThere = cards.some((card) => card.approval === approval && card.round === round);
      const name = `round ${round} of ${approval}`;
      // In the documented dialect a redelivery looks like a revision that brings the same output again.
      const mayRepeat = this.clicks.some(
        ({ what, card }) =>
          !this.#live &&
          what === 'request_revision' &&
          card.approval === approval &&
          card.round + 1 === round,
      );
      this.#must(5, !createdBodies.has(body) || mayRepeat, `a webhook that came again has opened ${name}`);
      createdBodies.add(body);
      this.#must(1, isThere, `${name} was answered "created", but has no card: ${JSON.stringify(body)}`);
    }
  }

  /** Checks the cards of one round: more than one is only allowed if the bot could not know of the first. */
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

  /** Checks that people can decide the pause that CrewAI waits for: it is on a card that can be decided. */
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
    const earlierPauses = pauses.slice(0, pauses.indexOf(pending));
    // A webhook does not say when it was sent. If it arrives after that of a later output, it counts as the newest.
    const laterCards = cards.filter((card) => card.approval === approval && card.round > (round ?? 0));
    const isOvertaken = earlierPauses.some((one) =>
      laterCards.some((card) =>
        one.approval === undefined ? card.text.includes(one.output) : one.round === card.round,
      ),
    );
    // An output after a decision in CrewAI itself comes without a ticket. If it equals an earlier one, it counts as a
    // redelivery.
    const isUntold =
      approval === undefined &&
      (takenFor === undefined || earlierPauses.at(-1)?.feedback === ELSEWHERE.revise);
    this.#must(
      7,
      isDecidable || isOvertaken || isUntold,
      `CrewAI waits for ${output}, but ${states.length > 0 ? `its card says ${states}` : 'no card shows it'}`,
    );
  }

  /** Checks that no click is silent: Slack got no ack, the card shows the click, or the person was told. */
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
    const wasTold = answeredInForm || this.#world.told(by).length > toldBefore;
    const currentCards = this.#world.cards().filter(({ approval }) => approval === card.approval);
    const isNamed = this.#named.has(`${card.approval} ${by}`);
    const isShown = currentCards.some(({ round, state }) => {
      if (round !== card.round) return false;
      return (what === 'retry' && state !== card.state) || (what === 'give_up' && CLOSED.has(state));
    });
    const wasSent = this.attempts().some((attempt) => what === 'retry' || attempt.feedback === feedback);
    this.#must(
      3,
      wasTold || isNamed || isShown || wasSent,
      `${by} clicked ${what} on ${card.approval}.${card.round} and heard nothing`,
    );
  }
}

function groupBy<T, K>(all: readonly T[], keyOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}

/** Answers of a gateway. CrewAI behind it may have accepted the decision. */
const UNSURE: ReadonlySet<number> = new Set([500, 502, 504]);

/** True if the answer was lost or said nothing. */
function isUnsure({ answered }: Attempt): boolean {
  return !answered;
}

/** Timeout of the bot's calls to CrewAI, in milliseconds. */
const ANSWERED_WITHIN = 8_000;
/** Longest time of a call and its record, in milliseconds. After it, another process may continue. */
const RECORDED_WITHIN = 12_000;
/** Longest delay of an attempt that was due within its minute, in milliseconds. */
const LEEWAY = 15_000;

/** Reads the feedback of a decision as CrewAI or a Flow gets it. */
function feedbackIn(body: Record<string, unknown>): string {
  return typedIn(String(body.humanFeedback ?? body.human_feedback ?? body.feedback));
}

/** Extracts the text that a person typed. On the live platform an instruction precedes it. */
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
