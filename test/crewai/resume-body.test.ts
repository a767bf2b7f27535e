import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Crew } from '../../src/approval/model/crew/crew.ts';
import type { Dialect } from '../../src/approval/model/crew/dialect.ts';
import type { WebhookUrls } from '../../src/approval/model/crew/webhook-urls.ts';
import type { Decision } from '../../src/approval/model/decision.ts';
import type { Round } from '../../src/approval/model/round.ts';
import type { Execution } from '../../src/approval/model/run/execution.ts';
import { buildResumeBody } from '../../src/crewai/resume-body.ts';
import { buildResumeOrder } from '../../src/crewai/resume-request.ts';
import { round } from '../slack/records.ts';
import { crew, decision, execution } from './records.ts';

const resumeIn = (dialect: Dialect, of: Crew, run: Execution, on: Round, made: Decision) =>
  buildResumeBody(buildResumeOrder({ crew: of, secret: '' }, run, on, made, dialect), dialect);
/** The body on the documented dialect. */
const resumeRequest = (of: Crew, run: Execution, on: Round, made: Decision) =>
  resumeIn('documented', of, run, on, made);

const human = (name: string) => ({
  url: `https://${name}.example/human`,
  authentication: { strategy: 'bearer' as const, token: name },
});

it('an approval without a note is sent with the plain approval text, and nothing that is not known', () => {
  expect(resumeRequest(crew, execution(), round({ taskId: 'draft' }), decision())).toEqual({
    execution_id: 'run-1',
    task_id: 'draft',
    human_feedback: 'Approved.',
    is_approve: true,
  });
});

it('a note of an approval and the feedback of a revision are sent as typed', () => {
  const feedback = '  Shorter, & without <b>"quotes"</b>\n*please* \ud83d';
  const sent = (action: 'approve' | 'request_revision') =>
    resumeRequest(crew, execution(), round(), decision({ action, feedback }));
  expect(sent('approve')).toMatchObject({ human_feedback: feedback, is_approve: true });
  expect(sent('request_revision')).toMatchObject({ human_feedback: feedback, is_approve: false });
});

it("the task id is the round's own one, of this pause", () => {
  const sent = resumeRequest(crew, execution(), round({ taskId: 'uuid-2' }), decision());
  expect(sent).toHaveProperty('task_id', 'uuid-2');
});

it('each URL is the one that was registered, else echoed in meta, else set, else our own', () => {
  const all = (name: string): WebhookUrls => ({
    task: `https://${name}.example/task`,
    step: `https://${name}.example/step`,
    crew: `https://${name}.example/crew`,
  });
  const of = (registered: WebhookUrls, meta: WebhookUrls, settings: WebhookUrls, own: WebhookUrls) =>
    resumeRequest(
      { ...crew, webhookUrls: settings, ownUrls: own },
      execution({ registeredUrls: registered, metaUrls: meta }),
      round(),
      decision(),
    );
  const { task, step, crew: last } = all('x');
  expect(of(all('x'), all('m'), all('s'), all('o'))).toMatchObject({
    taskWebhookUrl: task,
    stepWebhookUrl: step,
    crewWebhookUrl: last,
  });
  expect(of({}, { step: 'https://m.example/s' }, all('s'), all('o'))).toMatchObject({
    taskWebhookUrl: 'https://s.example/task',
    stepWebhookUrl: 'https://m.example/s',
    crewWebhookUrl: 'https://s.example/crew',
  });
  const own = of({}, {}, {}, { task: 'https://o.example/task', crew: 'https://o.example/crew' });
  expect(own).toMatchObject({
    taskWebhookUrl: 'https://o.example/task',
    crewWebhookUrl: 'https://o.example/crew',
  });
  expect(own).not.toHaveProperty('stepWebhookUrl');
});

it('the human-input webhook goes back only with a run that shows or registered one: the registered one, else our own', () => {
  const registered = execution({ registeredHumanInput: human('registered') });
  const own = {
    object: human('own'),
    string: { url: 'https://own.example/human?token=own', form: 'string' as const },
  };
  const withOwn: Crew = { ...crew, ownHumanInput: own };
  const sent = (humanInput: boolean, of = registered, from = withOwn) =>
    resumeRequest(from, of, round({ humanInput }), decision()).humanInputWebhook;
  expect(sent(true)).toEqual(human('registered'));
  expect(sent(true, execution())).toEqual(human('own'));
  expect(sent(true, execution(), crew)).toBeUndefined();
  expect(sent(false)).toEqual(human('registered'));
  expect(sent(false, execution())).toBeUndefined();
});

