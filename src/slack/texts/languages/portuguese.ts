import {
  capitalize,
  chooseFullStop,
  createDeciderWords,
  createWords,
  endSentence,
  type Reason,
  takesSingularVerb,
} from '../words.ts';

const LOCALE = 'pt-BR';

const words = createWords(LOCALE);

const { formatCount, formatNumber, plural, formatList, formatDuration, formatDay } = words;

const { nameEveryone, nameAnyone, nameAnyoneCapitalized } = createDeciderWords(words, {
  channel: ['qualquer pessoa deste canal', 'pessoas deste canal'],
  card_channel: ['qualquer pessoa do canal do cartão', 'pessoas do canal do cartão'],
  unnamed: ['uma pessoa', '# pessoas'],
  more: ['mais uma pessoa', 'mais # pessoas'],
});

const EXPIRY_RULE = 'regra de prazo';

const UNNAMED = 'Saída sem nome';

/** Names the actor: "por @Ana", or the rule with its article: "pela regra de prazo". */
function nameActorInPortuguese(by: string | undefined): string {
  return by === undefined || by === EXPIRY_RULE ? `pela ${EXPIRY_RULE}` : `por ${by}`;
}

/** Names the owner: "de @Ana", or the rule with its article: "da regra de prazo". */
function nameOwnerInPortuguese(by: string | undefined): string {
  return by === undefined || by === EXPIRY_RULE ? `da ${EXPIRY_RULE}` : `de ${by}`;
}

function giveReasonInPortuguese(reason: Reason | undefined): string {
  if (!reason) return '';
  return reason.isSentence ? `. ${reason.text}` : `: ${reason.text}`;
}

export const portuguese = {
  formatCount,
  UNNAMED,
  plural,
  formatDay,
  nameActorInPortuguese,
  EXPIRY_RULE,
  endSentence,
  nameAnyoneCapitalized,
  isOnePerson: takesSingularVerb,
  formatList,
  nameEveryone,
  nameAnyone,
  fullStop: chooseFullStop,
  nameOwnerInPortuguese,
  giveReasonInPortuguese,
  formatNumber,
  formatDuration,
  capitalize,
};
