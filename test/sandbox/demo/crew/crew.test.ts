import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tasks } from '../../../../src/sandbox/demo/crew/crew.ts';
import { AMOUNT_INPUT, PAYMENT_RULES, paymentTasks } from '../../../../src/sandbox/demo/crew/payments.ts';
import { readCrews } from '../../../../src/settings/crews-file.ts';
import { startPress } from '../../crewai/press-crew.ts';

/** What this task writes after these revisions. */
function write(name: string, revisions: string[] = [], inputs = {}): string {
  const task = [...tasks, ...paymentTasks].find((one) => one.name === name);
  const output = task?.output({ feedback: [], revisions, inputs });
  return typeof output === 'string' ? output : JSON.stringify(output);
}

const HUMAN = tasks.filter(({ humanInput }) => humanInput).map(({ name }) => name);
const NOTE = 'I am not a model';

describe('the press release', () => {
  const release = (...revisions: string[]) => write('press_release', revisions);
  const first = release();

  test('names neither a price nor a source at first', () => {
    expect(first).not.toMatch(/€|Sources/);
    expect(first).toContain('640,000 tonnes');
  });

  test('gets shorter twice, and says when it cannot get shorter', () => {
    const [second, third] = [release('Shorter'), release('Shorter', 'Even shorter')];
    expect(second.length).toBeLessThan(first.length);
    expect(third.length).toBeLessThan(second.length);
    const fourth = release('Shorter', 'Even shorter', 'Shorter!');
    expect(fourth.startsWith(third)).toBe(true);
    expect(fourth).toContain('This feedback changed nothing.');
    expect(release('Shorter', 'Even shorter', 'Shorter!', 'longer')).toBe(second);
  });

  test('follows each wish, keeps it in later rounds, and takes it back', () => {
    expect(release('More details').length).toBeGreaterThan(first.length);
    expect(release('name the price')).toContain('- 189 €, in shops');
    expect(release('the price is 179 €')).toContain('- 179 €, in shops');
    const headline = (text: string) => text.split('\n')[0];
    expect(headline(release('Another headline'))).not.toBe(headline(first));
    for (const [wish = '', back = ''] of [
      ['longer', 'shorter'],
      ['name the price', 'without the price'],
      ['Another headline', 'Another title'],
    ])
      expect(release(wish, back)).toBe(first);
    expect(release('shorter', 'name the price')).toBe(release('shorter, name the price'));
  });

  test('cites the sources of the figures that are in it', () => {
    expect(release('Cite sources')).toMatch(/\*\*Sources\*\*\n\n- 640,000 tonnes/);
    const short = release('Cite sources, shorter');
    expect(short).toContain('**Sources**');
    expect(short).not.toContain('640,000');
  });

  test.each([
    ['German', 'Regenjacke', 'ab 1. September', 'Quellen'],
    ['French', 'veste de pluie', 'en magasin', 'Sources'],
    ['Spanish', 'chaqueta impermeable', 'en tiendas', 'Fuentes'],
  ])('is in %s, and stays so in the rounds that follow', (language, jacket, sold, sources) => {
    const text = release(`in ${language} please`, 'name the price', 'cite sources');
    for (const part of [jacket, `- 189 €, ${sold}`, `**${sources}**`]) expect(text).toContain(part);
    expect(text).not.toMatch(/rain jacket|in shops/);
    expect(release(`in ${language}`, 'back to English')).toBe(first);
  });

  test('says once what it could not follow, and follows the rest', () => {
    const text = release('Quote the mayor. Shorter, please');
    expect(text).toContain(
      `I could not follow “Quote the mayor”. ${NOTE}, only a small program of this demo. You can ask me for: shorter`,
    );
    expect(text.startsWith(release('shorter'))).toBe(true);
    expect(release('Quote the mayor', 'shorter')).toBe(release('shorter'));
    expect(release('shorter')).not.toContain(NOTE);
    expect(release('Thanks!')).toContain(`This feedback changed nothing. ${NOTE}`);
  });
});

test('the budget gets cheaper, shorter, longer and translated, with its sources', () => {
  const budget = (...revisions: string[]) => JSON.parse(write('launch_budget', revisions));
  expect(budget()).toMatchObject({ total: 29_450 });
  expect(budget('Cheaper, please')).toMatchObject({ total: 23_250 });
  expect(budget('shorter', 'in French', 'cite sources')).toEqual({
    campagne: 'Tide',
    devise: 'EUR',
    total: 29_450,
    premier_paiement: '2026-08-31',
    sources: expect.stringContaining('devis'),
  });
  expect(budget('more details')).toHaveProperty('details');
  const note_from_the_crew = expect.stringContaining('You can ask me for: cheaper');
  expect(budget('name the price')).toMatchObject({ note_from_the_crew });
});

