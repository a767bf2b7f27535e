import {
  capitalize,
  chooseFullStop,
  createDeciderWords,
  createWords,
  endSentence,
  type Reason,
  takesSingularVerb,
} from '../words.ts';

const words = createWords('es-419');

const { formatCount, formatNumber, plural, formatList, formatDay } = words;

const { nameEveryone, nameAnyone, nameAnyoneCapitalized } = createDeciderWords(words, {
  channel: ['cualquier persona de este canal', 'personas de este canal'],
  card_channel: ['cualquier persona del canal de la tarjeta', 'personas del canal de la tarjeta'],
  unnamed: ['una persona', '# personas'],
  more: ['una persona más', '# personas más'],
});

// es-419 writes two days as "2 dd.", which nobody understands as days.
const { formatDuration } = createWords('es-MX');

const EXPIRY_RULE = 'la regla de vencimiento';

const UNNAMED = 'Resultado sin nombre';

function giveReasonInSpanish(reason: Reason | undefined): string {
  if (!reason) return '';
  return reason.isSentence ? `. ${reason.text}` : `: ${reason.text}`;
}

export const spanish = {
  formatCount,
  UNNAMED,
  plural,
  formatDay,
  EXPIRY_RULE,
  endSentence,
  nameAnyoneCapitalized,
  isOnePerson: takesSingularVerb,
  formatList,
  nameEveryone,
  nameAnyone,
  fullStop: chooseFullStop,
  giveReasonInSpanish,
  formatNumber,
  formatDuration,
  capitalize,
};