/** A text that a person reads as nothing but yes. */
const SHORT_YES = /^\W*(yes|ok(ay)?|approved?|accepted|lgtm|looks good|go ahead|sure|fine|done)\W*$/i;
const typed = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom('', ' ', 'OK', 'Approved.', 'yes', '\n\nApproved.\n', 'LGTM!') },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
);
const dialects = ['documented', 'live', 'unknown'] as const;
/** That of a crew whose settings name none. */
const REVISION_TEXT =
  'This output is not accepted. Revise it according to the following feedback, and ask for review again:';

describe('on the live dialect', () => {
  const pauseId = '5b2f6f5e-0d55-4f3a-9c5f-1f4a1b7d2c90';
  const live = (made: Decision, run = execution({ continuedAs: 'run-2' })) =>
    resumeIn('live', crew, run, round({ taskId: pauseId, humanInput: true }), made);

  it('an approval is the original execution id, the id of the pause and the plain approval text', () => {
    expect(live(decision())).toEqual({
      executionId: 'run-1',
      taskId: pauseId,
      humanFeedback: 'Approved.',
    });
  });

  it('an approval carries nothing else, whatever was noted with it: a note never leaves', () => {
    fc.assert(
      fc.property(typed, (feedback) => {
        expect(live(decision({ feedback }))).toEqual(live(decision()));
      }),
    );
  });

  it('a revision is the fixed line, a blank line and the text whole', () => {
    fc.assert(
      fc.property(typed, (feedback) => {
        const { humanFeedback } = live(decision({ action: 'request_revision', feedback }));
        expect(humanFeedback).toBe(`Revise this:\n\n${feedback}`);
      }),
    );
  });

  it('a revision is never read as a short plain yes, whatever was typed', () => {
    const byDefault = { ...crew, revisionText: REVISION_TEXT };
    fc.assert(
      fc.property(typed, fc.constantFrom('live' as const, 'unknown' as const), (feedback, dialect) => {
        const made = decision({ action: 'request_revision', feedback });
        const sent = resumeIn(dialect, byDefault, execution(), round(), made);
        expect(sent.humanFeedback).not.toMatch(SHORT_YES);
        expect(sent.humanFeedback).not.toBe(byDefault.approvalText);
        expect(String(sent.humanFeedback).startsWith(REVISION_TEXT)).toBe(true);
      }),
    );
  });

  it('no field has the documented spelling', () => {
    for (const made of [decision(), decision({ action: 'request_revision', feedback: 'Shorter' })]) {
      const sent = Object.keys(live(made));
      expect(sent.filter((field) => field.includes('_'))).toEqual([]);
    }
  });
});

describe('while the dialect is unknown', () => {
  it.each([
    ['approve', 'Looks great', true, 'Approved.'],
    ['request_revision', 'OK', false, 'Revise this:\n\nOK'],
  ] as const)(
    'one body carries both spellings, both with the text that decides: %s',
    (action, feedback, approves, text) => {
      const made = decision({ action, feedback });
      expect(resumeIn('unknown', crew, execution(), round({ taskId: 'uuid-2' }), made)).toEqual({
        execution_id: 'run-1',
        task_id: 'uuid-2',
        human_feedback: text,
        is_approve: approves,
        executionId: 'run-1',
        taskId: 'uuid-2',
        humanFeedback: text,
      });
    },
  );
});

