import { describe, expect, it } from 'vitest';
import { countUnseen, escapeAllUnseen, removeUnseen, showUnseen } from '../../src/lib/unseen.ts';

/** Where a character stands, and how many of it nobody sees. */
const TABLE: readonly (readonly [what: string, text: string, unseen: number])[] = [
  ['nothing', 'Pay 5 EUR to Ana.\n\tThanks', 0],
  ['an order override', 'Pay 5 EUR to Ana.\u202e', 1],
  ['an isolate and its end', '\u2066abc\u2069', 2],
  ['a space without width', 'a\u200bb', 1],
  ['a word joiner and a byte order mark', '\ufeffa\u2060b', 2],
  ['tags', 'a\u{e0061}\u{e0062}\u{e007f}', 3],
  ['a blank in Braille and a Hangul filler', '\u2800\u3164\uffa0\u115f', 4],
  ['controls', '\0\u0007\u001b[31m\u007f\u0085', 5],
  ['line and paragraph separators', 'a\u2028b\u2029', 2],
  ['half of a pair', '\ud800a\udc00', 2],
  ['a carriage return before a newline', 'a\r\nb', 0],
  ['a carriage return alone', 'a\rb', 1],
  ['blanks of any width', 'a\u00a0b\u2003c\u3000d\u202fe', 0],
  ['an emoji in its two forms', '❤\ufe0f ☎\ufe0e', 0],
  ['a keycap', '1\ufe0f\u20e3 #\ufe0f\u20e3 5\u20e3', 0],
  ['a form of a digit without a keycap', '1\ufe0f', 1],
  ['two forms of an emoji', '❤\ufe0f\ufe0f', 1],
  ['a form of a letter', 'a\ufe0f', 1],
  ['a registered form of an ideograph', '葛\u{e0100}飾\ufe00', 0],
  ['two forms of an ideograph, and one that is not registered', '葛\u{e0100}\u{e0101}飾\u{e01ef}', 2],
  ['a Mongolian form', 'ᠠ\u180b', 0],
  ['two Mongolian forms, and one of no letter', 'ᠠ\u180b\u180b a\u180b', 2],
  ['the flags that exist', '🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🏴󠁧󠁢󠁷󠁬󠁳󠁿', 0],
  ['a flag that does not exist', '\u{1f3f4}\u{e0075}\u{e0073}\u{e0074}\u{e0078}\u{e007f}', 5],
  ['a flag that is not ended', '\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}', 5],
  ['joined emoji', '👩\u200d💻 🏳\ufe0f\u200d🌈 🧑🏽\u200d🚀 🐦\u200d⬛ 👨\u200d👩\u200d👧', 0],
  ['joiners of letters that do not join', 'a\u200db', 1],
  ['joiners at the end, and twice', '👩\u200d 👩\u200d\u200d💻', 3],
  ['joiners of letters that join', 'می\u200cخواهم क्\u200dष ශ්\u200dරී', 0],
  ['a joiner between two alphabets', 'م\u200ca', 1],
  [
    'a space without width between Thai, Lao, Khmer and Myanmar words',
    'ไทย\u200bดี ລາວ\u200bດີ ខ្មែរ\u200bល្អ မြန်\u200bမာ',
    0,
  ],
  ['two of them', 'ไทย\u200b\u200bดี', 2],
  ['marks beside text from right to left', 'שלום\u200f! (\u200fעולם) \u200eمرحبا\u200e', 0],
  ['a mark beside other text', 'abc\u200f \u200eabc', 2],
  ['two marks', 'שלום\u200f\u200f', 2],
  ['marks with three signs between them and a word', 'שלום...\u200f \u200f...עולם', 0],
  ['marks with four signs between them and a word', 'שלום....\u200f ab \u200f....עולם', 2],
  ['marks with nine signs between them and a word', 'שלום 12.345,6\u200f ab \u200f12.345,67עולם', 2],
  ['a soft hyphen within a word', 'Donau\u00addampf\u00adschiff', 0],
  ['a soft hyphen at the end of a word', 'Donau\u00ad dampf\u00ad', 2],
  ['a soft hyphen beside a letter that nobody sees', 'a\u3164\u00adb a\u00ad\uffa0b a\u17b4\u00adb', 6],
  [
    'signs of Arabic, Syriac and Kaithi that are drawn',
    '\u0600\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}',
    0,
  ],
  ['marks of annotations and of music', '\ufff9a\ufffa\u{1d173}', 3],
];

/** What people write in ten languages, with emoji. */
const CORPUS = [
  'Please approve the invoice for £1,250.00 — “Q3 ads” (see p. 4)… 👍🏽 ❤️ 1️⃣',
  'Die Straßenbahn­haltestelle wird größer; Kosten: 12 000 €. 🧑‍🔧🚋',
  'Approuvez-vous ce texte ? Il coûte 3 000 € l’unité… 🇫🇷 ☎️',
  '¿Aprueba usted el pago? ¡Gracias! Mañana, a las 9:00. 👩‍👧‍👦',
  'A publicação “Verão” será amanhã às 10h; atenção à versão nº 2. 🏖️',
  'می‌خواهید این متن را تأیید کنید؟ بله، می‌توانید. ✅',
  'האם לאשר את התשלום‏? הסכום: 1,200 ₪ (כולל מע״מ). 🙏🏼',
  'क्या आप इस भुगतान को स्वीकृत करते हैं? क्‍ष और ज्‍ञ। 🕉️',
  'อนุมัติ​การชำระเงิน​หรือไม่ ราคา ๑๒๐ บาท 🐘',
  '请批准此付款：金额 5,000 元。葛󠄀飾区の領収書も確認してください。👨‍💼🏴󠁧󠁢󠁳󠁣󠁴󠁿',
];

describe('what nobody sees', () => {
  it.each(TABLE)('is counted, shown and removed: %s', (_, text, unseen) => {
    expect(countUnseen(text)).toBe(unseen);
    expect(countUnseen(removeUnseen(text))).toBe(0);
    expect(countUnseen(showUnseen(text))).toBe(0);
    expect(showUnseen(text).match(/\\u[0-9a-f]{4}/g)?.length ?? 0).toBeGreaterThanOrEqual(unseen);
    if (unseen === 0) expect([removeUnseen(text), showUnseen(text)]).toEqual([text, text]);
  });

  it.each(CORPUS)('is not found in what people write: %s', (text) => {
    expect(countUnseen(text)).toBe(0);
    expect(showUnseen(text)).toBe(text);
  });

  it('is every character of its classes that stands alone between letters', () => {
    const seen = /[\t\n\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}\u00ad]/u;
    const counted = /[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u2800]/u;
    const wrong: string[] = [];
    for (let code = 0; code <= 0x10ffff; code += 1) {
      const character = String.fromCodePoint(code);
      const expected = counted.test(character) && !seen.test(character) ? 1 : 0;
      if (countUnseen(`x${character}y`) !== expected) wrong.push(code.toString(16));
    }
    expect(wrong).toEqual([]);
  });

  it('is an escape in arguments whatever stands beside it, with blanks that look like a space', () => {
    expect(escapeAllUnseen('a\u00a0❤\ufe0f\ue000')).toBe('a\\u00a0❤\\ufe0f\\ue000');
  });
});
