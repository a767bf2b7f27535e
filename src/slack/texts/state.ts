import type { Progress } from '../../approval/card-facts.ts';
import type { RoundStatus } from '../../approval/model/round.ts';
import { english } from './languages/english.ts';
import { portuguese } from './languages/portuguese.ts';
import { spanish } from './languages/spanish.ts';
import type { DecisionWords } from './words.ts';

/** Writes a decision: "Approved by @Ana today". */
function writeDecision({ action, option, by = english.EXPIRY_RULE, when }: DecisionWords): string {
  const actionText = {
    approve: `Approved by ${by}`,
    request_revision: `Revision requested by ${by}`,
    choose: option === undefined ? `Answered by ${by}` : `${english.capitalize(by)} chose ${option}`,
  }[action];
  return when === undefined ? actionText : `${actionText} ${when}`;
}

/** Writes how a review was resolved. `via`: CrewAI's word for the way. */
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

const en = {
  rejected: 'CrewAI rejected it.',

  mayHaveContinued:
    'Another task of this run has finished since, so the run may have continued without a decision.',
  runGoesSilent: "CrewAI won't report back on this run. Ask the bot's admin to fix this.",
  undecidableUnnamed:
    "No one can decide this: CrewAI didn't name the task, and no one is an approver of every task.",
  changeApprovers: "Ask the bot's admin to change the approvers, or close this without a decision.",
  irreversible: 'The action is irreversible once it runs.',
  tooFewApprovers: (able: number, required: number) => {
    if (able === 0) return 'There is no one left who can decide this.';
    return `${english.formatCount(required)} people have to approve this, and only ${english.plural(able, 'one', '#')} can.`;
  },
  approvals: (approved: number, required: number, people: string) =>
    `${english.formatCount(approved)} of ${english.formatCount(required)} approved${people === '' ? '' : `: ${people}`}.`,
  /** `option`: undefined for an answer in free text. */
  votes: (required: number, votes: readonly { option?: string | undefined; people: readonly string[] }[]) => {
    const voteCounts = votes.map(
      ({ option = 'another answer', people }) =>
        `${option} ${english.formatCount(people.length)} of ${english.formatCount(required)}: ${people.join(', ')}`,
    );
    const requirement = `${english.formatCount(required)} people have to choose the same answer.`;
    return voteCounts.length === 0 ? requirement : `${requirement} ${voteCounts.join('; ')}.`;
  },
  assigned: (person: string) => `${person} was asked to decide.`,
  claimed: (person: string) => `${person} is on it.`,
  expired: (when: string) => `The deadline passed ${when}. You can still decide.`,
  ruleExhausted:
    'The crew has been sent back automatically three times in a row. A person has to decide now.',

  decision: writeDecision,
  decided: (decision: DecisionWords) => `${writeDecision(decision)}.`,
  sending: 'Sending it to CrewAI…',
  canBeUndone: (when: string) =>
    `The decision will be sent ${when}. Click *Undo* before then to take it back.`,
  retrying: "I'll keep trying.",
  notDelivered: "It wasn't delivered.",
  mayHaveArrived: 'It may have reached CrewAI.',
  mayHaveArrivedUnanswered: "It may have reached CrewAI, but it didn't respond.",
  earlierMayHaveArrived: 'An earlier attempt may have reached CrewAI.',
  retrySendsAgain: '*Retry* sends the same decision again.',
  closeEndsThis: '*Close without a decision* ends this approval.',
  /** For a decision that waits until the program that asked fetches it. */
  notFetched: "The program that asked hasn't picked it up yet.",
  /** For programs to which the bot also sends the answer. */
  pushFailed: {
    not_taken: "The program that asked didn't accept the answer when I sent it, but can still fetch it.",
    not_allowed: "I can't send it the answer, since my settings don't allow its address. I'll keep trying.",
  },
  /** `next`: the program's next step, in its own words. */
  received: (next?: string) =>
    next === undefined
      ? 'The program has received the answer.'
      : `The program has received the answer: ${next}`,
  /** `task`: the task that the crew or the Flow continues with. */
  goesOn: (asker: 'crew' | 'flow', task?: string) =>
    `Decision sent. The ${asker === 'flow' ? 'Flow' : 'crew'} goes on${task === undefined ? '' : ` with ${task}`}.`,
  notHeardOf: (asker: 'crew' | 'flow') =>
    `Decision sent. Waiting for confirmation that the ${asker === 'flow' ? 'Flow' : 'crew'} has continued.`,
  acceptedOtherwise: (says: string) => `CrewAI accepted it and says "${says}".`,
  superseded: (when: string) => `A newer output replaced this one ${when}.`,
  noLongerWaiting: 'CrewAI was no longer waiting.',
  notWaiting: (when: string) => `Closed ${when}: this task didn't need a decision.`,
  resolved: writeResolved,
  runEnded: (when: string) => `The run ended ${when}, before anyone decided.`,
  runEndedFirst: (when: string) => `The run ended ${when}, before CrewAI accepted it.`,
  runEndedMaybeLater: (when: string) => `The run ended ${when}. CrewAI may have accepted it before that.`,
  runEndedUnfetched: (when: string) => `The run ended ${when}, before the program picked it up.`,
  withdrawn: (when: string) => `The program that asked withdrew this question ${when}.`,
  noApprovers: (when: string) =>
    `Closed ${when}: it needs named approvers, and there are none. Ask the bot's admin to set them.`,
  hiddenFields: (when: string) =>
    `Closed ${when}: it asks for a hidden value, and a form in Slack is not a place for secrets.`,
  lapsed: (when: string) => `Closed ${when}: the program that asked is no longer running.`,
  closed: (person: string, when: string) => `Closed without a decision by ${person} ${when}.`,
  decisionMayHaveArrived: 'The earlier decision may have reached CrewAI.',

  /** Summaries of a program's question. */
  summaryNotFetched: (option?: string) =>
    option === undefined ? 'decided, not picked up yet' : `answered ${option}, not picked up yet`,
  summaryNotSent: 'decided, can still be undone',
  summaryNoApprovers: 'closed, no approvers are named',
  summaryHiddenFields: 'closed, it asks for a hidden value',
  summaryLapsed: 'closed, its program stopped',
  /** The state in a few words, for a list. `option`: chosen option; `progress`: progress of an accepted decision. */
  summary: (state: RoundStatus, progress: Progress | 'finished', option?: string) => {
    const progressText = {
      sent: 'sent',
      accepted: 'sent',
      continued: 'the run goes on',
      fetched: 'received by the program',
      finished: 'the run has finished',
    }[progress];
    return {
      waiting: 'waiting for a decision',
      sending: 'decided, being sent to CrewAI',
      refused: 'decided, rejected by CrewAI',
      undelivered: 'decided, not delivered',
      approved: `approved, ${progressText}`,
      revision_requested: `revision requested, ${progressText}`,
      answered: `answered${option === undefined ? '' : ` ${option}`}, ${progressText}`,
      superseded: 'replaced by a newer output',
      resolved_elsewhere: 'resolved elsewhere',
      run_ended: 'the run ended',
      given_up: 'closed without a decision',
      withdrawn: 'withdrawn',
    }[state];
  },
};

