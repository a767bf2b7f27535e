import type { Decision } from '../../approval/model/round.ts';
import type { IgnoredSetting } from '../../approval/model/run/ignored-setting.ts';
import { english } from './languages/english.ts';
import { portuguese } from './languages/portuguese.ts';
import { spanish } from './languages/spanish.ts';
import type { Deciders } from './words.ts';

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

const SPELLED = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

const spellOut = (count: number) => SPELLED[count] ?? english.formatCount(count);

/** Formats an ordinal: "3rd". */
function formatOrdinal(count: number): string {
  const endings: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' };
  return `${english.formatCount(count)}${endings[ORDINALS.select(count)] ?? 'th'}`;
}

const ORDINALS = new Intl.PluralRules('en-US', { type: 'ordinal' });

const en = {
  /** Slack's format of a time: https://docs.slack.dev/messaging/formatting-message-text */
  time: '{date_short_pretty} at {time}',
  rule: english.EXPIRY_RULE,
  /** The name of an approval. `task`: undefined if its title must not be shown. */
  name: (task: string | undefined, crew: string) =>
    task === undefined ? `an output of ${crew}` : `${task} of ${crew}`,
  /** The name of an approval at the beginning of a sentence. */
  subject: (task: string | undefined, crew: string) => `${crew}: ${task ?? 'an output'}`,
  untitled: (crew: string) => `An output of ${crew}`,
  /** Title of an output without a task name or any words. */
  unnamed: english.UNNAMED,
  inRound: (task: string, round: number, isUnchanged = false) => {
    if (round === 1) return task;
    return isUnchanged ? `${task} (round ${round}, unchanged)` : `${task} (round ${round})`;
  },

  /** Notification on a phone. `people`: mentions of those asked; `task`: undefined if its title must not be shown. */
  notifyWaiting: (of: { task: string | undefined; crew: string; isChoice: boolean }, people?: string) => {
    const statement = `${of.crew}: ${of.task ?? 'an output'} is waiting for a decision.`;
    const instruction = of.isChoice ? 'Choose an answer.' : 'Approve it or request a revision.';
    return people === undefined ? `${statement} ${instruction}` : `${people} ${statement} ${instruction}`;
  },
  notify: (crew: string, task: string | undefined, state: string) =>
    `${crew}: ${english.endSentence(task ?? 'an output')} ${state}`,
  nothingLeft: 'There is nothing left to decide.',

  /** `asker`: an agent or a crew; `hidesTitle`: `task` is a substitute for the title; `isOver`: no one can decide anymore. */
  asksForApproval: (asker: string, task: string, { hidesTitle = false, isOver = false } = {}) =>
    `${asker} ${isOver ? 'asked' : 'asks'} for approval${hidesTitle ? ' of' : ':'} ${task}`,
  /** Text instead of a title that must not be shown. */
  output: 'an output',
  /** `people`: mentions. */
  addressed: (people: string, request: string) => `${people} – ${request}`,
  canDecide: (people: Deciders) => `${english.nameAnyoneCapitalized(people)} can decide.`,
  /** For several deciders, if the card gives no number: too few are able, another line has it, or votes can still change. */
  canVote: (people: Deciders, isRemaining: boolean) =>
    `${english.nameAnyoneCapitalized(people)} can ${isRemaining ? 'still ' : ''}vote.`,
  allHaveToApprove: (names: readonly string[]) =>
    names.length === 2
      ? `${english.formatList(names)} both have to approve. Either can request a revision.`
      : `${english.formatList(names)} all have to approve. Any of them can request a revision.`,
  allHaveToChoose: (names: readonly string[]) =>
    `${english.formatList(names)} ${names.length === 2 ? 'both' : 'all'} have to choose the same answer.`,
  approvalsNeeded: (count: number, people: Deciders) =>
    `${english.capitalize(spellOut(count))} approvals are needed from ${english.nameEveryone(people)}.`,
  choicesNeeded: (count: number, people: Deciders) => {
    const deciders =
      typeof people === 'string' ? english.nameEveryone(people) : `of ${english.nameEveryone(people)}`;
    return `${english.capitalize(spellOut(count))} ${deciders} have to choose the same answer.`;
  },
  moreApprovalsNeeded: (count: number, people: Deciders) => {
    const isOne = count === 1;
    const missingApprovals = isOne
      ? 'One more approval is'
      : `${english.capitalize(spellOut(count))} more approvals are`;
    const oneOf = typeof people !== 'string' && people.others > 0 ? 'one of ' : '';
    return `${missingApprovals} needed, from ${isOne ? `${oneOf}${english.nameAnyone(people)}` : english.nameEveryone(people)}.`;
  },
  flowAsks: (flow: string, task: string) => `The Flow *${flow}* asks: ${task}`,
  /** `asker`: an agent or a crew. */
  toolAsks: (asker: string, tool: string) => `${asker} asks to run ${tool}`,
  askedTimes: (times: number) => `This is the ${formatOrdinal(times)} request for the same call in this run.`,
  /** `when`: time of the last call. */
  allowedCalls: (count: number, when: string) =>
    `Also allowed in this run: ${english.plural(count, 'one call', '# calls, the last one')} ${when}.`,
  permissionEnded: (person: string, when: string) =>
    `${person} ended this permission ${when}: the next call needs a decision.`,
  sameArguments: 'the same arguments',
  /** Follows the name of an argument that continues from the previous block. */
  argumentContinued: '(continued)',
  programAsks: (crew: string, task: string) => `${crew} asks: ${task}`,
  askedFor: (text: string) => `Expected: ${text}`,
  editedBy: (person: string) => `${person} edited the previous version. The others decide on this one.`,
  editedTo: 'The text was changed to:',
  usedExactly: 'CrewAI used this text word for word:',
  notUsedExactly: 'CrewAI did not use this text word for word. *What changed* shows the differences:',
  /** `run`: title of the run, a link to its page, or both. */
  run: (run: string) => `Run: ${run}`,
  openRun: 'open it',
  /** Outcome of the newest round, on the first card of the thread. `decision`: "Approved by @Ana". */
  outcome: (round: number, decision: string) => `Round ${round}: ${decision}.`,
  endedWithout: 'closed without a decision',
  /** Title of the folded rest of an output. */
  folded: (count: number) =>
    `The rest of the output (${english.plural(count, 'one character', '# characters')})`,
  /** `agent`: undefined if several tasks ran, or if no agent is known. */
  steps: (agent: string | undefined, shown: number, total: number) => {
    const count =
      shown < total
        ? `last ${english.formatCount(shown)} of ${english.formatCount(total)}`
        : english.formatCount(total);
    return agent === undefined ? `Recent steps of the run (${count})` : `Steps of ${agent} (${count})`;
  },
  step: (tool: string, input: string, result: string) =>
    `${tool}\nInput: ${input || '–'}\nResult: ${result || '–'}`,
  decideOnLastPage: 'You can answer below the last page of *Read in full*.',
  stateInMenu: '*Details* in the menu shows the state of the Flow.',
  unnotified: "No one was notified of this card. Ask the bot's admin to set who is notified.",
  footer: (crew: string) => `Crew ${crew}`,
  ignored: (settings: readonly IgnoredSetting[]) =>
    `Some settings of the run were ignored: ${settings.map((setting) => IGNORED[setting]).join('; ')}.`,

  answerBy: (when: string) => `CrewAI expects an answer by ${when}.`,
  withoutAnswer: (option: string) => `Without an answer, CrewAI takes ${option}.`,
  /** `action`: the automatic decision; undefined: none. `answer`: the option, or the feedback that is sent back. */
  deadline: (when: string, action: Decision['action'] | undefined, answer: string) => {
    const effect = {
      approve: 'After that it is approved automatically.',
      request_revision:
        answer === ''
          ? 'After that it is sent back.'
          : `After that it is sent back with "${answer}"${english.fullStop(answer)}`,
      choose: `After that the answer is ${answer}.`,
    };
    return `Decide by ${when}. ${action === undefined ? 'It stays open after that.' : effect[action]}`;
  },
  assignedByCrewAI: (email: string) => `CrewAI assigned it to ${email}`,
  /** Introduces the request that an output answers. `by`: undefined for a rule. */
  answersRequest: (by = english.EXPIRY_RULE) => `This answers ${by}'s request:`,
  /** Introduces the request if CrewAI does not name the task. `isLikely`: nothing proves that the output answers the request. */
  nextAfterRequest: (by = english.EXPIRY_RULE, isLikely = false) =>
    isLikely ? `This is probably the new output after ${by}'s request:` : `New output after ${by}'s request:`,
  /** Introduces the previous answer, in free text. */
  followsAnswer: (by = english.EXPIRY_RULE) => `This follows ${by}'s answer:`,
  followsOption: (option: string, by = english.EXPIRY_RULE) => `This follows ${by}'s answer ${option}.`,
};

