import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Crew } from '../../src/approval/model/crew/crew.ts';
import type { Dialect } from '../../src/approval/model/crew/dialect.ts';
import type { WebhookUrls } from '../../src/approval/model/crew/webhook-urls.ts';
import type { Decision, Round } from '../../src/approval/model/round.ts';
import type { RunRecord } from '../../src/approval/model/run/run-record.ts';
import { buildResumeBody } from '../../src/crewai/resume-body.ts';
import { buildResumeContent } from '../../src/crewai/resume-request.ts';
import { round } from '../slack/records.ts';
import { aRunRecord, crew, decision } from './records.ts';

const resumeIn = (dialect: Dialect, run: Partial<RunRecord>, on: Partial<Round>, made: Decision, of = crew) =>
  buildResumeBody(
    buildResumeContent({ crew: of, secret: '' }, aRunRecord(run), round(on), made, dialect),
    dialect,
  );
const revision = (feedback: string) => decision({ action: 'request_revision', feedback });
const dialects = ['documented', 'live', 'unknown'] as const;
const TEXT = 'Approved.';
const DOCUMENTED = { execution_id: 'run-1', task_id: 'uuid-2', human_feedback: TEXT, is_approve: true };
const LIVE = { executionId: 'run-1', taskId: 'uuid-2', humanFeedback: TEXT };

const human = (name: string) => ({
  url: `https://${name}.example/human`,
  authentication: { strategy: 'bearer' as const, token: name },
});
const ownHumanInput = {
  object: human('own'),
  string: { url: 'https://own.example/human?token=own', form: 'string' as const },
};

describe('on the documented dialect', () => {
  const sent = (made: Decision) => resumeIn('documented', {}, { taskId: 'uuid-2' }, made);

  it('an approval without a note is sent with the approval text, and without unknown URLs', () => {
    expect(sent(decision())).toEqual(DOCUMENTED);
  });

  it('a note and the feedback of a revision are sent as typed', () => {
    const feedback = '  Shorter, & without <b>"quotes"</b>\n*please* \ud83d';
    expect(sent(decision({ feedback }))).toEqual({ ...DOCUMENTED, human_feedback: feedback });
    expect(sent(revision(feedback))).toMatchObject({ human_feedback: feedback, is_approve: false });
  });
});

describe('each webhook URL', () => {
  const urls = (
    name: string,
    kinds: readonly (keyof WebhookUrls)[] = ['task', 'step', 'crew'],
  ): WebhookUrls => Object.fromEntries(kinds.map((kind) => [kind, `https://${name}.example/${kind}`]));

  it.each<[string, WebhookUrls, WebhookUrls, WebhookUrls, WebhookUrls, (string | undefined)[]]>([
    ['registered', urls('x'), urls('m'), urls('s'), urls('o'), ['x', 'x', 'x']],
    ['echoed in meta or set', {}, urls('m', ['step']), urls('s'), urls('o'), ['s', 'm', 's']],
    ['ours or left out', {}, {}, {}, urls('o', ['task', 'crew']), ['o', undefined, 'o']],
  ])('is %s', (_, registeredUrls, metaUrls, webhookUrls, ownUrls, expected) => {
    const of = { ...crew, webhookUrls, ownUrls };
    const sent = resumeIn('documented', { registeredUrls, metaUrls }, {}, decision(), of);
    const names = ['task', 'step', 'crew'].map(
      (kind) => /https:\/\/(.)\.example\//.exec(String(sent[`${kind}WebhookUrl`]))?.[1],
    );
    expect(names).toEqual(expected);
  });
});

/** A text that a person reads as nothing but yes. */
const SHORT_YES = /^\W*(yes|ok(ay)?|approved?|accepted|lgtm|looks good|go ahead|sure|fine|done)\W*$/i;
const typed = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom('', ' ', 'OK', 'Approved.', 'yes', '\n\nApproved.\n', 'LGTM!') },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
);
/** That of a crew whose settings name none. */
const REVISION_TEXT =
  'This output is not accepted. Revise it according to the following feedback, and ask for review again:';

describe('on the live dialect', () => {
  const live = (made: Decision) => resumeIn('live', { continuedAs: 'run-2' }, { taskId: 'uuid-2' }, made);

  it('an approval is the first execution id, the id of the pause and the approval text, without its note', () => {
    expect(live(decision())).toEqual(LIVE);
    fc.assert(
      fc.property(typed, (feedback) => {
        expect(live(decision({ feedback }))).toEqual(LIVE);
      }),
    );
  });

  it('a revision is the fixed line, a blank line and the whole text', () => {
    fc.assert(
      fc.property(typed, (feedback) => {
        expect(live(revision(feedback))).toEqual({ ...LIVE, humanFeedback: `Revise this:\n\n${feedback}` });
      }),
    );
  });

  it('a revision never reads as a short plain yes, whatever was typed', () => {
    const byDefault = { ...crew, revisionText: REVISION_TEXT };
    fc.assert(
      fc.property(typed, fc.constantFrom('live' as const, 'unknown' as const), (feedback, dialect) => {
        const { humanFeedback } = resumeIn(dialect, {}, {}, revision(feedback), byDefault);
        expect(humanFeedback).not.toMatch(SHORT_YES);
        expect(humanFeedback).not.toBe(byDefault.approvalText);
        expect(String(humanFeedback).startsWith(REVISION_TEXT)).toBe(true);
      }),
    );
  });
});

