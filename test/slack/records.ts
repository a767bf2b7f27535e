import fc from 'fast-check';
import type { Approval } from '../../src/approval/model/approval.ts';
import type { Note } from '../../src/approval/model/note.ts';
import { type Output, readOutput } from '../../src/approval/model/output.ts';
import {
  type Decision,
  type Failure,
  type Review,
  type Round,
  roundStatuses,
} from '../../src/approval/model/round.ts';
import { ignoredSettingSchema } from '../../src/approval/model/run/ignored-setting.ts';
import { AT, makeApproval as approval, DECIDED, makeRound as round } from '../gallery/samples.ts';
import { editedTexts, hostileText } from './hostile.ts';

export {
  AT,
  DECIDED,
  makeApproval as approval,
  makeDecision as decision,
  makeRound as round,
  makeRoundIn as roundIn,
} from '../gallery/samples.ts';

/** Builds an approval whose round waits for the answer to a Flow's question. */
export function reviewApproval(review: Partial<Review> = {}, more: Partial<Round> = {}): Approval {
  const fullReview = {
    options: ['publish', 'rewrite', 'discard'],
    callbackUrl: 'https://flows.crewai.com/callback?token=secret',
    ...review,
  };
  const description = 'Is this report ready to be published?';
  return approval([round({ description, review: fullReview, ...more })], { task: 'review_report' });
}

export const text = (value: string): Output => ({ kind: 'text', text: value });

/** An id that the endpoints accept: 1 to 255 well-formed characters. */
const id = hostileText.map((value) => value.slice(0, 255).toWellFormed() || 'x');
/** A text that a card shows beside the output, shortened as the endpoints do. */
const shortened = hostileText.map((value) => value.slice(0, 2_000).toWellFormed() || 'x');
const aside = fc.option(shortened, { nil: undefined });
const person = fc.stringMatching(/^[UW][A-Z0-9]{2,10}$/);
const someDecision: fc.Arbitrary<Decision> = fc.record({
  action: fc.constantFrom('approve' as const, 'request_revision' as const),
  feedback: hostileText.map((value) => value.slice(0, 3_000)),
  by: person,
  at: fc.integer({ min: AT, max: AT + 10 ** 10 }),
});
const someFailure: fc.Arbitrary<Failure> = fc.record(
  {
    kind: fc.constantFrom('refused' as const, 'not_reached' as const, 'unknown' as const),
    status: fc.constantFrom(302, 400, 401, 403, 404, 422, 429, 500, 502, 503),
    detail: hostileText.map((value) => value.slice(0, 200)),
  },
  { requiredKeys: ['kind'] },
);

function someRound(number: number): fc.Arbitrary<Round> {
  return fc
    .record({
      status: fc.constantFrom(...roundStatuses),
      decision: someDecision,
      hasDecision: fc.boolean(),
      failure: fc.option(someFailure, { nil: undefined }),
      unsure: fc.boolean(),
      wentOn: fc.boolean(),
      unchanged: fc.boolean(),
      mayHaveContinued: fc.boolean(),
      agent: aside,
      description: aside,
      expectedOutput: aside,
      carded: fc.boolean(),
      votes: fc.array(someDecision, { maxLength: 2 }),
    })
    .map(({ status, failure, unsure, decision, hasDecision, carded, wentOn, ...more }) => {
      const decided = DECIDED.includes(status) || (status !== 'waiting' && hasDecision);
      const actions = { approved: 'approve', revision_requested: 'request_revision' } as const;
      const action = status === 'approved' || status === 'revision_requested' ? actions[status] : undefined;
      const delivery = { since: AT, attempts: 1, underway: false, unsure, ...(failure ? { failure } : {}) };
      const card = { channel: 'CAPPROVALS', ts: `1700000000.00000${number}`, shown: '' };
      const definedFields = Object.entries(more).filter(([, value]) => value !== undefined && value !== '');
      return round({
        number,
        status,
        ...Object.fromEntries(definedFields),
        ...(carded ? { card } : {}),
        ...(decided ? { decision: { ...decision, ...(action ? { action } : {}) }, delivery } : {}),
        ...(action && wentOn ? { continuedAt: AT } : {}),
      });
    });
}

/** Any approval of one to six rounds that webhooks and people could have made. */
export const someApproval: fc.Arbitrary<Approval> = fc
  .record({
    count: fc.integer({ min: 1, max: 6 }),
    executionId: id,
    task: id,
    crew: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
    ended: fc.boolean(),
  })
  .chain(({ count, executionId, task, crew, ended }) =>
    fc
      .tuple(...Array.from({ length: count }, (_, index) => someRound(index + 1)))
      .map((rounds) => approval(rounds, { executionId, task, crew, ...(ended ? { runEndedAt: AT } : {}) })),
  );

export const someOutput: fc.Arbitrary<Output> = fc.oneof(
  hostileText.map(readOutput),
  fc.jsonValue({ stringUnit: 'binary' }).map(readOutput),
  fc.dictionary(hostileText, hostileText, { maxKeys: 5 }).map(readOutput),
);

/** An output and the output of the next round, mostly an edited version. */
export const someOutputs: fc.Arbitrary<[Output, Output]> = fc
  .oneof<fc.Arbitrary<[unknown, unknown]>[]>(
    editedTexts,
    fc
      .tuple(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), editedTexts)
      .map(([sharedFields, other, [text, edited]]) => [
        { ...sharedFields, text },
        { ...sharedFields, other, text: edited },
      ]),
    fc.tuple(hostileText, fc.jsonValue({ stringUnit: 'binary' })),
  )
  .map(([before, after]) => [readOutput(before), readOutput(after)]);

const sent = { decision: someDecision, unsure: fc.boolean() };
export const someNote: fc.Arbitrary<Note> = fc.oneof(
  fc.constant<Note>({ kind: 'run_result' }),
  fc.record({
    kind: fc.constant('not_sent' as const),
    why: fc.constantFrom('superseded' as const, 'run_ended' as const),
    ...sent,
  }),
  fc.record({ kind: fc.constant('not_taken' as const), decision: someDecision }),
  fc.record({ kind: fc.constant('not_delivered' as const), failure: someFailure, ...sent }),
  fc.record({
    kind: fc.constant('ignored' as const),
    warnings: fc.uniqueArray(fc.constantFrom(...ignoredSettingSchema.options), { minLength: 1 }),
  }),
);
