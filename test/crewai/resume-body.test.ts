import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Decision, Round } from '../../src/approval/approval.ts';
import type { Crew } from '../../src/approval/crew.ts';
import type { Execution } from '../../src/approval/execution.ts';
import type { WebhookUrls } from '../../src/approval/webhook-urls.ts';
import { buildResumeBody } from '../../src/crewai/resume-body.ts';
import { buildResumeOrder } from '../../src/crewai/resume-order.ts';
import { round } from '../slack/records.ts';
import { crew, decision, execution } from './records.ts';

/** The body on the documented dialect. */
const resumeRequest = (of: Crew, run: Execution, on: Round, made: Decision) =>
  buildResumeBody(buildResumeOrder(of, run, on, made, 'documented'), 'documented');

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

it('no field is ever empty, null or undefined', () => {
  const url = fc.option(fc.constantFrom('https://a.example/x', 'http://b.example/y?token=z'), {
    nil: undefined,
  });
  const urls = fc
    .record({ task: url, step: url, crew: url })
    .map((made) => Object.fromEntries(Object.entries(made).filter(([, value]) => value)) as WebhookUrls);
  fc.assert(
    fc.property(
      urls,
      urls,
      urls,
      urls,
      fc.boolean(),
      fc.boolean(),
      fc.string({ minLength: 1 }),
      (a, b, c, d, humanInput, approves, note) => {
        const made = approves
          ? decision({ feedback: note.trim() === '' ? '' : note })
          : decision({ action: 'request_revision', feedback: note });
        const sent = resumeRequest(
          { ...crew, webhookUrls: c, ownUrls: d },
          execution({ registeredUrls: a, metaUrls: b }),
          round({ humanInput }),
          made,
        );
        for (const value of Object.values(sent)) expect(['', null, undefined]).not.toContain(value);
        expect(JSON.parse(JSON.stringify(sent))).toEqual(sent);
      },
    ),
  );
});