const IGNORED_IN_PORTUGUESE: Readonly<Record<IgnoredSetting, string>> = {
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

const ptBR: typeof en = {
  time: '{date_short_pretty}, {time}',
  rule: portuguese.EXPIRY_RULE,
  name: (task, crew) => (task === undefined ? `uma saída da crew ${crew}` : `${task} da crew ${crew}`),
  subject: (task, crew) => `${crew}: ${task ?? 'uma saída'}`,
  untitled: (crew) => `Uma saída da crew ${crew}`,
  unnamed: portuguese.UNNAMED,
  inRound: (task, round, isUnchanged = false) => {
    if (round === 1) return task;
    return isUnchanged ? `${task} (rodada ${round}, sem mudanças)` : `${task} (rodada ${round})`;
  },

  notifyWaiting: (of, people) => {
    const statement = `${of.crew}: ${of.task ?? 'uma saída'} aguarda uma decisão.`;
    const instruction = of.isChoice ? 'Escolha uma resposta.' : 'Aprove ou solicite uma revisão.';
    return people === undefined ? `${statement} ${instruction}` : `${people} ${statement} ${instruction}`;
  },
  notify: (crew, task, state) => `${crew}: ${portuguese.endSentence(task ?? 'uma saída')} ${state}`,
  nothingLeft: 'Não há mais nada para decidir.',

  asksForApproval: (asker, task, { hidesTitle = false, isOver = false } = {}) =>
    `${asker} ${isOver ? 'pediu' : 'pede'} aprovação${hidesTitle ? ' de' : ':'} ${task}`,
  output: 'uma saída',
  addressed: (people, request) => `${people} – ${request}`,
  canDecide: (people) =>
    `${portuguese.nameAnyoneCapitalized(people)} ${portuguese.isOnePerson(people) ? 'pode' : 'podem'} decidir.`,
  canVote: (people, isRemaining) =>
    `${portuguese.nameAnyoneCapitalized(people)} ${isRemaining ? 'ainda ' : ''}${portuguese.isOnePerson(people) ? 'pode' : 'podem'} votar.`,
  allHaveToApprove: (names) =>
    `${portuguese.formatList(names)} precisam aprovar. Para solicitar revisão, basta uma dessas pessoas.`,
  allHaveToChoose: (names) => `${portuguese.formatList(names)} precisam escolher a mesma resposta.`,
  approvalsNeeded: (count, people) =>
    `São necessárias ${portuguese.formatCount(count)} aprovações de ${portuguese.nameEveryone(people)}.`,
  choicesNeeded: (count, people) =>
    `${portuguese.formatCount(count)} ${typeof people === 'string' ? portuguese.nameEveryone(people) : `pessoas entre ${portuguese.nameEveryone(people)}`} precisam escolher a mesma resposta.`,
  moreApprovalsNeeded: (count, people) => {
    const oneOf = typeof people !== 'string' && people.others > 0 ? 'uma destas pessoas: ' : '';
    return count === 1
      ? `Falta uma aprovação, de ${oneOf}${portuguese.nameAnyone(people)}.`
      : `Faltam ${portuguese.formatCount(count)} aprovações, de ${portuguese.nameEveryone(people)}.`;
  },
  flowAsks: (flow, task) => `O Flow *${flow}* pergunta: ${task}`,
  toolAsks: (asker, tool) => `${asker} pede para executar ${tool}`,
  askedTimes: (times) =>
    `É a ${portuguese.formatCount(times)}ª vez que a mesma chamada é pedida nesta execução.`,
  allowedCalls: (count, when) =>
    portuguese.plural(
      count,
      `Também permitida nesta execução: uma chamada, ${when}.`,
      `Também permitidas nesta execução: # chamadas, a última ${when}.`,
    ),
  permissionEnded: (person, when) =>
    `${person} encerrou esta permissão, ${when}: a próxima chamada precisa de uma decisão.`,
  sameArguments: 'os mesmos argumentos',
  argumentContinued: '(continuação)',
  programAsks: (crew, task) => `${crew} pergunta: ${task}`,
  askedFor: (text) => `Esperado: ${text}`,
  editedBy: (person) => `${person} editou a versão anterior. As outras pessoas decidem sobre esta.`,
  editedTo: 'O texto foi alterado para:',
  usedExactly: 'O CrewAI usou este texto palavra por palavra:',
  notUsedExactly: 'O CrewAI não usou este texto palavra por palavra. *O que mudou* mostra as diferenças:',
  run: (run) => `Execução: ${run}`,
  openRun: 'abrir',
  outcome: (round, decision) => `Rodada ${round}: ${decision}.`,
  endedWithout: 'encerrada sem decisão',
  folded: (count) => `O resto da saída (${portuguese.plural(count, 'um caractere', '# caracteres')})`,
  steps: (agent, shown, total) => {
    const count =
      shown < total
        ? `${portuguese.formatCount(shown)} de ${portuguese.formatCount(total)}`
        : portuguese.formatCount(total);
    return agent === undefined
      ? `Etapas recentes da execução (${count})`
      : `Etapas recentes de ${agent} (${count})`;
  },
  step: (tool, input, result) => `${tool}\nEntrada: ${input || '–'}\nResultado: ${result || '–'}`,
  decideOnLastPage: 'Você pode responder abaixo da última página de *Ler na íntegra*.',
  stateInMenu: '*Detalhes*, no menu, mostra o estado do Flow.',
  unnotified:
    'Ninguém foi notificado deste cartão. Peça a quem administra o bot que defina quem é notificado.',
  footer: (crew) => `Crew ${crew}`,
  ignored: (settings) =>
    `Configurações da execução ignoradas: ${settings.map((setting) => IGNORED_IN_PORTUGUESE[setting]).join('; ')}.`,

  answerBy: (when) => `O CrewAI espera uma resposta até ${when}.`,
  withoutAnswer: (option) => `Sem resposta, o CrewAI usa ${option}.`,
  deadline: (when, action, answer) => {
    const effect = {
      approve: 'Depois disso, a aprovação é automática.',
      request_revision:
        answer === ''
          ? 'Depois disso, volta para revisão.'
          : `Depois disso, volta para revisão com "${answer}"${portuguese.fullStop(answer)}`,
      choose: `Depois disso, a resposta é ${answer}.`,
    };
    return `Decida até ${when}. ${action === undefined ? 'Depois disso, continua em aberto.' : effect[action]}`;
  },
  assignedByCrewAI: (email) => `O CrewAI atribuiu a ${email}`,
  answersRequest: (by) => `Esta saída responde ao pedido ${portuguese.nameOwnerInPortuguese(by)}:`,
  nextAfterRequest: (by, isLikely) =>
    isLikely
      ? `Esta é provavelmente a nova saída depois do pedido ${portuguese.nameOwnerInPortuguese(by)}:`
      : `Nova saída depois do pedido ${portuguese.nameOwnerInPortuguese(by)}:`,
  followsAnswer: (by) => `Esta saída segue a resposta ${portuguese.nameOwnerInPortuguese(by)}:`,
  followsOption: (option, by) =>
    `Esta saída segue a resposta ${option} ${portuguese.nameOwnerInPortuguese(by)}.`,
};

const IGNORED_IN_SPANISH: Readonly<Record<IgnoredSetting, string>> = {
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

const es: typeof en = {
  time: '{date_short_pretty}, {time}',
  rule: spanish.EXPIRY_RULE,
  name: (task, crew) => (task === undefined ? `un resultado de ${crew}` : `${task} de ${crew}`),
  subject: (task, crew) => `${crew}: ${task ?? 'un resultado'}`,
  untitled: (crew) => `Un resultado de ${crew}`,
  unnamed: spanish.UNNAMED,
  inRound: (task, round, isUnchanged = false) => {
    if (round === 1) return task;
    return isUnchanged ? `${task} (ronda ${round}, sin cambios)` : `${task} (ronda ${round})`;
  },

  notifyWaiting: (of, people) => {
    const statement = `${of.crew}: ${of.task ?? 'un resultado'} espera una decisión.`;
    const instruction = of.isChoice ? 'Elige una respuesta.' : 'Aprueba o pide cambios.';
    return people === undefined ? `${statement} ${instruction}` : `${people} ${statement} ${instruction}`;
  },
  notify: (crew, task, state) => `${crew}: ${spanish.endSentence(task ?? 'un resultado')} ${state}`,
  nothingLeft: 'Ya no hay nada que decidir.',

  asksForApproval: (asker, task, { hidesTitle = false, isOver = false } = {}) =>
    `${asker} ${isOver ? 'pidió' : 'pide'} aprobación${hidesTitle ? ' de' : ':'} ${task}`,
  output: 'un resultado',
  addressed: (people, request) => `${people} – ${request}`,
  canDecide: (people) =>
    `${spanish.nameAnyoneCapitalized(people)} ${spanish.isOnePerson(people) ? 'puede' : 'pueden'} decidir.`,
  canVote: (people, isRemaining) =>
    `${spanish.nameAnyoneCapitalized(people)} ${isRemaining ? 'todavía ' : ''}${spanish.isOnePerson(people) ? 'puede' : 'pueden'} votar.`,
  allHaveToApprove: (names) =>
    `${spanish.formatList(names)} tienen que aprobar. Para pedir cambios, basta con una de estas personas.`,
  allHaveToChoose: (names) => `${spanish.formatList(names)} tienen que elegir la misma respuesta.`,
  approvalsNeeded: (count, people) =>
    `Se necesitan ${spanish.formatCount(count)} aprobaciones de ${spanish.nameEveryone(people)}.`,
  choicesNeeded: (count, people) =>
    `${spanish.formatCount(count)} ${typeof people === 'string' ? spanish.nameEveryone(people) : `personas de entre ${spanish.nameEveryone(people)}`} tienen que elegir la misma respuesta.`,
  moreApprovalsNeeded: (count, people) => {
    const oneOf = typeof people !== 'string' && people.others > 0 ? 'una de estas personas: ' : '';
    return count === 1
      ? `Falta una aprobación, de ${oneOf}${spanish.nameAnyone(people)}.`
      : `Faltan ${spanish.formatCount(count)} aprobaciones, de ${spanish.nameEveryone(people)}.`;
  },
  flowAsks: (flow, task) => `El Flow *${flow}* pregunta: ${task}`,
  toolAsks: (asker, tool) => `${asker} pide ejecutar ${tool}`,
  askedTimes: (times) =>
    `Es la ${spanish.formatCount(times)}.ª vez que se pide esta misma llamada en esta ejecución.`,
  allowedCalls: (count, when) =>
    spanish.plural(
      count,
      `En esta ejecución también se permitió una llamada (${when}).`,
      `En esta ejecución también se permitieron # llamadas (la última: ${when}).`,
    ),
  permissionEnded: (person, when) =>
    `${person} retiró este permiso (${when}): la próxima llamada necesita una decisión.`,
  sameArguments: 'los mismos argumentos',
  argumentContinued: '(continuación)',
  programAsks: (crew, task) => `${crew} pregunta: ${task}`,
  askedFor: (text) => `Se espera: ${text}`,
  editedBy: (person) => `${person} editó la versión anterior. Las demás personas deciden sobre esta.`,
  editedTo: 'El texto se cambió a:',
  usedExactly: 'CrewAI usó este texto palabra por palabra:',
  notUsedExactly: 'CrewAI no usó este texto palabra por palabra. *Qué cambió* muestra las diferencias:',
  run: (run) => `Ejecución: ${run}`,
  openRun: 'abrir',
  outcome: (round, decision) => `Ronda ${round}: ${decision}.`,
  endedWithout: 'se cerró sin decisión',
  folded: (count) => `El resto del resultado (${spanish.plural(count, 'un carácter', '# caracteres')})`,
  steps: (agent, shown, total) => {
    const count =
      shown < total
        ? `${spanish.formatCount(shown)} de ${spanish.formatCount(total)}`
        : spanish.formatCount(total);
    return agent === undefined
      ? `Últimos pasos de la ejecución (${count})`
      : `Últimos pasos de ${agent} (${count})`;
  },
  step: (tool, input, result) => `${tool}\nEntrada: ${input || '–'}\nSalida: ${result || '–'}`,
  decideOnLastPage: 'Puedes responder debajo de la última página de *Leer completo*.',
  stateInMenu: '*Detalles*, en el menú, muestra el estado del Flow.',
  unnotified:
    'No se notificó a nadie sobre esta tarjeta. Pide al administrador del bot que configure a quién notificar.',
  footer: (crew) => `Crew ${crew}`,
  ignored: (settings) =>
    `Se ignoró parte de la configuración de la ejecución: ${settings.map((setting) => IGNORED_IN_SPANISH[setting]).join('; ')}.`,

  answerBy: (when) => `CrewAI espera una respuesta antes de: ${when}.`,
  withoutAnswer: (option) => `Si nadie responde, CrewAI usa ${option}.`,
  deadline: (when, action, answer) => {
    const effect = {
      approve: 'Después se aprueba automáticamente.',
      request_revision:
        answer === ''
          ? 'Después se devuelve para cambios.'
          : `Después se devuelve para cambios con "${answer}"${spanish.fullStop(answer)}`,
      choose: `Después la respuesta es ${answer}.`,
    };
    return `Fecha límite: ${when}. ${action === undefined ? 'Después sigue abierto.' : effect[action]}`;
  },
  assignedByCrewAI: (email) => `CrewAI lo asignó a ${email}`,
  answersRequest: (by = spanish.EXPIRY_RULE) => `Esto responde al pedido de ${by}:`,
  nextAfterRequest: (by = spanish.EXPIRY_RULE, isLikely = false) =>
    isLikely
      ? `Este es probablemente el nuevo resultado después del pedido de ${by}:`
      : `Nuevo resultado después del pedido de ${by}:`,
  followsAnswer: (by = spanish.EXPIRY_RULE) => `Esto viene después de la respuesta de ${by}:`,
  followsOption: (option, by = spanish.EXPIRY_RULE) =>
    `Esto viene después de la respuesta ${option} de ${by}.`,
};

/** Texts on the card of a round. */
export const cardTexts = { en, 'pt-BR': ptBR, es };
