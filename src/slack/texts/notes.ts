import { english } from './languages/english.ts';
import { portuguese } from './languages/portuguese.ts';
import { spanish } from './languages/spanish.ts';
import type { DecisionRequest, Reason } from './words.ts';

function yourDecision(person: string | undefined): string {
  return person === undefined ? 'The automatic decision' : `${person}, your decision`;
}

/** Names a run: "press (*draft*)". */
function nameYourRun(crew: string, task: string | undefined): string {
  return task === undefined ? crew : `${crew} (${task})`;
}

/** Begins a sentence: "@Ben, press: *Draft*", "@Ben, this", "This". */
function beginWith(people: string | undefined, subject: string | undefined): string {
  return `${address(people)}${subject ?? (people === undefined ? 'This' : 'this')}`;
}

function address(person: string | undefined): string {
  return person === undefined ? '' : `${person}, `;
}

const en = {
  notSent: (
    person: string | undefined,
    why: 'superseded' | 'run_ended' | 'given_up' | 'withdrawn' | 'lapsed',
    { by, mayBeRead = false }: { by?: string | undefined; mayBeRead?: boolean } = {},
  ) => {
    const cause = {
      superseded: 'a newer output arrived first',
      run_ended: 'the run ended first',
      given_up: `${by ?? 'someone'} closed this without a decision first`,
      withdrawn: 'the question was withdrawn first',
      lapsed: 'the program that asked is no longer running',
    }[why];
    return mayBeRead
      ? `${yourDecision(person)} wasn't confirmed by the program in time: ${cause}. The program may have read it before that.`
      : `${yourDecision(person)} wasn't sent because ${cause}.`;
  },
  notTaken: (person?: string) =>
    person === undefined
      ? 'CrewAI was no longer waiting for the automatic decision.'
      : `${person}, CrewAI was no longer waiting for your decision.`,
  notAccepted: (person?: string) => `${yourDecision(person)} wasn't accepted.`,
  notArrived: (person?: string) => `${yourDecision(person)} didn't reach CrewAI.`,
  mayHaveArrived: (person?: string) => `${yourDecision(person)} may have reached CrewAI.`,
  mayHaveArrivedUnanswered: (person?: string) =>
    `${yourDecision(person)} may have reached CrewAI, but it didn't respond.`,
  retryOrClose: 'The card above has *Retry* and *Close without a decision*.',
  close: 'The card above has *Close without a decision*.',
  /** `says`: state in CrewAI's answer. */
  answeredOtherwise: (action: 'approve' | 'request_revision', says: string, person?: string) => {
    const decision = action === 'approve' ? 'the approval' : 'the request for a revision';
    const meaning = says === 'retrying' ? 'it is redoing the task' : `the run is ${says}`;
    return `${address(person)}CrewAI accepted ${decision} but says that ${meaning}.`;
  },
  taskDoesNotWait: (person?: string) => `${yourDecision(person)} had no effect: this task didn't need one.`,
  taskDone: (agent: string | undefined, task: string) =>
    `${agent ?? 'The crew'} finished ${task}, which needs no approval.`,
  taskFailed: (task: string, reason?: Reason) => `The task ${task} failed${english.giveReason(reason)}.`,
  runFailed: (person?: string, reason?: Reason) =>
    english.capitalize(`${address(person)}the run failed${english.giveReason(reason)}.`),
  lastMayBeAccepted: 'CrewAI may have accepted the last decision before that.',
  /** `by`: the person who decided; undefined: a rule. */
  runSilent: (since: string, by = english.EXPIRY_RULE) =>
    `CrewAI has reported nothing about this run since the decision of ${by} was sent (${since}).`,
  runFinished: (crew: string) => `The run of ${crew} has finished.`,
  result: (crew: string) => `The run of ${crew} has finished. Its result:`,
  forPeople: (by: string) => `${by} wrote a note for people only:`,
  wholeOutput: 'The whole output is in the file.',
  outputFileRefused: "Slack didn't accept the file with the whole output. *Read in full* shows it.",
  tied: (people: string | undefined, required: number) =>
    `${people === undefined ? 'Everyone' : `${people}, everyone`} who can decide has voted, but no answer has the ${english.plural(required, 'vote', '# votes')} it needs. One of you has to vote again.`,
  cardFrozen: (round: number, state?: string) =>
    `Slack no longer lets me update the card of round ${round}.${state === undefined ? '' : ` It is now: ${state}.`}`,

  /** Requests to decide. */
  asks: {
    waiting: ({ people, subject }) => `${beginWith(people, subject)} is waiting for your decision.`,
    assigned: ({ people, what = 'this' }) =>
      english.capitalize(`${address(people)}you were asked to decide on ${what}.`),
    reminder: ({ people, subject, since }) =>
      `${beginWith(people, subject)} is still waiting for a decision (since ${since}).`,
    escalated: ({ people, subject, since }) =>
      `${beginWith(people, subject)} has been waiting for a decision since ${since}. You can decide now.`,
    expired: ({ people, what }) =>
      english.capitalize(
        `${address(people)}the deadline${what === undefined ? '' : ` of ${what}`} has passed. You can still decide.`,
      ),
  } satisfies Record<string, (request: DecisionRequest) => string>,
  /** `option`: chosen option; undefined: an answer in free text. */
  decidedByRule: (action: 'approve' | 'request_revision' | 'choose', option?: string) => {
    const actionText = {
      approve: 'Approved',
      request_revision: 'Revision requested',
      choose: option === undefined ? 'Answered' : `${option} was chosen`,
    }[action];
    return `${actionText} automatically: no one decided before the deadline.`;
  },
  shownBy: (command: string) => `${command} shows it.`,

  /** `link`: link to the card. */
  howToOpen: (command: string, link?: string) =>
    link === undefined ? `${command} shows it here.` : `${link}, or type ${command} here.`,
  /** `task`: undefined if its title must not be shown. */
  yourRunFinished: (crew: string, task?: string) => `Your run of ${nameYourRun(crew, task)} has finished.`,
  yourRunFailed: (crew: string, task?: string) => `Your run of ${nameYourRun(crew, task)} has failed.`,
  decidedInYourRun: (name: string, state: string) => `${english.capitalize(name)}, from your run: ${state}.`,
};

