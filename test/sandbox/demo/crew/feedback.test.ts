import { describe, expect, test } from 'vitest';
import { readFeedback } from '../../../../src/sandbox/demo/crew/feedback/read-feedback.ts';
import { NO_WISHES, type Wishes, type WishName } from '../../../../src/sandbox/demo/crew/feedback/wishes.ts';

const ALL: WishName[] = ['shorter', 'longer', 'price', 'sources', 'headline', 'cheaper', 'language'];
const read = (feedback: string, before: Partial<Wishes> = {}, known = ALL) =>
  readFeedback(feedback, { ...NO_WISHES, ...before }, known);

/** What the feedback changes. */
function change(feedback: string, before: Partial<Wishes> = {}): Partial<Wishes> {
  const entries = Object.entries(read(feedback, before).wishes);
  const was: Wishes = { ...NO_WISHES, ...before };
  return Object.fromEntries(entries.filter(([name, value]) => was[name as keyof Wishes] !== value));
}

describe('what a person asked for', () => {
  test.each<[string, Partial<Wishes>]>([
    ['Shorter', { length: -1 }],
    ['This is too long.', { length: -1 }],
    ['make it very short please', { length: -1 }],
    ['Cut the text. Half the length!', { length: -1 }],
    ['no longer than half a page', { length: -1 }],
    ['make it half as long', { length: -1 }],
    ['Keep it under 100 words', { length: -1 }],
    ['longer', { length: 1 }],
    ['Too short', { length: 1 }],
    ['It is not long enough', { length: 1 }],
    ['More detail on the repairs', { length: 1 }],
    ['Name the price', { price: '189 €' }],
    ['There is no price', { price: '189 €' }],
    ['what does it cost?', { price: '189 €' }],
    ['The price is 1.179,50 €.', { price: '1.179,50 €' }],
    ['sell it for €179, please', { price: '€179' }],
    ['not 189 € but 179 EUR', { price: '179 EUR' }],
    ['Cite sources', { hasSources: true }],
    ['Where do these figures come from?', { hasSources: true }],
    ['You don’t name a source', { hasSources: true }],
    ['Another headline', { headline: 1 }],
    ['cheaper', { isCheaper: true }],
    ['This is too expensive', { isCheaper: true }],
    ['in German please', { language: 'de' }],
    ['German', { language: 'de' }],
    ['Auf Deutsch, bitte', { language: 'de' }],
    ['Use German', { language: 'de' }],
    ['I need this in French for our press', { language: 'fr' }],
    ['Translate the whole text to French', { language: 'fr' }],
    ['en français', { language: 'fr' }],
    ['a Spanish version', { language: 'es' }],
    ['not in German but in French', { language: 'fr' }],
  ])('%s', (feedback, expected) => {
    expect(change(feedback)).toEqual(expected);
    expect(read(feedback).rest).toEqual([]);
  });

  test.each<[string, Partial<Wishes>, Partial<Wishes>]>([
    ['without the price', { price: '189 €' }, { price: undefined }],
    ['no longer name the price', { price: '189 €' }, { price: undefined }],
    ['Remove the sources', { hasSources: true }, { hasSources: false }],
    ['not cheaper', { isCheaper: true }, { isCheaper: false }],
    ['back to English', { language: 'de' }, { language: 'en' }],
    ['not in Spanish', { language: 'es' }, { language: 'en' }],
    ['don’t make it shorter', {}, {}],
    ['not longer', {}, {}],
    ['keep the headline, no other title', {}, { headline: 1 }],
  ])('%s, after a wish before', (feedback, before, expected) => {
    expect(change(feedback, before)).toEqual(expected);
  });

  test('can be several things in one feedback, in any order', () => {
    const asked = { length: -1, price: '179 €', hasSources: true, language: 'fr' };
    expect(change('Shorter, and the price is 179 €; cite sources, in French')).toEqual(asked);
    expect(change('- in French\n- 179 €\n- name your sources\n- shorter')).toEqual(asked);
    expect(change('Hi, good work! A shorter French version with sources please. Also: 179 €')).toEqual(asked);
  });

  test('counts once in one feedback, and again in the next', () => {
    const once = read('Shorter. Really shorter! Cut it down');
    expect(once.wishes.length).toBe(-1);
    expect(readFeedback('shorter', once.wishes, ALL).wishes.length).toBe(-2);
  });

  test('adds to what was asked before', () => {
    const first = read('shorter').wishes;
    const second = readFeedback('name the price', first, ALL).wishes;
    expect(readFeedback('in Spanish', second, ALL).wishes).toEqual({
      ...NO_WISHES,
      length: -1,
      price: '189 €',
      language: 'es',
    });
  });

  test.each<[string, string[]]>([
    ['Add a sentence on nets and repairs.', ['Add a sentence on nets and repairs.']],
    ['Shorter, mention the mayor, in German', ['mention the mayor']],
    ['in Italian', ['in Italian']],
    ['Mention the readers in German newspapers', ['Mention the readers in German newspapers']],
    ['The price is wrong', ['The price is wrong']],
    ['Please. Thanks!', []],
    ['', []],
  ])('leaves of “%s” what is no wish', (feedback, rest) => {
    expect(read(feedback).rest).toEqual(rest);
  });

  test('leaves a wish that the task cannot follow', () => {
    expect(read('cheaper, shorter', {}, ['shorter'])).toEqual({
      wishes: { ...NO_WISHES, length: -1 },
      rest: ['cheaper'],
    });
  });

  test('does not have the line in it that the bot sends before the feedback', () => {
    const line =
      'This output is not accepted. Revise it according to the following feedback, and ask for review again:';
    expect(read(`${line}\n\nName the price`)).toEqual(read('Name the price'));
    expect(read(`${line}\n\nUnknown`).rest).toEqual(['Unknown']);
  });
});
