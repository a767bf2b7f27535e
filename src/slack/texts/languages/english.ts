import type { IgnoredSetting } from '../../../approval/model/run/ignored-setting.ts';
import {
  capitalize,
  createDeciderWords,
  createWords,
  type DecisionFilter,
  type DecisionWords,
  endSentence,
  fullStop,
  type Reason,
} from '../words.ts';

const words = createWords('en-US');

const { formatCount, formatNumber, plural, formatList, formatDuration, formatDay } = words;

const { nameEveryone, nameAnyone, beginWithAnyone } = createDeciderWords(words, {
  inChannel: ['anyone in this channel', 'people in this channel'],
  unnamed: ['one person', '# people'],
  more: ['one other', '# others'],
});

const RULE = 'the expiry rule';

const IGNORED: Readonly<Record<IgnoredSetting, string>> = {
  task_webhook_url_invalid: "the task webhook's URL isn't valid",
  step_webhook_url_invalid: "the step webhook's URL isn't valid",
  crew_webhook_url_invalid: "the crew webhook's URL isn't valid",
  human_input_webhook_url_invalid: "the human-input webhook's URL isn't valid",
  channel_invalid: "its channel isn't valid",
  channel_not_of_crew: "its channel isn't one of this crew's channels",
  approvers_invalid: 'some of its approvers are not IDs of Slack users or user groups',
  approvers_not_of_crew: 'some of its approvers are not approvers of this crew',
  requested_by_invalid: "the person who started it isn't a Slack user ID or an email address",
};

const UNNAMED = 'Output without a name';

const SPELLED = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

const spellOut = (count: number) => SPELLED[count] ?? formatCount(count);

/** "3rd" */
function formatOrdinal(count: number): string {
  const endings: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' };
  return `${formatCount(count)}${endings[ORDINALS.select(count)] ?? 'th'}`;
}

const ORDINALS = new Intl.PluralRules('en-US', { type: 'ordinal' });

function inCrew(crew: string | undefined): string {
  return crew === undefined ? '' : ` in ${crew}`;
}

/** Decisions of a person, of a crew, since a date. */
function limitDecisions({ by, crew, since }: DecisionFilter): string {
  const person = by === undefined ? '' : ` by ${by}`;
  return `${person}${inCrew(crew)}${since === undefined ? '' : ` since ${since}`}`;
}

/** At the beginning of a sentence. */
function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'An' : 'A'} ${noun}`;
}

/** "Approved by @Ana today" */
function writeDecision({ action, option, by, when }: DecisionWords): string {
  const what = {
    approve: 'Approved',
    request_revision: 'Revision requested',
    choose: option === undefined ? 'Answered' : `${option} chosen`,
  }[action];
  return `${what} by ${by ?? RULE}${when === undefined ? '' : ` ${when}`}`;
}

function decidedBefore({ action, option, by, when }: DecisionWords): string {
  const what = {
    approve: 'approved this',
    request_revision: 'requested a revision',
    choose: option === undefined ? 'answered this' : `chose ${option}`,
  }[action];
  return `${by ?? capitalize(RULE)} already ${what}${when === undefined ? '' : ` ${when}`}`;
}

function explainDecision(decision: DecisionWords | undefined): string {
  return decision ? ` ${decidedBefore(decision)}.` : '';
}

/** `via`: CrewAI's word for how a review was answered. */
function writeResolved(via: string | undefined, when?: string): string {
  const way = (via && RESOLVED[via]) || 'resolved elsewhere';
  return when === undefined ? `This was ${way}.` : `This was ${way} ${when}.`;
}

const RESOLVED: Readonly<Record<string, string>> = {
  crewai: 'answered in CrewAI',
  dashboard: "answered in CrewAI's dashboard",
  email: 'answered by email',
  timeout: 'answered by its timeout',
};

function yourDecision(person: string | undefined): string {
  return person === undefined ? `The decision of ${RULE}` : `${person}, your decision`;
}

/** "press (*draft*)" */
function nameYourRun(crew: string, task: string | undefined): string {
  return task === undefined ? crew : `${crew} (${task})`;
}

/** "@Ben, press: *Draft*", "@Ben, this", "This". */
function beginWith(people: string | undefined, subject: string | undefined): string {
  return `${address(people)}${subject ?? (people === undefined ? 'This' : 'this')}`;
}

function address(person: string | undefined): string {
  return person === undefined ? '' : `${person}, `;
}

function giveReason(reason: Reason | undefined): string {
  if (!reason) return '';
  return reason.isSentence ? `. ${reason.text}` : `: ${reason.text}`;
}

export const english = {
  words,
  formatCount,
  formatNumber,
  plural,
  formatList,
  formatDuration,
  formatDay,
  nameEveryone,
  nameAnyone,
  beginWithAnyone,
  RULE,
  IGNORED,
  UNNAMED,
  SPELLED,
  spellOut,
  formatOrdinal,
  ORDINALS,
  inCrew,
  limitDecisions,
  withArticle,
  writeDecision,
  decidedBefore,
  explainDecision,
  writeResolved,
  RESOLVED,
  yourDecision,
  nameYourRun,
  beginWith,
  address,
  giveReason,
  capitalize,
  createDeciderWords,
  endSentence,
  fullStop,
};
