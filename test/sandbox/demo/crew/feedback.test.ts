import { expect, test } from 'vitest';
import { tasks } from '../../../../src/sandbox/demo/crew/crew.ts';
import { readFeedback } from '../../../../src/sandbox/demo/crew/feedback/read-feedback.ts';
import { NO_WISHES, type Wishes, type WishName } from '../../../../src/sandbox/demo/crew/feedback/wishes.ts';

const ALL: WishName[] = ['shorter', 'longer', 'price', 'sources', 'title', 'cheaper', 'tone'];
const PARTS = ['quote', 'contact'];
const TEXT = 'The mill in Porto weaves 640 g of nets, says Inês Rocha.';
const read = (feedback: string, before: Partial<Wishes> = {}, follows = ALL) =>
  readFeedback(feedback, { ...NO_WISHES, ...before }, { possibleWishes: follows, parts: PARTS, text: TEXT });

test.each<[Partial<Wishes>, string]>([
  [{ length: -1 }, 'Shorter. Really shorter! Cut it down'],
  [{ length: -1 }, 'no longer than half a page'],
  [{ length: 1 }, 'It is not long enough'],
  [{ price: '189 €' }, 'There is no price'],
  [{ price: '179 EUR' }, 'not 189 € but 179 EUR'],
  [{ hasSources: true }, 'Where do these figures come from?'],
  [{ title: 1 }, 'Another headline'],
  [{ isCheaper: true }, 'This is too expensive'],
  [{ tone: 'warm' }, 'Make it friendlier, please'],
  [{ tone: 'formal' }, 'This is too casual'],
  [{ parts: { quote: false } }, 'Drop the quote'],
  [{ parts: { quote: false, contact: false } }, 'without the quote and the contact'],
  [{ fixes: [{ from: 'Porto', to: 'Braga' }] }, 'It should say Braga instead of Porto.'],
  [{ fixes: [{ from: '640 g', to: '650 g' }] }, 'replace “640 g” with “650 g”'],
  [{ fixes: [{ from: 'Inês', to: 'Ines' }] }, 'Ines, not Inês'],
  [
    { length: -1, fixes: [{ from: 'Porto', to: 'Braga' }], parts: { contact: false } },
    'Shorter, replace Porto with Braga and drop the contact please',
  ],
  [
    { length: -1, price: '179 €', hasSources: true, tone: 'formal' },
    'Hi, good work! A shorter, more formal version with sources please. Also: 179 €',
  ],
])('%j is what "%s" asks for', (wishes, feedback) => {
  expect(read(feedback)).toEqual({ wishes: { ...NO_WISHES, ...wishes }, rest: [] });
});

test.each<[string, Partial<Wishes>, Partial<Wishes>]>([
  ['without the price', { price: '189 €' }, { price: undefined }],
  ['no longer name the price', { price: '189 €' }, { price: undefined }],
  ['Remove the sources', { hasSources: true }, { hasSources: false }],
  ['not cheaper', { isCheaper: true }, { isCheaper: false }],
  ['not so formal', { tone: 'formal' }, { tone: 'plain' }],
  ['Add the quote again', { parts: { quote: false } }, { parts: { quote: true } }],
  ['don’t make it shorter', {}, {}],
  ['not longer', {}, {}],
  ['keep the headline, no other title', {}, { title: 1 }],
  ['warmer', { length: -1, price: '189 €' }, { tone: 'warm' }],
  ['shorter', { length: -1 }, { length: -2 }],
])('"%s" changes the wishes of before', (feedback, before, change) => {
  expect(read(feedback, before).wishes).toEqual({ ...NO_WISHES, ...before, ...change });
});

test.each<[string, string[], WishName[]?]>([
  ['Add a sentence on nets and repairs.', ['Add a sentence on nets and repairs.']],
  ['Shorter, mention the mayor, more formal', ['mention the mayor']],
  ['in German', ['in German']],
  ['replace Lyon with Paris', ['replace Lyon with Paris']],
  ['Porto should be 700 g', ['Porto should be 700 g']],
  ['I want to hear the mayor instead of Inês Rocha', ['I want to hear the mayor instead of Inês Rocha']],
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
  tasks.find((task) => task.name === name)?.writeOutput({ revisions, inputs: {} });
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

test.each<[string, string, RegExp, RegExp]>([
  ['press_release', 'warmer, without the quote', /^# .*\n\n\*\*Porto, 24 August\.\*\* Meet/, /Note|> “/],
  ['press_release', 'Braga instead of Guimarães', /a mill in Braga/, /Note|Guimarães/],
  ['launch_budget', 'change 9400 to 8000', /"press_event":8000.*"total":28050/, /note/],
  ['launch_budget', 'drop the translation', /"total":27600/, /note|translation/],
  ['launch_budget', 'change 9400 to 8000 €', /"press_event":9400.*changed nothing/, /8000/],
  ['campaign_report', 'another title, without Iceland', /^# Where Tide is sold/, /Note|Iceland/],
  ['campaign_report', 'in German', /could not follow “in German”.*drop the Germany/, /Deutschland/],
])('the %s follows “%s”', (name, feedback, has, lacks) => {
  const output = outputOf(name, [feedback]);
  const text = typeof output === 'string' ? output : JSON.stringify(output);
  expect(text).toMatch(has);
  expect(text).not.toMatch(lacks);
});

test('the name before a reply that is used as feedback asks for nothing', () => {
  expect(read('Ana: shorter\nBen: name the price')).toMatchObject({
    wishes: { length: -1, price: '189 €' },
    rest: [],
  });
});
