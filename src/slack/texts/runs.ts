import { english } from './languages/english.ts';
import { portuguese } from './languages/portuguese.ts';
import { spanish } from './languages/spanish.ts';
import type { Reason } from './words.ts';

const en = {
  started: (person: string, crew: string) => `${person} started ${crew}`,
  moreInputs: (hiddenCount: number) => english.plural(hiddenCount, '1 more input', '# more inputs'),
  id: (id: string) => `Run ${id}`,
  starting: 'Starting…',
  running: 'Running',
  finished: 'Finished',
  unsure: (reason?: string) =>
    `CrewAI may have started it${reason === undefined ? '' : ` (${reason})`}, so I won't try again. I'll know when the run reports.`,
  unsureProgram: "The program that picked this up hasn't reported back. The run may be in progress.",
  notStarted: (reason?: string) =>
    reason === undefined ? 'Not started: CrewAI reported an error.' : `Not started: ${reason}.`,
  /** `hiddenCount`: number of inputs that are not named. */
  inputsMissing: (names: readonly string[], hiddenCount: number) => {
    const listedNames = hiddenCount > 0 ? [...names, `${english.formatCount(hiddenCount)} more`] : names;
    return listedNames.length === 1
      ? `Not started: CrewAI is missing the input ${listedNames[0]}. *Run again* asks for it.`
      : `Not started: CrewAI is missing the inputs ${english.formatList(listedNames)}. *Run again* asks for them.`;
  },
  failed: (reason?: Reason) => `The run failed${english.giveReason(reason)}.`,
  /** Reasons why a run was not started or may not have started, for use within a sentence. */
  reasons: {
    no_id: 'its answer has no kickoff_id',
    no_answer_in_time: 'no answer in time',
    no_answer: 'no answer',
    no_connection: 'no connection',
    too_late: "the bot couldn't start it within ten minutes",
    not_fetched: 'no program of this crew picked it up within ten minutes',
    crew_gone: "this crew isn't in the settings anymore",
  },

  noteNotStarted: (person: string, crew: string, reason?: string) =>
    `${person}, the run of ${crew} wasn't started${reason === undefined ? '' : `: ${reason}`}. Nothing is running.`,
  noteUnsure: (person: string, crew: string, reason?: string) =>
    `${person}, CrewAI may have started the run of ${crew}, but its answer was lost${reason === undefined ? '' : ` (${reason})`}. Check CrewAI before you start it again.`,
  noteUnsureProgram: (person: string, crew: string) =>
    `${person}, a program picked up the request to start ${crew} and hasn't reported back. Check the program before you start ${crew} again.`,
  noteSilent: (person: string, crew: string) =>
    `${person}, CrewAI has reported nothing about this run of ${crew}, so no card can appear. *Status* asks CrewAI. If it is running, ask the bot's admin whether CrewAI can reach the bot.`,
  noteFailed: (people: string, crew: string, reason?: Reason) =>
    `${people}, the run of ${crew} failed${english.giveReason(reason)}.`,
};

const ptBR: typeof en = {
  started: (person, crew) => `${person} iniciou ${crew}`,
  moreInputs: (hiddenCount) => portuguese.plural(hiddenCount, 'mais 1 entrada', 'mais # entradas'),
  id: (id) => `Execução ${id}`,
  starting: 'Iniciando…',
  running: 'Em andamento',
  finished: 'Concluída',
  unsure: (reason) =>
    `O CrewAI talvez tenha iniciado a execução${reason === undefined ? '' : ` (${reason})`}, então não vou tentar de novo. Vou saber quando a execução der retorno.`,
  unsureProgram:
    'O programa que recebeu o pedido de início não deu mais notícias. A execução talvez esteja em andamento.',
  notStarted: (reason) =>
    reason === undefined ? 'Não iniciada: o CrewAI informou um erro.' : `Não iniciada: ${reason}.`,
  inputsMissing: (names, hiddenCount) => {
    const listedNames = hiddenCount > 0 ? [...names, `mais ${portuguese.formatCount(hiddenCount)}`] : names;
    return listedNames.length === 1
      ? `Não iniciada: o CrewAI precisa da entrada ${listedNames[0]}. *Executar novamente* pede essa entrada.`
      : `Não iniciada: o CrewAI precisa das entradas ${portuguese.formatList(listedNames)}. *Executar novamente* pede essas entradas.`;
  },
  failed: (reason) => `A execução falhou${portuguese.giveReasonInPortuguese(reason)}.`,
  reasons: {
    no_id: 'a resposta não tem kickoff_id',
    no_answer_in_time: 'sem resposta a tempo',
    no_answer: 'sem resposta',
    no_connection: 'sem conexão',
    too_late: 'o bot não conseguiu iniciar a execução em dez minutos',
    not_fetched: 'nenhum programa desta crew recebeu o pedido de início em dez minutos',
    crew_gone: 'esta crew não está mais nas configurações',
  },

  noteNotStarted: (person, crew, reason) =>
    `${person}, a execução da crew ${crew} não foi iniciada${reason === undefined ? '' : `: ${reason}`}. Nada está em andamento.`,
  noteUnsure: (person, crew, reason) =>
    `${person}, o CrewAI talvez tenha iniciado a execução da crew ${crew}, mas a resposta se perdeu${reason === undefined ? '' : ` (${reason})`}. Verifique no CrewAI antes de iniciar de novo.`,
  noteUnsureProgram: (person, crew) =>
    `${person}, um programa recebeu o pedido de início da crew ${crew} e não deu mais notícias. Verifique o programa antes de iniciar de novo.`,
  noteSilent: (person, crew) =>
    `${person}, o CrewAI não informou nada sobre esta execução da crew ${crew}, então nenhum cartão pode aparecer. *Status* consulta o CrewAI. Se ela estiver em andamento, pergunte a quem administra o bot se o CrewAI consegue acessar o bot.`,
  noteFailed: (people, crew, reason) =>
    `${people}, a execução da crew ${crew} falhou${portuguese.giveReasonInPortuguese(reason)}.`,
};

