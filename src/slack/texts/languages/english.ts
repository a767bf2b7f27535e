import {
  capitalize,
  chooseFullStop,
  createDeciderWords,
  createWords,
  endSentence,
  type Reason,
} from '../words.ts';

const words = createWords('en-US');

const { formatCount, formatNumber, plural, formatList, formatDuration, formatDay } = words;

const { nameEveryone, nameAnyone, nameAnyoneCapitalized } = createDeciderWords(words, {
  channel: ['anyone in this channel', 'people in this channel'],
  card_channel: ["anyone in the card's channel", "people in the card's channel"],
  unnamed: ['one person', '# people'],
  more: ['one other', '# others'],
});

const EXPIRY_RULE = 'the expiry rule';

const UNNAMED = 'Output without a name';

function giveReason(reason: Reason | undefined): string {
  if (!reason) return '';
  return reason.isSentence ? `. ${reason.text}` : `: ${reason.text}`;
}

export const english = {
  formatCount,
  UNNAMED,
  plural,
  formatDay,
  EXPIRY_RULE,
  endSentence,
  nameAnyoneCapitalized,
  formatList,
  capitalize,
  nameEveryone,
  nameAnyone,
  fullStop: chooseFullStop,
  giveReason,
  formatNumber,
  formatDuration,
};
