import type { Refusal } from '../../../approval/lifecycle/refusal.ts';
import type { Decision } from '../../../approval/model/round.ts';
import type { LookUpRefusal } from '../../../approval/queries/look-up.ts';
import type { Texts } from '../../texts/texts.ts';
import { labelOptions } from '../card/options.ts';
import { formatDate } from './elements.ts';
import { escapeLine } from './escape.ts';
import { buildDecisionWords, mention } from './names.ts';

/** Tells a reader why an output was not shown. `link`: to the current card. */
export function describeReadingRefusal(texts: Texts, refusal: Refusal, link: string | undefined): string {
  const sentences: Readonly<Partial<Record<Refusal['code'], string>>> = texts.refusals.read;
  return addCardLink(texts, sentences[refusal.code] ?? describeCause(texts, refusal), refusal, link);
}

/** Tells a person why their action was refused. `link`: to the current card. */
export function describeRefusal(texts: Texts, refusal: Refusal, link: string | undefined): string {
  return addCardLink(texts, describeCause(texts, refusal), refusal, link);
}

function addCardLink(texts: Texts, sentence: string, refusal: Refusal, link: string | undefined): string {
  if (link === undefined) return sentence;
  if (refusal.code === 'open_card') return `${sentence} <${link}|${texts.actions.openCard}>`;
  const isOld = refusal.code === 'superseded' || refusal.code === 'other_output';
  return isOld ? `${sentence} <${link}|${texts.actions.seeCurrentCard}>` : sentence;
}

function describeCause(texts: Texts, refusal: Refusal): string {
  const prepare = (decision: Decision) =>
    buildDecisionWords(texts, decision, {
      isTool: 'isTool' in refusal && refusal.isTool === true,
      number: 'optionNumber' in refusal ? refusal.optionNumber : undefined,
    });
  switch (refusal.code) {
    case 'claimed':
      return texts.refusals.claimed(mention(refusal.by));
    case 'not_undone':
      return texts.refusals.undo[refusal.why];
    case 'permission_ended':
      return texts.refusals.permissionEnded(mention(refusal.by), formatDate(texts, refusal.at));
    case 'already_decided':
      return texts.refusals.alreadyDecided(prepare(refusal.decision));
    case 'superseded':
      return texts.refusals.superseded(refusal.current, refusal.decision && prepare(refusal.decision));
    case 'closed': {
      const { runEnded, closed, resolvedElsewhere, withdrawn, lapsed, noApprovers, hiddenFields } =
        texts.refusals;
      const { status, decision, lapsed: lapseReason } = refusal;
      if (lapseReason === 'no_approvers') return noApprovers;
      if (lapseReason === 'hidden_fields') return hiddenFields;
      if (lapseReason) return lapsed(decision && prepare(decision));
      const writersByStatus = { run_ended: runEnded, given_up: closed, withdrawn } as const;
      const writeSentence =
        status in writersByStatus
          ? writersByStatus[status as keyof typeof writersByStatus]
          : resolvedElsewhere;
      return writeSentence(decision && prepare(decision));
    }
    case 'no_such_option': {
      const { options } = refusal;
      if (!options) return texts.refusals.decideByButtons;
      if (options.length === 0) return texts.refusals.decideInWords;
      return texts.refusals.decideByOptions(
        labelOptions(texts, options)
          .slice(0, 10)
          .map((option) => `*${escapeLine(option, 75)}*`),
      );
    }
    case 'answer_in_crewai':
      return describeBlockedHost(texts, refusal.host);
    default:
      return texts.refusals.decide[refusal.code];
  }
}

/** Explains that the settings do not allow the host to which CrewAI wants the answer sent. */
export function describeBlockedHost(texts: Texts, host: string | undefined): string {
  return texts.refusals.answerInCrewAI(host && escapeLine(host, 100));
}

/** Tells a person why a look-up shows nothing. */
export function describeLookUpRefusal(texts: Texts, refusal: LookUpRefusal): string {
  switch (refusal.code) {
    case 'may_not_look':
      return texts.refusals.mayNotLook;
    case 'cannot_check':
      return texts.refusals.cannotCheckLookUp;
    case 'unknown_crew': {
      const crews = escapeLine(refusal.crews.join(', '), 1_000);
      return texts.refusals.unknownCrew(escapeLine(refusal.crew, 64), crews);
    }
    case 'ambiguous':
      return texts.refusals.ambiguousRun(escapeLine(refusal.text, 100));
  }
}

export function describeNotFound(texts: Texts, id: string): string {
  return texts.refusals.notFound(escapeLine(id, 100));
}

/** Suggests the most similar command, as a continuation of a sentence; empty: no command is similar. */
export function suggestCommand(texts: Texts, nearest: string | undefined): string {
  return nearest ? ` ${texts.refusals.didYouMean(`\`${nearest}\``)}` : '';
}
