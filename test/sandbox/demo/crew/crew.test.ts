import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tasks } from '../../../../src/sandbox/demo/crew/crew.ts';

/** What this task writes after these revisions. */
function write(name: string, ...revisions: string[]): string {
  const task = tasks.find((one) => one.name === name);
  const output = task?.output({ feedback: [], revisions, inputs: {} });
  return typeof output === 'string' ? output : JSON.stringify(output);
}

const HUMAN = tasks.filter(({ humanInput }) => humanInput).map(({ name }) => name);
const NOTE = 'I am not a model';

describe('the press release', () => {
  const release = (...revisions: string[]) => write('press_release', ...revisions);
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

  test('gets longer', () => {
    expect(release('More details').length).toBeGreaterThan(first.length);
    expect(release('longer', 'shorter')).toBe(first);
  });

  test('names the price, the one that is asked for', () => {
    expect(release('name the price')).toContain('- 189 €, in shops');
    expect(release('the price is 179 €')).toContain('- 179 €, in shops');
    expect(release('name the price', 'without the price')).toBe(first);
  });

  test('cites the sources of the figures that are in it', () => {
    expect(release('Cite sources')).toMatch(/\*\*Sources\*\*\n\n- 640,000 tonnes/);
    const short = release('Cite sources, shorter');
    expect(short).toContain('**Sources**');
    expect(short).not.toContain('640,000');
  });

  test('has another headline', () => {
    const headline = (text: string) => text.split('\n')[0];
    expect(headline(release('Another headline'))).not.toBe(headline(first));
    expect(release('Another headline', 'Another title')).toBe(first);
  });

  test.each([
    ['German', 'Regenjacke', 'ab 1. September', 'Quellen'],
    ['French', 'veste de pluie', 'en magasin', 'Sources'],
    ['Spanish', 'chaqueta impermeable', 'en tiendas', 'Fuentes'],
  ])('is in %s, and stays so in the rounds that follow', (language, jacket, sold, sources) => {
    const text = release(`in ${language} please`, 'name the price', 'cite sources');
    expect(text).toContain(jacket);
    expect(text).toContain(`- 189 €, ${sold}`);
    expect(text).toContain(`**${sources}**`);
    expect(text).not.toMatch(/rain jacket|in shops/);
    expect(release(`in ${language}`, 'back to English')).toBe(first);
  });

  test('keeps a wish of round 1 when round 2 asks for another', () => {
    expect(release('shorter', 'name the price')).toBe(release('shorter, name the price'));
  });

  test('says what it could not follow, once, and follows the rest', () => {
    const text = release('Quote the mayor. Shorter, please');
    expect(text).toContain(
      `I could not follow “Quote the mayor”. ${NOTE}, only a small program of this demo. You can ask me for: shorter`,
    );
    expect(text.startsWith(release('shorter'))).toBe(true);
    expect(release('Quote the mayor', 'shorter')).toBe(release('shorter'));
    expect(release('shorter')).not.toContain(NOTE);
  });

  test('says that a feedback without a wish changed nothing', () => {
    expect(release('Thanks!')).toContain(`This feedback changed nothing. ${NOTE}`);
  });
});

describe('the other outputs', () => {
  test('the budget gets cheaper, shorter, longer and translated, with its sources', () => {
    expect(write('launch_budget')).toContain('"total":29450');
    expect(write('launch_budget', 'Cheaper, please')).toContain('"total":23250');
    expect(JSON.parse(write('launch_budget', 'shorter', 'in French', 'cite sources'))).toEqual({
      campagne: 'Tide',
      devise: 'EUR',
      total: 29_450,
      premier_paiement: '2026-08-31',
      sources: expect.stringContaining('devis'),
    });
    expect(JSON.parse(write('launch_budget', 'more details'))).toHaveProperty('details');
    expect(JSON.parse(write('launch_budget', 'name the price'))).toHaveProperty(
      'note_from_the_crew',
      expect.stringContaining('You can ask me for: cheaper'),
    );
  });

  test.each([
    ['German', '## Deutschland', 'Empfohlener Preis: 180 €', '13.140 €'],
    ['French', '## Allemagne', 'Prix conseillé: 180 €', '13\u202f140 €'],
    ['Spanish', '## Alemania', 'Precio recomendado: 180 €', '13.140 €'],
  ])('the report is in %s, with prices and sources', (language, chapter, price, euros) => {
    const report = write('campaign_report', `in ${language}`, 'the price is 180 €, cite sources');
    for (const text of [chapter, price, euros]) expect(report).toContain(text);
    expect(report.split('\n## ')).toHaveLength(20);
    expect(report).not.toMatch(/Germany|Who buys/);
  });

  test('the report gets shorter by whole chapters', () => {
    const chapters = (...revisions: string[]) =>
      write('campaign_report', ...revisions).split('\n## ').length - 1;
    expect([chapters(), chapters('shorter'), chapters('shorter', 'shorter')]).toEqual([19, 3, 0]);
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
      const output = write(name, ...revisions);
      expect(output.trim()).not.toBe('');
      expect(write(name, ...revisions)).toBe(output);
      // A note is one line, whatever was asked.
      expect(output.split(NOTE).length).toBeLessThanOrEqual(2);
    }),
  );
});

test('a feedback of 100,000 characters is read within seconds', { timeout: 5_000 }, () => {
  for (const part of ['9', '9.', 'where ', 'translate ', 'and ', '!', 'no price, ', ' \n']) {
    expect(write('press_release', part.repeat(100_000 / part.length))).toContain('Northwind');
  }
});
