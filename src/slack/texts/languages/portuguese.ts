import type { IgnoredSetting } from '../../../approval/model/run/ignored-setting.ts';

import {
  capitalize,
  createDeciderWords,
  createWords,
  type DecisionFilter,
  type DecisionWords,
  endSentence,
  fullStop,
  isOnePerson,
  type Reason,
} from '../words.ts';

const LOCALE = 'pt-BR';

const words = createWords(LOCALE);

const { formatCount, formatNumber, plural, formatList, formatDuration, formatDay } = words;

const { nameEveryone, nameAnyone, beginWithAnyone } = createDeciderWords(words, {
  inChannel: ['qualquer pessoa deste canal', 'pessoas deste canal'],
  unnamed: ['uma pessoa', '# pessoas'],
  more: ['mais uma pessoa', 'mais # pessoas'],
});

const RULE = 'regra de prazo';

const IGNORED: Readonly<Record<IgnoredSetting, string>> = {
  task_webhook_url_invalid: 'a URL do webhook de tarefas não é válida',
  step_webhook_url_invalid: 'a URL do webhook de etapas não é válida',
  crew_webhook_url_invalid: 'a URL do webhook da crew não é válida',
  human_input_webhook_url_invalid: 'a URL do webhook de entrada humana não é válida',
  channel_invalid: 'o canal não é válido',
  channel_not_of_crew: 'o canal não é um dos canais desta crew',
  approvers_invalid: 'alguns aprovadores não são IDs de usuários ou grupos de usuários do Slack',
  approvers_not_of_crew: 'alguns aprovadores não são aprovadores desta crew',
  requested_by_invalid: 'quem iniciou a execução não tem um ID de usuário do Slack nem um endereço de e-mail',
};

const UNNAMED = 'Saída sem nome';

/** The decisions that are typed, by their English verb. */
const _COMMANDS_IN_PORTUGUESE: Readonly<Record<string, string>> = {
  approve: 'aprovar',
  revise: 'revisar',
  choose: 'escolher',
};

function nameCrewInPortuguese(crew: string | undefined): string {
  return crew === undefined ? '' : ` na crew ${crew}`;
}

function limitDecisionsInPortuguese({ by, crew, since }: DecisionFilter): string {
  const person = by === undefined ? '' : ` de ${by}`;
  return `${person}${nameCrewInPortuguese(crew)}${since === undefined ? '' : ` desde ${since}`}`;
}

/** "por @Ana", or the rule with its article. */
function nameActorInPortuguese(by: string | undefined): string {
  return by === undefined || by === RULE ? `pela ${RULE}` : `por ${by}`;
}

/** "de @Ana", or the rule with its article. */
function nameOwnerInPortuguese(by: string | undefined): string {
  return by === undefined || by === RULE ? `da ${RULE}` : `de ${by}`;
}

/**
 * "Aprovado por @Ana, hoje, 15:00". A comma or a parenthesis stands before each time, since Slack writes "hoje" or a
 * date, and only the date would need "em".
 */
function writeDecisionInPortuguese({ action, option, by, when }: DecisionWords): string {
  const what = {
    approve: 'Aprovado',
    request_revision: 'Revisão solicitada',
    choose: option === undefined ? 'Respondido' : `Resposta ${option} escolhida`,
  }[action];
  return `${what} ${nameActorInPortuguese(by)}${when === undefined ? '' : `, ${when}`}`;
}

function writeEarlierDecisionInPortuguese({ action, option, by, when }: DecisionWords): string {
  const what = {
    approve: 'Já aprovado',
    request_revision: 'Revisão já solicitada',
    choose: option === undefined ? 'Já respondido' : `Resposta ${option} já escolhida`,
  }[action];
  return `${what} ${nameActorInPortuguese(by)}${when === undefined ? '' : ` (${when})`}`;
}

function explainDecisionInPortuguese(decision: DecisionWords | undefined): string {
  return decision ? ` ${writeEarlierDecisionInPortuguese(decision)}.` : '';
}

/** `via`: CrewAI's word for how a review was answered. */
function writeResolvedInPortuguese(via: string | undefined, when?: string): string {
  const way = (via && RESOLVED_IN_PORTUGUESE[via]) || 'Esta aprovação foi resolvida em outro lugar';
  return when === undefined ? `${way}.` : `${way} (${when}).`;
}

const RESOLVED_IN_PORTUGUESE: Readonly<Record<string, string>> = {
  crewai: 'A resposta foi dada no CrewAI',
  dashboard: 'A resposta foi dada no painel do CrewAI',
  email: 'A resposta foi dada por e-mail',
  timeout: 'O prazo venceu no CrewAI, que respondeu automaticamente',
};

function nameYourDecisionInPortuguese(person: string | undefined): string {
  return person === undefined ? `A decisão da ${RULE}` : `${person}, sua decisão`;
}

/** "crew press (*draft*)" */
function nameYourRunInPortuguese(crew: string, task: string | undefined): string {
  return task === undefined ? `crew ${crew}` : `crew ${crew} (${task})`;
}

function addressInPortuguese(person: string | undefined): string {
  return person === undefined ? '' : `${person}, `;
}

function giveReasonInPortuguese(reason: Reason | undefined): string {
  if (!reason) return '';
  return reason.isSentence ? `. ${reason.text}` : `: ${reason.text}`;
}

export const portuguese = {
  LOCALE,
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
  _COMMANDS_IN_PORTUGUESE,
  nameCrewInPortuguese,
  limitDecisionsInPortuguese,
  nameActorInPortuguese,
  nameOwnerInPortuguese,
  writeDecisionInPortuguese,
  writeEarlierDecisionInPortuguese,
  explainDecisionInPortuguese,
  writeResolvedInPortuguese,
  RESOLVED_IN_PORTUGUESE,
  nameYourDecisionInPortuguese,
  nameYourRunInPortuguese,
  addressInPortuguese,
  giveReasonInPortuguese,
  capitalize,
  createDeciderWords,
  endSentence,
  fullStop,
  isOnePerson,
};
