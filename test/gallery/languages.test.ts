import { describe, expect, test } from 'vitest';
import type { LANGUAGES } from '../../src/approval/model/crew/language.ts';
import { checkedView, parseMessageBlocks } from '../../src/sandbox/slack/blocks/blocks.ts';
import { loadFeatureTexts } from '../support/features.ts';
import { speak, spoken } from '../support/spoken.ts';
import { listGalleryParts } from './parts.ts';

const draw = (language: (typeof LANGUAGES)[number]) =>
  speak(language, () => listGalleryParts().flatMap(({ views }) => views));
const english = draw('en');

const ofFeatures = await loadFeatureTexts();

/** All fixed texts of a language by where they stand. */
const listAllTexts = (language: (typeof LANGUAGES)[number]) =>
  speak(language, () => [...listTexts(spoken()), ...listTexts(ofFeatures)]);
const inEnglish = listAllTexts('en');

/** `withFunctions`: also what functions say, as their source without the names of fields. */
function listTexts(part: unknown, path = '', withFunctions = false): [path: string, text: string][] {
  if (typeof part === 'string') return [[path, part]];
  if (withFunctions && typeof part === 'function')
    return [[path, String(part).replace(/\.\w+|^\s*\w+:/gm, '')]];
  if (part === null || typeof part !== 'object') return [];
  return Object.entries(part).flatMap(([name, inner]) => listTexts(inner, `${path}.${name}`, withFunctions));
}

/** Where languages are alike: names, and what people type. */
const ALIKE = /\.(?:help\.commands|card\.time)\b/;
const isSentence = (text: string) => text.split(' ').length > 2;

/** What a view shows beside our words: people, dates, links, ids, typed values, emoji. */
function listValues(view: unknown): string[] {
  // The values of buttons say in which language their place is.
  const text = JSON.stringify(view).replace(/(\.\w{1,8})\/[a-z]{2}[\w-]{12}/g, '$1');
  const found = text.match(
    /<[@!#][^>^|]*|<!date\^\d+|https?:[^|>"\s]+|\b[0-9A-HJKMNP-TV-Z]{16}\b|:[a-z_]{4,}:|"(?:action_id|value|callback_id)":"[^"]*"/g,
  );
  return (found ?? []).sort();
}

/** Words of the code that tell a person nothing. */
const CODE_WORDS = /\b(?:dialect|dialecto|dialeto|fetched|lease|settled|execution)s?\b/i;

test.each(['en', 'pt-BR', 'es'] as const)('no text in %s has a word of the code', (language) => {
  const drawn = draw(language).map((view) => ({ ...view, name: '' }));
  const written = speak(language, () => listTexts([spoken(), ofFeatures, drawn], '', true));
  expect(written.filter(([, text]) => CODE_WORDS.test(text))).toEqual([]);
});

describe.each(['pt-BR', 'es'] as const)('%s', (language) => {
  const views = draw(language);

  test.each(views.map((view, at) => [view.name, view, english[at]] as const))(
    'Slack accepts the view "%s", and it shows the same values as in English',
    (_, view, same) => {
      if (view.kind === 'message') parseMessageBlocks(view.message.blocks);
      else checkedView(view.view, view.view.type);
      expect(listValues(view)).toEqual(listValues(same));
    },
  );

  test('has every text of its own', () => {
    const own = new Map(listAllTexts(language));
    const same = inEnglish.filter(
      ([path, text]) => own.get(path) === text && isSentence(text) && !ALIKE.test(path),
    );
    expect(same).toEqual([]);
    expect([...own.keys()].sort()).toEqual(inEnglish.map(([path]) => path).sort());
  });

  test('no view has a sentence in English', () => {
    const sentences = inEnglish.flatMap(([path, text]) =>
      isSentence(text) && !ALIKE.test(path) ? [text] : [],
    );
    const sent = JSON.stringify(views.map((view) => ({ ...view, name: '' })));
    expect(sentences.filter((text) => sent.includes(text))).toEqual([]);
  });
});