function nameYourDecisionInPortuguese(person: string | undefined): string {
  return person === undefined ? `A decisão da ${portuguese.EXPIRY_RULE}` : `${person}, sua decisão`;
}

/** Names a run: "crew press (*draft*)". */
function nameYourRunInPortuguese(crew: string, task: string | undefined): string {
  return task === undefined ? `crew ${crew}` : `crew ${crew} (${task})`;
}

function addressInPortuguese(person: string | undefined): string {
  return person === undefined ? '' : `${person}, `;
}

const ptBR: typeof en = {
  notSent: (person, why, { by, mayBeRead = false } = {}) => {
    const cause = {
      superseded: 'uma saída mais recente chegou antes',
      run_ended: 'a execução terminou antes',
      given_up: `${by ?? 'alguém'} encerrou antes, sem decisão`,
      withdrawn: 'a pergunta foi retirada antes',
      lapsed: 'o programa que perguntou não está mais em execução',
    }[why];
    return mayBeRead
      ? `${nameYourDecisionInPortuguese(person)} não foi confirmada a tempo pelo programa: ${cause}. O programa talvez já tenha lido a decisão.`
      : `${nameYourDecisionInPortuguese(person)} não foi enviada: ${cause}.`;
  },
  notTaken: (person) =>
    person === undefined
      ? `O CrewAI já não aguardava a decisão da ${portuguese.EXPIRY_RULE}.`
      : `${person}, o CrewAI já não aguardava sua decisão.`,
  notAccepted: (person) => `${nameYourDecisionInPortuguese(person)} não foi aceita.`,
  notArrived: (person) => `${nameYourDecisionInPortuguese(person)} não chegou ao CrewAI.`,
  mayHaveArrived: (person) => `${nameYourDecisionInPortuguese(person)} talvez tenha chegado ao CrewAI.`,
  mayHaveArrivedUnanswered: (person) =>
    `${nameYourDecisionInPortuguese(person)} talvez tenha chegado ao CrewAI, que não respondeu.`,
  retryOrClose: 'O cartão acima tem *Tentar novamente* e *Encerrar sem decisão*.',
  close: 'O cartão acima tem *Encerrar sem decisão*.',
  answeredOtherwise: (action, says, person) => {
    const decision = action === 'approve' ? 'a aprovação' : 'o pedido de revisão';
    const meaning =
      says === 'retrying' ? 'informa que está refazendo a tarefa' : `informa o estado "${says}"`;
    return portuguese.capitalize(
      `${addressInPortuguese(person)}o CrewAI aceitou ${decision}, mas ${meaning}.`,
    );
  },
  taskDoesNotWait: (person) =>
    `${nameYourDecisionInPortuguese(person)} não teve efeito: esta tarefa não precisava de decisão.`,
  taskDone: (agent, task) => `${agent ?? 'A crew'} concluiu ${task}, que não precisa de aprovação.`,
  taskFailed: (task, reason) => `A tarefa ${task} falhou${portuguese.giveReasonInPortuguese(reason)}.`,
  runFailed: (person, reason) =>
    portuguese.capitalize(
      `${addressInPortuguese(person)}a execução falhou${portuguese.giveReasonInPortuguese(reason)}.`,
    ),
  lastMayBeAccepted: 'Antes disso, o CrewAI talvez tenha aceitado a última decisão.',
  runSilent: (since, by) =>
    `O CrewAI não informa nada sobre esta execução desde o envio da decisão ${portuguese.nameOwnerInPortuguese(by)} (${since}).`,
  runFinished: (crew) => `A execução da crew ${crew} terminou.`,
  result: (crew) => `A execução da crew ${crew} terminou. Resultado:`,
  forPeople: (by) => `${by} escreveu uma observação interna:`,
  wholeOutput: 'A saída completa está no arquivo.',
  outputFileRefused: 'O Slack não aceitou o arquivo com a saída completa. *Ler na íntegra* mostra o texto.',
  tied: (people, required) =>
    portuguese.capitalize(
      `${addressInPortuguese(people)}todas as pessoas que podem decidir já votaram, mas nenhuma resposta chegou a ${portuguese.plural(required, 'um voto', '# votos')}. Alguém precisa votar de novo.`,
    ),
  cardFrozen: (round, state) =>
    `O Slack não me deixa mais atualizar o cartão da rodada ${round}.${state === undefined ? '' : ` Situação atual: ${state}.`}`,

  asks: {
    waiting: ({ people, what = 'esta aprovação' }) =>
      portuguese.capitalize(`${addressInPortuguese(people)}${what} aguarda sua decisão.`),
    assigned: ({ people, what = 'esta aprovação' }) =>
      portuguese.capitalize(`${addressInPortuguese(people)}pediram sua decisão sobre ${what}.`),
    reminder: ({ people, what = 'esta aprovação', since }) =>
      portuguese.capitalize(
        `${addressInPortuguese(people)}${what} ainda aguarda uma decisão (desde ${since}).`,
      ),
    escalated: ({ people, what = 'esta aprovação', since }) =>
      portuguese.capitalize(
        `${addressInPortuguese(people)}${what} aguarda uma decisão desde ${since}. Agora você pode decidir.`,
      ),
    expired: ({ people, what }) =>
      portuguese.capitalize(
        `${addressInPortuguese(people)}o prazo${what === undefined ? '' : ` para decidir sobre ${what}`} venceu. Você ainda pode decidir.`,
      ),
  } satisfies Record<string, (request: DecisionRequest) => string>,
  decidedByRule: (action, option) => {
    const actionText = {
      approve: 'Aprovação automática',
      request_revision: 'Pedido de revisão automático',
      choose: option === undefined ? 'Resposta automática' : `Resposta automática ${option}`,
    }[action];
    return `${actionText}: ninguém decidiu dentro do prazo.`;
  },
  shownBy: (command) => `Veja com ${command}.`,

  howToOpen: (command, link) =>
    link === undefined ? `Veja aqui com ${command}.` : `${link}, ou digite ${command} aqui.`,
  yourRunFinished: (crew, task) => `Sua execução da ${nameYourRunInPortuguese(crew, task)} terminou.`,
  yourRunFailed: (crew, task) => `Sua execução da ${nameYourRunInPortuguese(crew, task)} falhou.`,
  decidedInYourRun: (name, state) => `${portuguese.capitalize(name)}, da sua execução: ${state}.`,
};

