import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tasks } from '../../../../src/sandbox/demo/crew/crew.ts';
import { PAYMENT_RULES } from '../../../../src/sandbox/demo/crew/payments.ts';
import { readCrews } from '../../../../src/settings/crews-file.ts';

/** What this task writes after these revisions. */
function write(name: string, revisions: string[]): string {
  const task = tasks.find((one) => one.name === name);
  const output = task?.output({ feedback: [], revisions, inputs: {} });
  return typeof output === 'string' ? output : JSON.stringify(output);
}

const HUMAN = tasks.filter(({ humanInput }) => humanInput).map(({ name }) => name);
const NOTE = 'I am not a model';

describe('the press release', () => {
  const release = (...revisions: string[]) => write('press_release', revisions);
  const first = release();

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