const es: typeof en = {
  started: (person, crew) => `${person} inició ${crew}`,
  moreInputs: (hiddenCount) => spanish.plural(hiddenCount, '1 dato más', '# datos más'),
  id: (id) => `Ejecución ${id}`,
  starting: 'Iniciando…',
  running: 'En curso',
  finished: 'Terminó',
  unsure: (reason) =>
    reason === undefined
      ? 'Es posible que CrewAI haya iniciado la ejecución, así que no lo intentaré de nuevo. Lo sabré cuando la ejecución informe algo.'
      : `Es posible que CrewAI haya iniciado la ejecución (${reason}), así que no lo intentaré de nuevo. Lo sabré cuando la ejecución informe algo.`,
  unsureProgram:
    'El programa que tomó el pedido de inicio no ha vuelto a informar. Es posible que la ejecución esté en curso.',
  notStarted: (reason) =>
    reason === undefined ? 'No se inició: CrewAI informó un error.' : `No se inició: ${reason}.`,
  inputsMissing: (names, hiddenCount) => {
    const listedNames = hiddenCount > 0 ? [...names, `${spanish.formatCount(hiddenCount)} más`] : names;
    return listedNames.length === 1
      ? `No se inició: a CrewAI le falta el dato ${listedNames[0]}. *Ejecutar de nuevo* lo pide.`
      : `No se inició: a CrewAI le faltan los datos ${spanish.formatList(listedNames)}. *Ejecutar de nuevo* los pide.`;
  },
  failed: (reason) => `La ejecución falló${spanish.giveReasonInSpanish(reason)}.`,
  reasons: {
    no_id: 'su respuesta no tiene kickoff_id',
    no_answer_in_time: 'no hubo respuesta a tiempo',
    no_answer: 'no hubo respuesta',
    no_connection: 'no hubo conexión',
    too_late: 'el bot no pudo hacerlo en diez minutos',
    not_fetched: 'ningún programa de este crew tomó el pedido de inicio en diez minutos',
    crew_gone: 'este crew ya no está en la configuración',
  },

  noteNotStarted: (person, crew, reason) =>
    reason === undefined
      ? `${person}, la ejecución de ${crew} no se inició. No hay nada en curso.`
      : `${person}, la ejecución de ${crew} no se inició: ${reason}. No hay nada en curso.`,
  noteUnsure: (person, crew, reason) =>
    reason === undefined
      ? `${person}, es posible que CrewAI haya iniciado la ejecución de ${crew}, pero su respuesta se perdió. Revisa CrewAI antes de iniciarla de nuevo.`
      : `${person}, es posible que CrewAI haya iniciado la ejecución de ${crew}, pero su respuesta se perdió (${reason}). Revisa CrewAI antes de iniciarla de nuevo.`,
  noteUnsureProgram: (person, crew) =>
    `${person}, un programa tomó el pedido de inicio de ${crew} y no ha vuelto a informar. Revisa el programa antes de iniciar ${crew} de nuevo.`,
  noteSilent: (person, crew) =>
    `${person}, CrewAI no ha informado nada sobre esta ejecución de ${crew}, así que no puede aparecer ninguna tarjeta. *Estado* le pregunta a CrewAI. Si está en curso, pregunta al administrador del bot si CrewAI puede conectarse con el bot.`,
  noteFailed: (people, crew, reason) =>
    `${people}, la ejecución de ${crew} falló${spanish.giveReasonInSpanish(reason)}.`,
};

/** The message of a run that was started from Slack, and notes in its thread. */
export const runsTexts = { en, 'pt-BR': ptBR, es };
