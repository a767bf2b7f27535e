/**
 * Invisible characters, or that change the order in which others are read. Default_Ignorable_Code_Point contains the
 * joiners, tags, variation selectors and fillers: https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
 */
const CLASS = String.raw`\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u2800`;

/** The flags of England, Scotland and Wales: the only tag sequences that Unicode recommends. */
const FLAG = String.raw`\u{1F3F4}\u{E0067}\u{E0062}(?:\u{E0065}\u{E006E}\u{E0067}|\u{E0073}\u{E0063}\u{E0074}|\u{E0077}\u{E006C}\u{E0073})\u{E007F}`;

const inScripts = (scripts: string) =>
  `(?=[\\p{L}\\p{M}])(?!\\p{Default_Ignorable_Code_Point})[${scripts
    .split(' ')
    .map((script) => `\\p{scx=${script}}`)
    .join('')}]`;
const JOINING = inScripts(
  'Arab Syrc Mand Nkoo Mong Rohg Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Tibt Mymr Khmr Java Bali',
);
const WITHOUT_SPACES = inScripts('Thai Laoo Khmr Mymr');
const RIGHT_TO_LEFT =
  '[\\p{scx=Hebr}\\p{scx=Arab}\\p{scx=Syrc}\\p{scx=Thaa}\\p{scx=Nkoo}\\p{scx=Adlm}\\p{scx=Rohg}]';
/** Characters between a direction mark and its word. */
const NEUTRAL = String.raw`[\p{P}\p{S}\p{Nd}\p{Zs}]{0,3}`;
const DIRECTION_MARK = String.raw`[\u200E\u200F\u061C]`;

/** Characters that text in some language needs, each with its context. All others of CLASS count as unseen. */
const HARMLESS = [
  String.raw`\r(?=\n)`,
  // Variation selectors of an emoji. After a digit, only in a keycap.
  String.raw`(?<=(?![0-9#*])\p{Emoji})[\uFE0E\uFE0F]`,
  String.raw`(?<=[0-9#*])[\uFE0E\uFE0F](?=\u20E3)`,
  // Registered variants of an ideograph: https://www.unicode.org/ivd/
  String.raw`(?<=\p{Ideographic})[\uFE00-\uFE02\u{E0100}-\u{E011F}]`,
  String.raw`(?<=(?=\p{L})\p{sc=Mong})[\u180B-\u180D\u180F]`,
  String.raw`(?<=\p{Extended_Pictographic}\uFE0F?|\p{Emoji_Modifier})\u200D(?=\p{Extended_Pictographic})`,
  `(?<=${JOINING})[\\u200C\\u200D](?=${JOINING})`,
  `(?<=${WITHOUT_SPACES})\\u200B(?=${WITHOUT_SPACES})`,
  `(?<=${RIGHT_TO_LEFT}${NEUTRAL})${DIRECTION_MARK}(?!${DIRECTION_MARK})`,
  `(?<!${DIRECTION_MARK})${DIRECTION_MARK}(?=${NEUTRAL}${RIGHT_TO_LEFT})`,
  String.raw`(?<=(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{M}])\u00AD(?=(?!\p{Default_Ignorable_Code_Point})\p{L})`,
  // Characters of category Cf that are visible.
  String.raw`[\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\u{110BD}\u{110CD}]`,
].join('|');

const CANDIDATES = new RegExp(`${FLAG}|(?![\\t\\n])[${CLASS}]`, 'gu');
const HARMLESS_HERE = new RegExp(HARMLESS, 'uy');

/**
 * Replaces each invisible character, except characters that some language needs there. Linear in the length of the text.
 */
function replaceUnseen(text: string, write: (character: string) => string): string {
  return text.replace(CANDIDATES, (character, at: number) => {
    // Only a flag has more than two units.
    if (character.length > 2) return character;
    HARMLESS_HERE.lastIndex = at;
    return HARMLESS_HERE.test(text) ? character : write(character);
  });
}

/** Replaces invisible characters with escapes such as `\u200b`. */
export function showUnseen(text: string): string {
  return replaceUnseen(text, escapeCharacter);
}

/** Removes invisible characters. */
export function removeUnseen(text: string): string {
  return replaceUnseen(text, () => '');
}

/** Counts invisible characters. */
export function countUnseen(text: string): number {
  let count = 0;
  replaceUnseen(text, () => {
    count += 1;
    return '';
  });
  return count;
}

/** Stricter: also characters that some language needs, characters without a glyph, tabs, and blanks that look like a space. */
const NOT_PLAIN = new RegExp(String.raw`(?!\n)[${CLASS}\p{Co}\p{Cn}]|(?! )\p{Zs}`, 'gu');

/** Makes every character visible: two different texts never look the same because a character has no glyph. */
export function escapeAllUnseen(text: string): string {
  return text.replace(NOT_PLAIN, escapeCharacter);
}

/** True if `escapeAllUnseen` would write a character as an escape. */
export function needsEscape(character: string): boolean {
  return escapeAllUnseen(character) !== character;
}

function escapeCharacter(character: string): string {
  const units = [...Array(character.length).keys()].map((at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

/** Stricter than `removeUnseen`: also removes characters that some language needs there. */
export function removeEveryUnseen(text: string): string {
  return text.replace(EVERYWHERE, '');
}

const EVERYWHERE = new RegExp(`(?![\\t\\n])[${CLASS}]`, 'gu');