/**
 * Writes a decision: "Aprovado por @Ana, hoje, 15:00". A comma or a parenthesis comes before each time, because Slack writes
 * "hoje" or a date, and only the date would need "em".
 */
function writeDecisionInPortuguese({ action, option, by, when }: DecisionWords): string {
  const actionText = {
    approve: 'Aprovado',
    request_revision: 'Revisão solicitada',
    choose: option === undefined ? 'Respondido' : `Resposta ${option} escolhida`,
  }[action];
  return `${actionText} ${portuguese.nameActorInPortuguese(by)}${when === undefined ? '' : `, ${when}`}`;
}

/** Writes how a review was resolved. `via`: CrewAI's word for the way. */
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

const ptBR: typeof en = {
  rejected: 'O CrewAI rejeitou a decisão.',

  mayHaveContinued:
    'Outra tarefa desta execução terminou depois, então a execução talvez tenha continuado sem decisão.',
  runGoesSilent:
    'O CrewAI não vai dar retorno sobre esta execução. Peça a quem administra o bot que corrija isso.',
  undecidableUnnamed:
    'Ninguém pode decidir: o CrewAI não informou a tarefa, e ninguém é aprovador de todas as tarefas.',
  changeApprovers: 'Peça a quem administra o bot que altere os aprovadores, ou encerre sem decisão.',
  irreversible: 'Depois de executada, a ação é irreversível.',
  tooFewApprovers: (able, required) => {
    if (able === 0) return 'Não resta ninguém que possa decidir.';
    return `${portuguese.formatCount(required)} pessoas precisam aprovar, mas só ${portuguese.plural(able, 'uma pode', '# podem')}.`;
  },
  approvals: (approved, required, people) =>
    `${portuguese.formatCount(approved)} de ${portuguese.formatCount(required)} aprovações${people === '' ? '' : `: ${people}`}.`,
  votes: (required, votes) => {
    const voteCounts = votes.map(
      ({ option = 'outra resposta', people }) =>
        `${option} ${portuguese.formatCount(people.length)} de ${portuguese.formatCount(required)}: ${people.join(', ')}`,
    );
    const requirement = `${portuguese.formatCount(required)} pessoas precisam escolher a mesma resposta.`;
    return voteCounts.length === 0 ? requirement : `${requirement} ${voteCounts.join('; ')}.`;
  },
  assigned: (person) => `A decisão foi atribuída a ${person}.`,
  claimed: (person) => `${person} está cuidando disso.`,
  expired: (when) => `O prazo venceu (${when}). Você ainda pode decidir.`,
  ruleExhausted:
    'A crew foi devolvida automaticamente três vezes seguidas. Agora uma pessoa precisa decidir.',

  decision: writeDecisionInPortuguese,
  decided: (decision) => `${writeDecisionInPortuguese(decision)}.`,
  sending: 'Enviando ao CrewAI…',
  canBeUndone: (when) => `A decisão será enviada (${when}). Até lá, clique em *Desfazer* para cancelá-la.`,
  retrying: 'Vou continuar tentando.',
  notDelivered: 'A decisão não foi entregue.',
  mayHaveArrived: 'A decisão talvez tenha chegado ao CrewAI.',
  mayHaveArrivedUnanswered: 'A decisão talvez tenha chegado ao CrewAI, que não respondeu.',
  earlierMayHaveArrived: 'Uma tentativa anterior talvez tenha chegado ao CrewAI.',
  retrySendsAgain: '*Tentar novamente* envia a mesma decisão outra vez.',
  closeEndsThis: '*Encerrar sem decisão* põe fim a esta aprovação.',
  notFetched: 'O programa que perguntou ainda não recebeu a decisão.',
  pushFailed: {
    not_taken: 'O programa que perguntou não aceitou a resposta quando a enviei; ele ainda pode consultá-la.',
    not_allowed:
      'Não posso enviar a resposta a ele, porque minhas configurações não permitem o endereço dele. Vou continuar tentando.',
  },
  received: (next) =>
    next === undefined ? 'O programa já recebeu a resposta.' : `O programa já recebeu a resposta: ${next}`,
  goesOn: (asker, task) =>
    `Decisão enviada. ${asker === 'flow' ? 'O Flow' : 'A crew'} continua${task === undefined ? '' : ` com ${task}`}.`,
  notHeardOf: (asker) =>
    `Decisão enviada. Aguardando a confirmação de que ${asker === 'flow' ? 'o Flow' : 'a crew'} continuou.`,
  acceptedOtherwise: (says) => `O CrewAI aceitou a decisão e informa o estado "${says}".`,
  superseded: (when) => `Uma saída mais recente substituiu esta (${when}).`,
  noLongerWaiting: 'O CrewAI já não aguardava uma decisão.',
  notWaiting: (when) => `Encerrado (${when}): esta tarefa não precisava de decisão.`,
  resolved: writeResolvedInPortuguese,
  runEnded: (when) => `A execução terminou antes de alguém decidir (${when}).`,
  runEndedFirst: (when) => `A execução terminou antes de o CrewAI aceitar a decisão (${when}).`,
  runEndedMaybeLater: (when) =>
    `A execução terminou (${when}). O CrewAI pode ter aceitado a decisão antes disso.`,
  runEndedUnfetched: (when) => `A execução terminou antes de o programa receber a decisão (${when}).`,
  withdrawn: (when) => `O programa que perguntou retirou esta pergunta (${when}).`,
  noApprovers: (when) =>
    `Encerrado (${when}): são necessários aprovadores definidos, e não há nenhum. Fale com quem administra o bot.`,
  hiddenFields: (when) =>
    `Encerrado (${when}): pede um valor oculto, e um formulário no Slack não é lugar para segredos.`,
  lapsed: (when) => `Encerrado (${when}): o programa que perguntou não está mais em execução.`,
  closed: (person, when) => `Encerrado sem decisão por ${person}, ${when}.`,
  decisionMayHaveArrived: 'A decisão anterior talvez tenha chegado ao CrewAI.',

  summaryNotFetched: (option) =>
    option === undefined
      ? 'decidido, o programa ainda não recebeu'
      : `resposta ${option}, o programa ainda não recebeu`,
  summaryNotSent: 'decidido, ainda pode ser desfeito',
  summaryNoApprovers: 'encerrado, sem aprovadores definidos',
  summaryHiddenFields: 'encerrado, pede um valor oculto',
  summaryLapsed: 'encerrado, o programa parou',
  summary: (state: RoundStatus, progress: Progress | 'finished', option?: string) => {
    const progressText = {
      sent: 'decisão enviada',
      accepted: 'decisão enviada',
      continued: 'a execução continua',
      fetched: 'o programa já recebeu',
      finished: 'a execução terminou',
    }[progress];
    return {
      waiting: 'aguarda uma decisão',
      sending: 'decidido, a caminho do CrewAI',
      refused: 'decidido, o CrewAI rejeitou',
      undelivered: 'decidido, não entregue',
      approved: `aprovado, ${progressText}`,
      revision_requested: `revisão solicitada, ${progressText}`,
      answered: `respondido${option === undefined ? '' : ` com ${option}`}, ${progressText}`,
      superseded: 'substituído por uma saída mais recente',
      resolved_elsewhere: 'resolvido em outro lugar',
      run_ended: 'a execução terminou',
      given_up: 'encerrado sem decisão',
      withdrawn: 'pergunta retirada',
    }[state];
  },
};