describe('the human-input webhook', () => {
  const object = { url: 'https://bot.example/human-input', authentication: human('own').authentication };
  const string = { url: 'https://bot.example/human-input?token=own', form: 'string' as const };
  const withOwn: Crew = { ...crew, ownHumanInput: { object, string } };
  const asObject = { humanInputWebhook: object };
  const asString = { humanInputWebhookUrl: string.url };
  const sent = (dialect: Dialect, run: Execution, humanInput = false, of = withOwn) => {
    const body = resumeIn(dialect, of, run, round({ humanInput }), decision());
    return Object.fromEntries(
      Object.entries(body).filter(([field]) => field.startsWith('humanInputWebhook')),
    );
  };

  it('is registered as an object: it is sent as that object, in every dialect', () => {
    const registered = execution({ registeredHumanInput: human('registered') });
    for (const dialect of dialects)
      expect(sent(dialect, registered)).toEqual({ humanInputWebhook: human('registered') });
  });

  it('is registered as an object without authentication: none is made up', () => {
    const registered = execution({ registeredHumanInput: { url: 'https://r.example/human' } });
    expect(sent('live', registered)).toEqual({ humanInputWebhook: { url: 'https://r.example/human' } });
  });

  it('is registered as a URL: it is sent as that URL, in every dialect', () => {
    const url = 'https://registered.example/human?token=r';
    const registered = execution({ registeredHumanInput: { url, form: 'string' } });
    for (const dialect of dialects) expect(sent(dialect, registered)).toEqual({ humanInputWebhookUrl: url });
  });

  it('is named in meta: it is sent as that URL, in every dialect', () => {
    const named = execution({ metaHumanInputUrl: 'https://meta.example/human' });
    for (const dialect of dialects)
      expect(sent(dialect, named)).toEqual({ humanInputWebhookUrl: 'https://meta.example/human' });
  });

  it('is registered and named in meta: the registered one is sent', () => {
    const both = execution({
      registeredHumanInput: human('registered'),
      metaHumanInputUrl: 'https://meta.example/human',
    });
    expect(sent('live', both)).toEqual({ humanInputWebhook: human('registered') });
  });

  it('is our own in the form in which the run showed it', () => {
    for (const dialect of dialects) {
      expect(sent(dialect, execution({ humanInput: true, humanInputForm: 'object' }))).toEqual(asObject);
      expect(sent(dialect, execution({ humanInput: true, humanInputForm: 'string' }))).toEqual(asString);
    }
  });

  it('is our own as the dialect usually has it where no form was shown', () => {
    expect(sent('documented', execution({ humanInput: true }))).toEqual(asObject);
    expect(sent('live', execution({ humanInput: true }))).toEqual(asString);
    expect(sent('unknown', execution({ humanInput: true }))).toEqual(asString);
  });

  it('goes with every decision on the live dialect, and on the others only with a run that has shown one', () => {
    expect(sent('live', execution())).toEqual(asString);
    expect(sent('documented', execution())).toEqual({});
    expect(sent('documented', execution(), true)).toEqual(asObject);
  });

  it('is left out without PUBLIC_URL and where none is known', () => {
    for (const dialect of dialects)
      expect(sent(dialect, execution({ humanInput: true }), true, crew)).toEqual({});
  });
});

it('no field is ever empty, null or undefined, in any dialect', () => {
  const url = fc.option(fc.constantFrom('https://a.example/x', 'http://b.example/y?token=z'), {
    nil: undefined,
  });
  const urls = fc
    .record({ task: url, step: url, crew: url })
    .map((made) => Object.fromEntries(Object.entries(made).filter(([, value]) => value)) as WebhookUrls);
  const humanInput = fc.option(
    fc.constantFrom({ url: 'https://h.example/x' }, human('h'), {
      url: 'https://h.example/x?token=y',
      form: 'string' as const,
    }),
    { nil: undefined },
  );
  const own = {
    object: human('own'),
    string: { url: 'https://own.example/h?token=o', form: 'string' as const },
  };
  fc.assert(
    fc.property(
      fc.record({ registeredUrls: urls, metaUrls: urls, settings: urls, ownUrls: urls }),
      fc.record({
        registered: humanInput,
        meta: url,
        shown: fc.boolean(),
        cameSo: fc.boolean(),
        own: fc.boolean(),
      }),
      fc.constantFrom(...dialects),
      fc.boolean(),
      fc.string({ minLength: 1 }),
      (from, human, dialect, approves, note) => {
        const made = approves
          ? decision({ feedback: note.trim() === '' ? '' : note })
          : decision({ action: 'request_revision', feedback: note });
        const sent = resumeIn(
          dialect,
          {
            ...crew,
            webhookUrls: from.settings,
            ownUrls: from.ownUrls,
            ...(human.own ? { ownHumanInput: own } : {}),
          },
          execution({
            registeredUrls: from.registeredUrls,
            metaUrls: from.metaUrls,
            humanInput: human.shown,
            ...(human.registered ? { registeredHumanInput: human.registered } : {}),
            ...(human.meta ? { metaHumanInputUrl: human.meta } : {}),
          }),
          round({ humanInput: human.cameSo }),
          made,
        );
        JSON.stringify(sent, (_, value) => {
          expect(['', null, undefined]).not.toContain(value);
          return value;
        });
        expect(JSON.parse(JSON.stringify(sent))).toEqual(sent);
        expect('humanInputWebhook' in sent && 'humanInputWebhookUrl' in sent).toBe(false);
      },
    ),
  );
});
