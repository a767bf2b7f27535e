import type { FailureReason } from '../../approval/lifecycle/delivery.ts';
import type { AnswerFault } from '../../approval/model/round.ts';
import { english } from './languages/english.ts';
import { portuguese } from './languages/portuguese.ts';
import { spanish } from './languages/spanish.ts';
import type { Reason } from './words.ts';

const en = {
  failures: {
    no_answer: "CrewAI didn't respond.",
    error_answer: 'CrewAI reported an error.',
    not_reached: "CrewAI can't be reached.",
    not_ready: "CrewAI isn't ready.",
    held_up: 'The bot was delayed before it could call CrewAI.',
    no_url: "The settings have no URL for this crew anymore. Ask the bot's admin to fix this.",
    restored: 'The bot was restored from a backup while this was being sent.',
    token_rejected: "CrewAI rejected the bot's token. Ask the bot's admin to fix it.",
    unknown_run: "CrewAI doesn't know this run. Ask the bot's admin to check the crew's settings.",
    rejected: 'CrewAI rejected the decision. *Approval details* shows why.',
    host_not_allowed: "The bot's admin has to allow the address that CrewAI expects the answer at.",
    callback_rejected: 'CrewAI rejected the link that it sent with this review. Answer it in CrewAI.',
    unknown_review: 'CrewAI no longer knows this review.',
  } satisfies Record<FailureReason, string>,
  /** Faults that the bot itself found, for use within a sentence. */
  faults: {
    NOT_JSON: 'the answer is not a JSON object',
    NOT_OK: 'the answer reports an error and does not say which',
    NO_STATUS_OR_ID: 'the answer has neither status nor kickoff_id',
    NOT_ACCEPTED: 'the answer does not say that it was accepted',
    NO_RUN_STATUS: 'the answer is not a run status',
    CREW_GONE: "this crew isn't in the settings anymore",
    FLOW_REVIEWS_ONLY: 'this crew only accepts Flow reviews',
  } satisfies Record<AnswerFault, string>,
  /** For operators. `status`: HTTP status; `detail`: a code, a fault that the bot found, or CrewAI's own words. */
  failureDetail: (reason: FailureReason, status?: number, detail?: string) => {
    const parts = [...(status === undefined ? [] : [`HTTP ${status}`]), ...(detail ? [detail] : [])];
    const error = `Last error: ${parts.length === 0 ? 'no response' : parts.join(': ')}.`;
    if (reason === 'host_not_allowed') return `${error} CALLBACK_HOSTS doesn't allow the host of the answer.`;
    return reason === 'unknown_run'
      ? `${error} No such run, or no /resume: this may be a Flow or another deployment.`
      : error;
  },

  /** `apps`: names of the apps; `message`: CrewAI's, if it does not name the apps. */
  connectApps: (apps?: string, message?: string) => {
    if (apps !== undefined) return `Connect these apps in CrewAI: ${apps}`;
    return `Connect the apps of this crew in CrewAI${message === undefined ? '' : ` (${message})`}`;
  },

  running: (task?: string, tasks?: { done: number; total: number }) =>
    `CrewAI says that the run is in progress${task === undefined ? '' : `, at ${task}`}${tasks ? `, ${english.formatCount(tasks.done)} of ${english.plural(tasks.total, '1 task', '# tasks')} done` : ''}.`,
  completed: 'CrewAI says that the run has finished.',
  failed: (reason?: string) =>
    reason === undefined
      ? 'CrewAI says that the run has failed.'
      : `CrewAI says that the run has failed: ${reason}.`,
  waitsForPerson: 'The run is waiting for a person.',
  otherState: (state: string) => `CrewAI says that the state of the run is "${state}".`,
  unknownRun: "CrewAI doesn't know this run.",
  statusRejected: (status?: number) =>
    `CrewAI rejected the status request${status === undefined ? '' : ` (${status})`}. Ask the bot's admin to check the crew's token.`,
  noStatus: (detail?: string) =>
    `CrewAI didn't respond to the status request${detail === undefined ? '' : ` (${detail})`}.`,
  programRun: (state: 'running' | 'finished' | 'failed' | 'unknown', reason?: Reason) =>
    ({
      running: 'The run was in progress when its program last reported.',
      unknown: 'No program has reported on this run.',
      finished: 'The run has finished.',
      failed: `The run failed${english.giveReason(reason)}.`,
    })[state],
  flowReviewsOnly: "This crew only accepts Flow reviews, so I can't ask for the status of its runs.",
};