/** Writes a decision: "Aprobado por @Ana, hoy, 15:30". `by` may be several people, so no verb may depend on their number. */
function writeDecisionInSpanish({ action, option, by = spanish.EXPIRY_RULE, when }: DecisionWords): string {
  const actionText = {
    approve: `Aprobado por ${by}`,
    request_revision: `Cambios pedidos por ${by}`,
    choose: option === undefined ? `Respuesta de ${by}` : `Respuesta ${option} de ${by}`,
  }[action];
  return when === undefined ? actionText : `${actionText}, ${when}`;
}

/** Writes how a review was resolved. `via`: CrewAI's word for the way. */
function writeResolvedInSpanish(via: string | undefined, when?: string): string {
  const way = (via && RESOLVED_IN_SPANISH[via]) || 'Se resolvió en otro lugar';
  return when === undefined ? `${way}.` : `${way} (${when}).`;
}

const RESOLVED_IN_SPANISH: Readonly<Record<string, string>> = {
  crewai: 'Se respondió en CrewAI',
  dashboard: 'Se respondió en el panel de CrewAI',
  email: 'Se respondió por correo electrónico',
  timeout: 'Se respondió al vencer su plazo',
};

const es: typeof en = {
  rejected: 'CrewAI rechazó la decisión.',

  mayHaveContinued:
    'Otra tarea de esta ejecución terminó después, así que es posible que la ejecución haya continuado sin decisión.',
  runGoesSilent:
    'CrewAI no volverá a informar sobre esta ejecución. Pide al administrador del bot que lo corrija.',
  undecidableUnnamed:
    'Nadie puede decidir esto: CrewAI no nombró la tarea, y nadie es aprobador de todas las tareas.',
  changeApprovers: 'Pide al administrador del bot que cambie los aprobadores, o cierra esto sin decidir.',
  irreversible: 'Una vez ejecutada, la acción es irreversible.',
  tooFewApprovers: (able, required) => {
    if (able === 0) return 'Ya no queda nadie que pueda decidir esto.';
    return `Se necesitan ${spanish.formatCount(required)} aprobaciones, y solo ${spanish.plural(able, 'una persona puede', '# personas pueden')} aprobar.`;
  },
  approvals: (approved, required, people) => {
    const count = `Aprobaciones: ${spanish.formatCount(approved)} de ${spanish.formatCount(required)}`;
    return people === '' ? `${count}.` : `${count} (${people}).`;
  },
  votes: (required, votes) => {
    const voteCounts = votes.map(
      ({ option = 'otra respuesta', people }) =>
        `${option} ${spanish.formatCount(people.length)} de ${spanish.formatCount(required)} (${people.join(', ')})`,
    );
    const requirement = `${spanish.formatCount(required)} personas tienen que elegir la misma respuesta.`;
    return voteCounts.length === 0 ? requirement : `${requirement} Votos: ${voteCounts.join('; ')}.`;
  },
  assigned: (person) => `Esto se asignó a ${person}.`,
  claimed: (person) => `${person} se encarga de esto.`,
  expired: (when) => `El plazo venció (${when}). Todavía es posible decidir.`,
  ruleExhausted:
    'El crew se devolvió automáticamente tres veces seguidas. Ahora tiene que decidir una persona.',

  decision: writeDecisionInSpanish,
  decided: (decision) => `${writeDecisionInSpanish(decision)}.`,
  sending: 'Enviando la decisión a CrewAI…',
  canBeUndone: (when) => `La decisión se enviará (${when}). Hasta entonces puedes anularla con *Deshacer*.`,
  retrying: 'Lo seguiré intentando.',
  notDelivered: 'La decisión no se entregó.',
  mayHaveArrived: 'Es posible que la decisión haya llegado a CrewAI.',
  mayHaveArrivedUnanswered: 'Es posible que la decisión haya llegado a CrewAI, pero CrewAI no respondió.',
  earlierMayHaveArrived: 'Es posible que un intento anterior haya llegado a CrewAI.',
  retrySendsAgain: '*Reintentar* envía la misma decisión otra vez.',
  closeEndsThis: '*Cerrar sin decidir* pone fin a esta aprobación.',
  notFetched: 'El programa que preguntó todavía no recibió la decisión.',
  pushFailed: {
    not_taken:
      'El programa que preguntó no aceptó la respuesta cuando se la envié; todavía puede consultarla.',
    not_allowed:
      'No puedo enviarle la respuesta, porque mi configuración no permite su dirección. Seguiré intentándolo.',
  },
  received: (next) =>
    next === undefined
      ? 'El programa ya recibió la respuesta.'
      : `El programa ya recibió la respuesta: ${next}`,
  goesOn: (asker, task) =>
    `Decisión enviada. El ${asker === 'flow' ? 'Flow' : 'crew'} continúa${task === undefined ? '' : ` con ${task}`}.`,
  notHeardOf: (asker) =>
    `Decisión enviada. A la espera de la confirmación de que el ${asker === 'flow' ? 'Flow' : 'crew'} continuó.`,
  acceptedOtherwise: (says) => `CrewAI aceptó la decisión y dice "${says}".`,
  superseded: (when) => `Un resultado más nuevo reemplazó a este (${when}).`,
  noLongerWaiting: 'CrewAI ya no esperaba la decisión.',
  notWaiting: (when) => `Se cerró (${when}): esta tarea no necesitaba una decisión.`,
  resolved: writeResolvedInSpanish,
  runEnded: (when) => `La ejecución terminó (${when}) antes de que alguien decidiera.`,
  runEndedFirst: (when) => `La ejecución terminó (${when}) antes de que CrewAI aceptara la decisión.`,
  runEndedMaybeLater: (when) =>
    `La ejecución terminó (${when}). Es posible que CrewAI haya aceptado antes la decisión.`,
  runEndedUnfetched: (when) =>
    `La ejecución terminó (${when}) antes de que el programa recibiera la decisión.`,
  withdrawn: (when) => `El programa que preguntó retiró esta pregunta (${when}).`,
  noApprovers: (when) =>
    `Se cerró (${when}): hacen falta aprobadores definidos y no hay ninguno. Habla con quien administra el bot.`,
  hiddenFields: (when) =>
    `Se cerró (${when}): pide un valor oculto, y un formulario en Slack no es lugar para secretos.`,
  lapsed: (when) => `Se cerró (${when}): el programa que preguntó ya no está activo.`,
  closed: (person, when) => `${person} cerró esto sin decidir (${when}).`,
  decisionMayHaveArrived: 'Es posible que la decisión anterior haya llegado a CrewAI.',

  summaryNotFetched: (option) =>
    option === undefined
      ? 'decidido, el programa todavía no lo recibió'
      : `respuesta ${option}, el programa todavía no la recibió`,
  summaryNotSent: 'decidido, todavía se puede deshacer',
  summaryNoApprovers: 'cerrado, sin aprobadores definidos',
  summaryHiddenFields: 'cerrado, pide un valor oculto',
  summaryLapsed: 'cerrado, su programa se detuvo',
  summary: (state, progress, option) => {
    const progressText = {
      sent: 'decisión enviada',
      accepted: 'decisión enviada',
      continued: 'la ejecución continúa',
      fetched: 'el programa ya lo recibió',
      finished: 'la ejecución terminó',
    }[progress];
    return {
      waiting: 'pendiente de decisión',
      sending: 'decidido, se está enviando a CrewAI',
      refused: 'decidido, CrewAI lo rechazó',
      undelivered: 'decidido, no se entregó',
      approved: `aprobado, ${progressText}`,
      revision_requested: `se pidieron cambios, ${progressText}`,
      answered: option === undefined ? `respondido, ${progressText}` : `respuesta ${option}, ${progressText}`,
      superseded: 'reemplazado por un resultado más nuevo',
      resolved_elsewhere: 'resuelto en otro lugar',
      run_ended: 'la ejecución terminó',
      given_up: 'cerrado sin decisión',
      withdrawn: 'retirado',
    }[state];
  },
};

/** States of a round and outcomes of decisions. */
export const stateTexts = { en, 'pt-BR': ptBR, es };
