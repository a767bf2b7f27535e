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

const words = createWords('es-419');

const { formatCount, formatNumber, plural, formatList, formatDay } = words;

const { nameEveryone, nameAnyone, beginWithAnyone } = createDeciderWords(words, {
  inChannel: ['cualquier persona de este canal', 'personas de este canal'],
  unnamed: ['una persona', '# personas'],
  more: ['una persona más', '# personas más'],
});

// es-419 writes two days as "2 dd.", which nobody reads as days.
const { formatDuration } = createWords('es-MX');

const RULE = 'la regla de vencimiento';

const IGNORED: Readonly<Record<IgnoredSetting, string>> = {
  task_webhook_url_invalid: 'la URL del webhook de tareas no es válida',
  step_webhook_url_invalid: 'la URL del webhook de pasos no es válida',
  crew_webhook_url_invalid: 'la URL del webhook del crew no es válida',
  human_input_webhook_url_invalid: 'la URL del webhook de intervención humana no es válida',
  channel_invalid: 'su canal no es válido',
  channel_not_of_crew: 'su canal no es uno de los canales de este crew',
  approvers_invalid: 'algunos de sus aprobadores no son ID de usuarios ni de grupos de usuarios de Slack',
  approvers_not_of_crew: 'algunos de sus aprobadores no son aprobadores de este crew',
  requested_by_invalid: 'quien la inició no es un ID de usuario de Slack ni un correo electrónico',
};

const UNNAMED = 'Resultado sin nombre';

function inCrewInSpanish(crew: string | undefined): string {
  return crew === undefined ? '' : ` en ${crew}`;
}

/** Decisions of a person, of a crew, since a date. */
function limitDecisionsInSpanish({ by, crew, since }: DecisionFilter): string {
  const person = by === undefined ? '' : ` de ${by}`;
  return `${person}${inCrewInSpanish(crew)}${since === undefined ? '' : ` desde ${since}`}`;
}

/** "Aprobado por @Ana, hoy, 15:30". `by` may be several people, so no verb agrees with it. */
function writeDecisionInSpanish({ action, option, by = RULE, when }: DecisionWords): string {
  const what = {
    approve: `Aprobado por ${by}`,
    request_revision: `Cambios pedidos por ${by}`,
    choose: option === undefined ? `Respuesta de ${by}` : `Respuesta ${option} de ${by}`,
  }[action];
  return when === undefined ? what : `${what}, ${when}`;
}

/** By one person. */
function decidedBeforeInSpanish({ action, option, by, when }: DecisionWords): string {
  const what = {
    approve: 'ya aprobó esto',
    request_revision: 'ya pidió cambios',
    choose: option === undefined ? 'ya respondió a esto' : `ya eligió ${option}`,
  }[action];
  const decided = `${by ?? capitalize(RULE)} ${what}`;
  return when === undefined ? decided : `${decided} (${when})`;
}

function explainDecisionInSpanish(decision: DecisionWords | undefined): string {
  return decision ? ` ${decidedBeforeInSpanish(decision)}.` : '';
}

/** `via`: CrewAI's word for how a review was answered. */
function writeResolvedInSpanish(via: string | undefined, when?: string): string {
  const way = (via && RESOLVED[via]) || 'Se resolvió en otro lugar';
  return when === undefined ? `${way}.` : `${way} (${when}).`;
}

const RESOLVED: Readonly<Record<string, string>> = {
  crewai: 'Se respondió en CrewAI',
  dashboard: 'Se respondió en el panel de CrewAI',
  email: 'Se respondió por correo electrónico',
  timeout: 'Se respondió al vencer su plazo',
};

function yourDecisionInSpanish(person: string | undefined): string {
  return person === undefined ? `La decisión de ${RULE}` : `${person}, tu decisión`;
}

/** "press (*draft*)" */
function nameYourRunInSpanish(crew: string, task: string | undefined): string {
  return task === undefined ? crew : `${crew} (${task})`;
}

function addressInSpanish(person: string | undefined): string {
  return person === undefined ? '' : `${person}, `;
}

function giveReasonInSpanish(reason: Reason | undefined): string {
  if (!reason) return '';
  return reason.isSentence ? `. ${reason.text}` : `: ${reason.text}`;
}

export const spanish = {
  words,
  formatCount,
  formatNumber,
  plural,
  formatList,
  formatDay,
  nameEveryone,
  nameAnyone,
  beginWithAnyone,
  formatDuration,
  RULE,
  IGNORED,
  UNNAMED,
  inCrewInSpanish,
  limitDecisionsInSpanish,
  writeDecisionInSpanish,
  decidedBeforeInSpanish,
  explainDecisionInSpanish,
  writeResolvedInSpanish,
  RESOLVED,
  yourDecisionInSpanish,
  nameYourRunInSpanish,
  addressInSpanish,
  giveReasonInSpanish,
  capitalize,
  createDeciderWords,
  endSentence,
  fullStop,
  isOnePerson,
};
