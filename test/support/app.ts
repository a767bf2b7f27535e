import type { App } from '../../src/approval/app.ts';
import { adoptClickedCard, checkDecider, decide, recordRefusedReader } from '../../src/approval/decide.ts';
import { recordAlias } from '../../src/approval/intake/aliases.ts';
import { receiveEvents, recordRunFailure } from '../../src/approval/intake/receive-events.ts';
import { receiveReview } from '../../src/approval/intake/receive-review.ts';
import { receiveWebhook } from '../../src/approval/intake/receive-webhook.ts';
import { registerRun } from '../../src/approval/intake/register-run.ts';
import type { PersonRequest } from '../../src/approval/lifecycle/events.ts';
import { loadOutput } from '../../src/approval/notify/post-note.ts';
import { findNamedApprovals, listStartedRuns, reportRun } from '../../src/approval/queries/find-runs.ts';
import { listApprovals } from '../../src/approval/queries/list-approvals.ts';
import {
  isOnCard,
  loadFlowState,
  readFlowState,
  readRound,
  type Target,
} from '../../src/approval/read-round.ts';
import {
  chooseCrewToStart,
  findCrewToStart,
  findStart,
  listAskedInputs,
  recordStart,
  recordStartedRun,
  startsFlow,
} from '../../src/approval/starts/start-run.ts';
import { createGiveWay, createSerializer } from '../../src/lib/time.ts';
import { describeShown } from '../../src/slack/views/parts/shown.ts';

/** Builds an app from the parts that a test gives, as a process of its own would have it. Any other part throws. */
export function buildTestApp(parts: Omit<Partial<App>, 'serialize'>): App {
  const defaults: Partial<App> = {
    wake() {},
    wakeStart() {},
    changed() {},
    recordStepLag() {},
    alert() {},
    announce: async () => {},
    beginDelivery: async () => undefined,
    giveWay: createGiveWay(),
    describeShown,
  };
  return new Proxy({ ...defaults, ...parts, serialize: createSerializer() } as App, {
    get(app, name) {
      if (!(name in app) && typeof name === 'string' && name !== 'then')
        throw new Error(`this test's app has no ${name}`);
      return Reflect.get(app, name);
    },
  });
}

type Bound<F> = {
  [K in keyof F]: F[K] extends (app: App, ...args: infer A) => infer R ? (...args: A) => R : never;
};

function bindAll<F extends Record<string, (app: App, ...args: never[]) => unknown>>(
  app: App,
  functions: F,
): Bound<F> {
  const bound = Object.entries(functions).map(([name, work]) => [
    name,
    (...args: never[]) => work(app, ...args),
  ]);
  return Object.fromEntries(bound) as Bound<F>;
}

/** Binds what CrewAI and the starters of runs send to a test's app. */
export const bindIntake = (app: App) =>
  bindAll(app, {
    receive: receiveWebhook,
    receiveEvents,
    register: registerRun,
    receiveReview,
    recordRunFailure,
    recordStartedRun,
    recordAlias,
  });

/** Binds what people do and read to a test's app. */
export const bindDecisions = (app: App) =>
  bindAll(app, {
    decide: (
      _: App,
      target: Target,
      by: string,
      made: Omit<Extract<PersonRequest, { type: 'decide' }>, 'type'>,
    ) => decide(app, target, by, { type: 'decide', ...made }),
    ask: decide,
    retry: (_: App, target: Target, by: string) => decide(app, target, by, { type: 'retry' }),
    undo: (_: App, target: Target, by: string) => decide(app, target, by, { type: 'undo' }),
    giveUp: (_: App, target: Target, by: string) => decide(app, target, by, { type: 'give_up' }),
    claim: (_: App, target: Target, by: string, type: 'claim' | 'release' = 'claim') =>
      decide(app, target, by, { type }),
    assign: (_: App, target: Target, by: string, to: string) =>
      decide(app, target, by, { type: 'assign', to }),
    check: checkDecider,
    keepRefused: recordRefusedReader,
    adopt: adoptClickedCard,
    read: readRound,
    readState: readFlowState,
    state: loadFlowState,
    output: loadOutput,
    isOnCard,
    find: async (_: App, id: string) => (await app.store.approval(id))?.record,
  });

export const bindLookUps = (app: App) =>
  bindAll(app, {
    list: listApprovals,
    named: findNamedApprovals,
    status: reportRun,
    runs: listStartedRuns,
  });

export const bindStarts = (app: App) =>
  bindAll(app, {
    choose: chooseCrewToStart,
    crew: findCrewToStart,
    inputs: listAskedInputs,
    isFlow: startsFlow,
    start: recordStart,
    find: findStart,
  });