it.each([
  [decision({ feedback: 'Looks great' }), true, 'Approved.'],
  [revision('OK'), false, 'Revise this:\n\nOK'],
])('while the dialect is unknown both spellings carry the text that decides: %j', (made, approves, text) => {
  expect(resumeIn('unknown', {}, { taskId: 'uuid-2' }, made)).toEqual({
    ...DOCUMENTED,
    ...LIVE,
    human_feedback: text,
    is_approve: approves,
    humanFeedback: text,
  });
});

describe('the human-input webhook', () => {
  const REGISTERED = { registeredHumanInput: human('registered') };
  const asRegistered = { humanInputWebhook: human('registered') };
  const NAMED = { metaHumanInputUrl: 'https://meta.example/human' };
  const SHOWN = { humanInput: true };
  const asObject = { humanInputWebhook: human('own') };
  const asString = { humanInputWebhookUrl: ownHumanInput.string.url };
  const sent = (dialect: Dialect, run: Partial<RunRecord>, humanInput = false, of: Crew = withOwn) => {
    const body = resumeIn(dialect, run, { humanInput }, decision(), of);
    return Object.fromEntries(
      Object.entries(body).filter(([field]) => field.startsWith('humanInputWebhook')),
    );
  };
  const withOwn: Crew = { ...crew, ownHumanInput };

  const asText = { url: 'https://r.example/human?token=r', form: 'string' as const };
  const asTextUrl = { humanInputWebhookUrl: asText.url };
  const plain = { url: 'https://r.example/human' };
  it.each<[string, Partial<RunRecord>, object]>([
    ['as the object that was registered', REGISTERED, asRegistered],
    ['without authentication as registered', { registeredHumanInput: plain }, { humanInputWebhook: plain }],
    ['as the URL that was registered', { registeredHumanInput: asText }, asTextUrl],
    ['as the URL that meta named', NAMED, { humanInputWebhookUrl: NAMED.metaHumanInputUrl }],
    ['as registered, also where meta named one', { ...REGISTERED, ...NAMED }, asRegistered],
    ['as our own object where the run showed one', { ...SHOWN, humanInputForm: 'object' }, asObject],
    ['as our own URL where the run showed one', { ...SHOWN, humanInputForm: 'string' }, asString],
  ])('is sent %s, in each dialect', (_, run, expected) => {
    for (const dialect of dialects)
      for (const humanInput of [true, false]) expect(sent(dialect, run, humanInput)).toEqual(expected);
  });

  it('is our own in the usual form of the dialect where no form was shown', () => {
    expect(sent('documented', SHOWN)).toEqual(asObject);
    expect(sent('live', SHOWN)).toEqual(asString);
    expect(sent('unknown', SHOWN)).toEqual(asString);
  });

  it('goes with every decision on the live dialect, on the documented one only with a run that has shown one', () => {
    expect(sent('live', {})).toEqual(asString);
    expect(sent('documented', {})).toEqual({});
    expect(sent('documented', {}, true)).toEqual(asObject);
  });

  it('is left out without PUBLIC_URL and where none is known', () => {
    for (const dialect of dialects) expect(sent(dialect, SHOWN, true, crew)).toEqual({});
  });
});

it('no field is ever empty, null or undefined, in any dialect', () => {
  const some = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(fields, { requiredKeys: [] });
  const url = fc.constantFrom('https://a.example/x', 'http://b.example/y?token=z');
  const urls = some({ task: url, step: url, crew: url });
  const humanInput = fc.boolean();
  const registeredHumanInput = fc.constantFrom(
    human('h'),
    { url: 'https://h.example/x' },
    ownHumanInput.string,
  );
  const metaHumanInputUrl = url;
  const registered = { registeredUrls: urls, metaUrls: urls, registeredHumanInput };
  const run = some({ ...registered, humanInput, metaHumanInputUrl });
  const own = some({ webhookUrls: urls, ownUrls: urls, ownHumanInput: fc.constant(ownHumanInput) });
  const made = fc.constantFrom(decision(), decision({ feedback: 'A note' }), revision('Shorter'));
  const dialect = fc.constantFrom(...dialects);
  fc.assert(
    fc.property(run, own, dialect, fc.boolean(), made, (run, own, dialect, humanInput, made) => {
      const sent = resumeIn(dialect, run, { humanInput }, made, { ...crew, ...own });
      expect(JSON.stringify(sent)).not.toMatch(/:(null|"")/);
      expect(JSON.parse(JSON.stringify(sent))).toStrictEqual(sent);
      expect('humanInputWebhook' in sent && 'humanInputWebhookUrl' in sent).toBe(false);
    }),
  );
});