function yourDecisionInSpanish(person: string | undefined): string {
  return person === undefined ? `La decisión de ${spanish.EXPIRY_RULE}` : `${person}, tu decisión`;
}

/** Names a run: "press (*draft*)". */
function nameYourRunInSpanish(crew: string, task: string | undefined): string {
  return task === undefined ? crew : `${crew} (${task})`;
}

function addressInSpanish(person: string | undefined): string {
  return person === undefined ? '' : `${person}, `;
}

const es: typeof en = {
  notSent: (person, why, { by, mayBeRead = false } = {}) => {
    const cause = {
      superseded: 'antes llegó un resultado más nuevo',
      run_ended: 'la ejecución terminó antes',
      given_up: `${by ?? 'alguien'} cerró esto antes sin decidir`,
      withdrawn: 'la pregunta se retiró antes',
      lapsed: 'el programa que preguntó ya no está activo',
    }[why];
    return mayBeRead
      ? `${yourDecisionInSpanish(person)} no fue confirmada a tiempo por el programa: ${cause}. Es posible que el programa ya la haya leído.`
      : `${yourDecisionInSpanish(person)} no se envió: ${cause}.`;
  },
  notTaken: (person) =>
    person === undefined
      ? `CrewAI ya no esperaba la decisión de ${spanish.EXPIRY_RULE}.`
      : `${person}, CrewAI ya no esperaba tu decisión.`,
  notAccepted: (person) => `${yourDecisionInSpanish(person)} no se aceptó.`,
  notArrived: (person) => `${yourDecisionInSpanish(person)} no llegó a CrewAI.`,
  mayHaveArrived: (person) => `${yourDecisionInSpanish(person)} puede haber llegado a CrewAI.`,
  mayHaveArrivedUnanswered: (person) =>
    `${yourDecisionInSpanish(person)} puede haber llegado a CrewAI, pero CrewAI no respondió.`,
  retryOrClose: 'La tarjeta de arriba tiene *Reintentar* y *Cerrar sin decidir*.',
  close: 'La tarjeta de arriba tiene *Cerrar sin decidir*.',
  answeredOtherwise: (action, says, person) => {
    const decision = action === 'approve' ? 'la aprobación' : 'el pedido de cambios';
    const meaning =
      says === 'retrying' ? 'está rehaciendo la tarea' : `el estado de la ejecución es "${says}"`;
    return `${addressInSpanish(person)}CrewAI aceptó ${decision}, pero dice que ${meaning}.`;
  },
  taskDoesNotWait: (person) =>
    `${yourDecisionInSpanish(person)} no tuvo efecto: esta tarea no necesitaba una decisión.`,
  taskDone: (agent, task) => `${agent ?? 'El crew'} terminó ${task}, que no necesita aprobación.`,
  taskFailed: (task, reason) => `La tarea ${task} falló${spanish.giveReasonInSpanish(reason)}.`,
  runFailed: (person, reason) =>
    spanish.capitalize(
      `${addressInSpanish(person)}la ejecución falló${spanish.giveReasonInSpanish(reason)}.`,
    ),
  lastMayBeAccepted: 'Es posible que CrewAI haya aceptado antes la última decisión.',
  runSilent: (since, by = spanish.EXPIRY_RULE) =>
    `CrewAI no ha informado nada sobre esta ejecución desde que se envió la decisión de ${by} (${since}).`,
  runFinished: (crew) => `La ejecución de ${crew} terminó.`,
  result: (crew) => `La ejecución de ${crew} terminó. Resultado final:`,
  forPeople: (by) => `${by} escribió una nota solo para personas:`,
  wholeOutput: 'El resultado completo está en el archivo.',
  outputFileRefused: 'Slack no aceptó el archivo con el resultado completo. *Leer completo* lo muestra.',
  tied: (people, required) => {
    const votes = spanish.plural(required, 'el voto necesario', 'los # votos necesarios');
    return `${addressInSpanish(people)}${people === undefined ? 'Ya' : 'ya'} votaron todas las personas que pueden decidir, y ninguna respuesta tiene ${votes}. Alguien tiene que votar de nuevo.`;
  },
  cardFrozen: (round, state) =>
    state === undefined
      ? `Slack ya no me deja actualizar la tarjeta de la ronda ${round}.`
      : `Slack ya no me deja actualizar la tarjeta de la ronda ${round}. Estado actual: ${state}.`,

  asks: {
    waiting: ({ people, what = 'esto' }) =>
      people === undefined
        ? spanish.capitalize(`${what} espera tu decisión.`)
        : `${people}, ${what} espera una decisión.`,
    assigned: ({ people, what = 'esto' }) =>
      spanish.capitalize(`${addressInSpanish(people)}te asignaron ${what}.`),
    reminder: ({ people, what = 'esto', since }) =>
      spanish.capitalize(`${addressInSpanish(people)}${what} todavía espera una decisión (desde ${since}).`),
    escalated: ({ people, what = 'esto', since }) =>
      people === undefined
        ? spanish.capitalize(`${what} espera una decisión desde ${since}. Ahora puedes decidir.`)
        : `${people}, ${what} espera una decisión desde ${since}. Ahora también pueden decidir las personas mencionadas.`,
    expired: ({ people, what }) =>
      spanish.capitalize(
        what === undefined
          ? `${addressInSpanish(people)}el plazo venció. Todavía es posible decidir.`
          : `${addressInSpanish(people)}el plazo de ${what} venció. Todavía es posible decidir.`,
      ),
  },
  decidedByRule: (action, option) => {
    const actionText = {
      approve: 'Se aprobó',
      request_revision: 'Se pidieron cambios',
      choose: option === undefined ? 'Se respondió' : `Se eligió ${option}`,
    }[action];
    return `${actionText} automáticamente: nadie decidió dentro del plazo.`;
  },
  shownBy: (command) => `Para verlo, escribe ${command}.`,

  howToOpen: (command, link) =>
    link === undefined ? `Para verlo, escribe ${command} aquí.` : `${link}, o escribe ${command} aquí.`,
  yourRunFinished: (crew, task) => `Tu ejecución de ${nameYourRunInSpanish(crew, task)} terminó.`,
  yourRunFailed: (crew, task) => `Tu ejecución de ${nameYourRunInSpanish(crew, task)} falló.`,
  decidedInYourRun: (name, state) => `${spanish.capitalize(name)}, de tu ejecución: ${state}.`,
};

/** Notes in the thread of a card, and direct messages about an approval. `person`: undefined if a rule decided. */
export const notesTexts = { en, 'pt-BR': ptBR, es };