const ptBR: typeof en = {
  failures: {
    no_answer: 'O CrewAI não respondeu.',
    error_answer: 'O CrewAI informou um erro.',
    not_reached: 'Não consigo acessar o CrewAI.',
    not_ready: 'O CrewAI não está pronto.',
    held_up: 'O bot se atrasou antes de chamar o CrewAI.',
    no_url:
      'As configurações não têm mais uma URL para esta crew. Peça a quem administra o bot que corrija isso.',
    restored: 'O bot foi restaurado de um backup durante o envio.',
    token_rejected: 'O CrewAI rejeitou o token do bot. Peça a quem administra o bot que corrija isso.',
    unknown_run:
      'O CrewAI não conhece esta execução. Peça a quem administra o bot que verifique as configurações da crew.',
    rejected: 'O CrewAI rejeitou a decisão. *Approval details* mostra o motivo.',
    host_not_allowed: 'Quem administra o bot precisa permitir o endereço em que o CrewAI espera a resposta.',
    callback_rejected: 'O CrewAI rejeitou o link que enviou com esta revisão. Responda no CrewAI.',
    unknown_review: 'O CrewAI não conhece mais esta revisão.',
  } satisfies Record<FailureReason, string>,
  faults: {
    NOT_JSON: 'a resposta não é um objeto JSON',
    NOT_OK: 'a resposta informa um erro e não diz qual',
    NO_STATUS_OR_ID: 'a resposta não tem status nem kickoff_id',
    NOT_ACCEPTED: 'a resposta não diz que a decisão foi aceita',
    NO_RUN_STATUS: 'a resposta não é o status de uma execução',
    CREW_GONE: 'esta crew não está mais nas configurações',
    FLOW_REVIEWS_ONLY: 'esta crew só recebe revisões de Flows',
  } satisfies Record<AnswerFault, string>,
  failureDetail: (reason, status, detail) => {
    const parts = [...(status === undefined ? [] : [`HTTP ${status}`]), ...(detail ? [detail] : [])];
    const error = `Último erro: ${parts.length === 0 ? 'sem resposta' : parts.join(': ')}.`;
    if (reason === 'host_not_allowed') return `${error} CALLBACK_HOSTS não permite o host da resposta.`;
    return reason === 'unknown_run'
      ? `${error} Não há essa execução, ou não há /resume: pode ser um Flow ou outra implantação.`
      : error;
  },

  connectApps: (apps, message) => {
    if (apps !== undefined) return `Conecte estes apps no CrewAI: ${apps}`;
    return `Conecte os apps desta crew no CrewAI${message === undefined ? '' : ` (${message})`}`;
  },

  running: (task, tasks) =>
    `O CrewAI informa que a execução está em andamento${task === undefined ? '' : `, em ${task}`}${tasks ? `, com ${portuguese.formatCount(tasks.done)} de ${portuguese.plural(tasks.total, '1 tarefa concluída', '# tarefas concluídas')}` : ''}.`,
  completed: 'O CrewAI informa que a execução terminou.',
  failed: (reason) =>
    reason === undefined
      ? 'O CrewAI informa que a execução falhou.'
      : `O CrewAI informa que a execução falhou: ${reason}.`,
  waitsForPerson: 'A execução aguarda a decisão de uma pessoa.',
  otherState: (state) => `O CrewAI informa o estado da execução como "${state}".`,
  unknownRun: 'O CrewAI não conhece esta execução.',
  statusRejected: (status) =>
    `O CrewAI rejeitou a consulta de status${status === undefined ? '' : ` (${status})`}. Peça a quem administra o bot que verifique o token da crew.`,
  noStatus: (detail) =>
    `O CrewAI não respondeu à consulta de status${detail === undefined ? '' : ` (${detail})`}.`,
  programRun: (state, reason) =>
    ({
      running: 'A execução está em andamento, segundo a última informação do programa.',
      unknown: 'Nenhum programa informou sobre esta execução.',
      finished: 'A execução terminou.',
      failed: `A execução falhou${portuguese.giveReasonInPortuguese(reason)}.`,
    })[state],
  flowReviewsOnly:
    'Esta crew só recebe revisões de Flows, então não posso consultar o status das execuções dela.',
};

