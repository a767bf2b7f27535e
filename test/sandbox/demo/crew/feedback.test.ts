import { expect, test } from 'vitest';
import { tasks } from '../../../../src/sandbox/demo/crew/crew.ts';
import { readFeedback } from '../../../../src/sandbox/demo/crew/feedback/read-feedback.ts';
import { NO_WISHES, type Wishes, type WishName } from '../../../../src/sandbox/demo/crew/feedback/wishes.ts';

const ALL: WishName[] = ['shorter', 'longer', 'price', 'sources', 'headline', 'cheaper', 'language'];
const read = (feedback: string, before: Partial<Wishes> = {}, known = ALL) =>
  readFeedback(feedback, { ...NO_WISHES, ...before }, known);

test.each<[Partial<Wishes>, string]>([
  [{ length: -1 }, 'Shorter. Really shorter! Cut it down'],
  [{ length: -1 }, 'no longer than half a page'],
  [{ length: 1 }, 'It is not long enough'],
  [{ price: '189 €' }, 'There is no price'],
  [{ price: '179 EUR' }, 'not 189 € but 179 EUR'],
  [{ hasSources: true }, 'Where do these figures come from?'],
  [{ headline: 1 }, 'Another headline'],
  [{ isCheaper: true }, 'This is too expensive'],
  [{ language: 'fr' }, 'not in German but in French'],
  [
    { length: -1, price: '179 €', hasSources: true, language: 'fr' },
    'Hi, good work! A shorter French version with sources please. Also: 179 €',
  ],
])('%j is what "%s" asks for', (wishes, feedback) => {
  expect(read(feedback)).toEqual({ wishes: { ...NO_WISHES, ...wishes }, rest: [] });
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
  ['in Spanish', { length: -1, price: '189 €' }, { language: 'es' }],
  ['shorter', { length: -1 }, { length: -2 }],
])('"%s" changes the wishes of before', (feedback, before, change) => {
  expect(read(feedback, before).wishes).toEqual({ ...NO_WISHES, ...before, ...change });
});

test.each<[string, string[], WishName[]?]>([
  ['Add a sentence on nets and repairs.', ['Add a sentence on nets and repairs.']],
  ['Shorter, mention the mayor, in German', ['mention the mayor']],
  ['in Italian', ['in Italian']],
  ['Mention the readers in German newspapers', ['Mention the readers in German newspapers']],
  ['The price is wrong', ['The price is wrong']],
  ['cheaper, shorter', ['cheaper'], ['shorter']],
  ['Please. Thanks!', []],
  ['', []],
])('"%s" contains something that the task cannot follow: %j', (feedback, rest, known) => {
  expect(read(feedback, {}, known)).toMatchObject({ rest, wishes: known ? { length: -1 } : {} });
});

test.each(['Name the price', 'Unknown'])('the line that the bot sends before "%s" is ignored', (feedback) => {
  const line =
    'This output is not accepted. Revise it according to the following feedback, and ask for review again:';
  expect(read(`${line}\n\n${feedback}`)).toEqual(read(feedback));
});

const outputOf = (name: string, revisions: string[]) =>
  tasks.find((task) => task.name === name)?.output({ feedback: [], revisions, inputs: {} });
const LIVE = 'This output is not accepted. Revise it and ask again:\n\n';
const edited = (text: string) => `Use exactly this text, word for word:\n\n${text}`;

test.each(['', LIVE])('an edited text is the next output, character by character, after "%s"', (before) => {
  const text = '# Mine\n\nShorter, 5 €.  \n';
  expect(outputOf('press_release', ['shorter', before + edited(text)])).toBe(text);
});

test('after an edit the text stays, with a note of the crew, until it is edited again', () => {
  expect(outputOf('press_release', [edited('# Mine'), 'shorter'])).toMatch(/^# Mine\n\n---\n\n\*\*Note/);
  expect(outputOf('press_release', [edited('# Mine'), 'shorter', edited('# Yours')])).toBe('# Yours');
  const json = outputOf('launch_budget', [edited('{"total": 5}'), 'cheaper']);
  expect(JSON.parse(String(json))).toEqual({ total: 5, note_from_the_crew: expect.any(String) });
});

test('the name before a reply that is used as feedback asks for nothing', () => {
  expect(read('Ana: shorter\nBen: name the price')).toMatchObject({
    wishes: { length: -1, price: '189 €' },
    rest: [],
  });
});