test.each([
  ['German', '## Deutschland', 'Empfohlener Preis: 180 €', '13.140 €'],
  ['French', '## Allemagne', 'Prix conseillé: 180 €', '13\u202f140 €'],
  ['Spanish', '## Alemania', 'Precio recomendado: 180 €', '13.140 €'],
])('the report is in %s, with prices and sources', (language, chapter, price, euros) => {
  const report = write('campaign_report', [`in ${language}`, 'the price is 180 €, cite sources']);
  for (const text of [chapter, price, euros]) expect(report).toContain(text);
  expect(report.split('\n## ')).toHaveLength(20);
  expect(report).not.toMatch(/Germany|Who buys/);
});

test('the report gets shorter by whole chapters', () => {
  const chapters = (...wishes: string[]) => write('campaign_report', wishes).split('\n## ').length - 1;
  expect([chapters(), chapters('shorter'), chapters('shorter', 'shorter')]).toEqual([19, 3, 0]);
});

test.each<[string, string[], object?]>([
  ['Pay 48,600 € to Fios do Mar', []],
  ['Pay 12 € to', [], { [AMOUNT_INPUT]: '12 €' }],
  ['3 % discount', ['Cheaper, please']],
  ['invoice 2026-1142', ['Cite your sources']],
  ['I could not follow “Pay in gold”', ['Pay in gold']],
])('the payment has "%s" after %j', (text, revisions, inputs) => {
  expect(write('pay_invoice', revisions, inputs)).toContain(text);
});

test('a payment needs two people, can be undone for 10 s, has a reminder after 1 minute and a deadline after 3', () => {
  const payments = {
    base_url: 'http://127.0.0.1:1',
    bearer_token: 'a-token',
    webhook_secret: 'a-secret-of-16-chars',
    channel: '#approvals',
    approvers: ['UANA', 'UBEN'],
    ...PAYMENT_RULES,
  };
  const rules = { approvalsRequired: 2, undoWindow: 10_000, remindAfter: 60_000, urgent: true };
  expect(readCrews(JSON.stringify({ crews: { payments } }), () => undefined, {})).toMatchObject({
    crews: [{ ...rules, expireAfter: 180_000, onExpiry: 'keep' }],
    faults: [],
  });
});

test('any feedback gives an output, and the same feedback the same output', () => {
  const phrase = fc.constantFrom(
    ...[
      'shorter',
      'no longer',
      'too long',
      'the price is',
      '179 €',
      'not',
      'in German',
      'translate',
      'where',
    ],
    ...['cite', 'and', ',', '. ', '\n', '- ', '“', '*', '```', '|', '€', '9', 'Approved.'],
  );
  const feedback = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.array(phrase, { maxLength: 40 }).map((words) => words.join(' ')),
  );
  fc.assert(
    fc.property(fc.constantFrom(...HUMAN), fc.array(feedback, { maxLength: 5 }), (name, revisions) => {
      const output = write(name, revisions);
      expect(output.trim()).not.toBe('');
      expect(write(name, revisions)).toBe(output);
      // A note is one line, for any feedback.
      expect(output.split(NOTE).length).toBeLessThanOrEqual(2);
    }),
  );
});

test('a feedback of 100,000 characters can be read', () => {
  for (const part of ['9', '9.', 'where ', 'translate ', 'and ', '!', 'no price, ', ' \n'])
    expect(write('press_release', [part.repeat(100_000 / part.length)])).toContain('Northwind');
});

/** How the bot begins a revision on the live dialect. */
const REVISION_LINE =
  'This output is not accepted. Revise it according to the following feedback, and ask for review again:';

test.each(['live', 'documented'] as const)(
  'a run follows the feedback of each round; the next task and the next run start without it (%s)',
  async (dialect) => {
    const { platform, post, round } = await startPress({ tasks, dialect });
    const id = platform.kickoff();
    /** Decides on the pause with this number; gives the task and the output of the next one. */
    async function decide(number: number, text: string, approve = false) {
      const { taskId } = await round(id, number);
      const live = { executionId: id, taskId };
      const humanFeedback = approve ? 'Approved.' : `${REVISION_LINE}\n\n${text}`;
      const documented = { execution_id: id, task_id: taskId, human_feedback: text, is_approve: approve };
      const [status] = await post('/resume', dialect === 'live' ? { ...live, humanFeedback } : documented);
      expect(status).toBe(200);
      const { taskName, output } = await round(id, number + 1);
      return [taskName, typeof output === 'string' ? output : JSON.stringify(output)];
    }
    const [, german = ''] = await decide(1, 'Shorter, in German please');
    expect(german).toContain('Regenjacke');
    const [, priced] = await decide(2, 'name the price');
    expect(priced).toBe(german.replace('- ab 1.', '- 189 €, ab 1.'));
    const next = await decide(3, 'Approved, but shorter in French next time', true);
    expect(next).toEqual(['launch_budget', write('launch_budget')]);
    expect((await decide(4, 'cheaper'))[1]).toContain('"total":23250');
    expect(await decide(5, 'cheaper', true)).toEqual(['campaign_report', write('campaign_report')]);
    expect((await round(platform.kickoff(), 1)).output).toBe(write('press_release'));
  },
);