const es: typeof en = {
  failures: {
    no_answer: 'CrewAI no respondió.',
    error_answer: 'CrewAI informó un error.',
    not_reached: 'No hay conexión con CrewAI.',
    not_ready: 'CrewAI no está listo.',
    held_up: 'El bot se retrasó antes de poder llamar a CrewAI.',
    no_url:
      'La configuración ya no tiene una URL para este crew. Pide al administrador del bot que lo corrija.',
    restored: 'El bot se restauró desde un respaldo mientras esto se enviaba.',
    token_rejected: 'CrewAI rechazó el token del bot. Pide al administrador del bot que lo corrija.',
    unknown_run:
      'CrewAI no conoce esta ejecución. Pide al administrador del bot que revise la configuración del crew.',
    rejected: 'CrewAI rechazó la decisión. *Approval details* muestra por qué.',
    host_not_allowed:
      'El administrador del bot tiene que permitir la dirección en la que CrewAI espera la respuesta.',
    callback_rejected: 'CrewAI rechazó el enlace que envió con esta revisión. Responde en CrewAI.',
    unknown_review: 'CrewAI ya no conoce esta revisión.',
  },
  faults: {
    NOT_JSON: 'la respuesta no es un objeto JSON',
    NOT_OK: 'la respuesta informa un error y no dice cuál',
    NO_STATUS_OR_ID: 'la respuesta no tiene status ni kickoff_id',
    NOT_ACCEPTED: 'la respuesta no dice que se aceptó',
    NO_RUN_STATUS: 'la respuesta no es el estado de una ejecución',
    CREW_GONE: 'este crew ya no está en la configuración',
    FLOW_REVIEWS_ONLY: 'este crew solo recibe revisiones de Flows',
  },
  failureDetail: (reason, status, detail) => {
    const parts = [...(status === undefined ? [] : [`HTTP ${status}`]), ...(detail ? [detail] : [])];
    const error = `Último error: ${parts.length === 0 ? 'sin respuesta' : parts.join(': ')}.`;
    if (reason === 'host_not_allowed') return `${error} CALLBACK_HOSTS no permite el host de la respuesta.`;
    return reason === 'unknown_run'
      ? `${error} No existe esa ejecución, o falta /resume: puede ser un Flow u otro despliegue.`
      : error;
  },

  connectApps: (apps, message) => {
    if (apps !== undefined) return `conecta estas apps en CrewAI: ${apps}`;
    return message === undefined
      ? 'conecta las apps de este crew en CrewAI'
      : `conecta las apps de este crew en CrewAI (${message})`;
  },

  running: (task, tasks) => {
    const state =
      task === undefined
        ? 'CrewAI dice que la ejecución está en curso.'
        : `CrewAI dice que la ejecución está en curso, en ${task}.`;
    return tasks
      ? `${state} Tareas terminadas: ${spanish.formatCount(tasks.done)} de ${spanish.formatCount(tasks.total)}.`
      : state;
  },
  completed: 'CrewAI dice que la ejecución terminó.',
  failed: (reason) =>
    reason === undefined
      ? 'CrewAI dice que la ejecución falló.'
      : `CrewAI dice que la ejecución falló: ${reason}.`,
  waitsForPerson: 'La ejecución espera la decisión de una persona.',
  otherState: (state) => `CrewAI dice que el estado de la ejecución es "${state}".`,
  unknownRun: 'CrewAI no conoce esta ejecución.',
  statusRejected: (status) =>
    status === undefined
      ? 'CrewAI rechazó la consulta de estado. Pide al administrador del bot que revise el token del crew.'
      : `CrewAI rechazó la consulta de estado (${status}). Pide al administrador del bot que revise el token del crew.`,
  noStatus: (detail) =>
    detail === undefined
      ? 'CrewAI no respondió a la consulta de estado.'
      : `CrewAI no respondió a la consulta de estado (${detail}).`,
  programRun: (state, reason) =>
    ({
      running: 'La ejecución está en curso, según lo último que informó su programa.',
      unknown: 'Ningún programa ha informado sobre esta ejecución.',
      finished: 'La ejecución terminó.',
      failed: `La ejecución falló${spanish.giveReasonInSpanish(reason)}.`,
    })[state],
  flowReviewsOnly:
    'Este crew solo recibe revisiones de Flows, así que no puedo consultar el estado de sus ejecuciones.',
};

/** Reasons why a decision did not reach CrewAI or was not accepted, and CrewAI's reports about runs. */
export const crewaiTexts = { en, 'pt-BR': ptBR, es };
