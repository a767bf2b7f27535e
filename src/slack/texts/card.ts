import type { Progress } from '../../approval/card-facts.ts';
import type { Decision, RoundStatus } from '../../approval/model/round.ts';
import type { IgnoredSetting } from '../../approval/model/run/ignored-setting.ts';
import { english } from './languages/english.ts';
import { portuguese } from './languages/portuguese.ts';
import { spanish } from './languages/spanish.ts';
import type { Deciders, DecisionWords } from './words.ts';

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

/** "3rd" */
function formatOrdinal(count: number): string {
  const endings: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' };
  return `${english.formatCount(count)}${endings[ORDINALS.select(count)] ?? 'th'}`;
}

const ORDINALS = new Intl.PluralRules('en-US', { type: 'ordinal' });

/** "Approved by @Ana today" */
function writeDecision({ action, option, by, when }: DecisionWords): string {
  const what = {
    approve: 'Approved',
    request_revision: 'Revision requested',
    choose: option === undefined ? 'Answered' : `${option} chosen`,
  }[action];
  return `${what} by ${by ?? english.RULE}${when === undefined ? '' : ` ${when}`}`;
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

const en = {
  /** How Slack writes a time: https://docs.slack.dev/messaging/formatting-message-text */
  time: '{date_short_pretty} at {time}',
  rule: english.RULE,
  /** The name of an approval. `task`: undefined if its title must not be shown. */
  name: (task: string | undefined, crew: string) =>
    task === undefined ? `an output of ${crew}` : `${task} of ${crew}`,
  /** The same where a sentence begins with it. */
  subject: (task: string | undefined, crew: string) => `${crew}: ${task ?? 'an output'}`,
  untitled: (crew: string) => `An output of ${crew}`,
  /** The title of an output that has no words to name it by. */
  unnamed: english.UNNAMED,
  inRound: (task: string, round: number, isUnchanged = false) => {
    if (round === 1) return task;
    return isUnchanged ? `${task} (round ${round}, unchanged)` : `${task} (round ${round})`;
  },

  /** On a phone. `people`: who is asked; `task`: undefined if its title must not be shown. */
  notifyWaiting: (of: { task: string | undefined; crew: string; isChoice: boolean }, people?: string) => {
    const what = `${of.crew}: ${of.task ?? 'an output'} is waiting for a decision.`;
    const how = of.isChoice ? 'Choose an answer.' : 'Approve it or request a revision.';
    return people === undefined ? `${what} ${how}` : `${people} ${what} ${how}`;
  },
  notify: (crew: string, task: string | undefined, state: string) =>
    `${crew}: ${english.endSentence(task ?? 'an output')} ${state}`,
  nothingLeft: 'There is nothing left to decide.',
  rejected: 'CrewAI rejected it.',

  /** `who`: an agent or a crew; `hidesTitle`: `task` is not its title; `isOver`: nobody decides any more. */
  asksForApproval: (who: string, task: string, { hidesTitle = false, isOver = false } = {}) =>
    `${who} ${isOver ? 'asked' : 'asks'} for approval${hidesTitle ? ' of' : ':'} ${task}`,
  /** Instead of a title that must not be shown. */
  output: 'an output',
  /** `people`: their mentions; `asked`: what is asked. */
  addressed: (people: string, asked: string) => `${people} – ${asked}`,
  canDecide: (people: Deciders) => `${english.beginWithAnyone(people)} can decide.`,
  /** Too few people can decide, or the votes for answers can still change. */
  canVote: (people: Deciders, isStill: boolean) =>
    `${english.beginWithAnyone(people)} can ${isStill ? 'still ' : ''}vote.`,
  allHaveToApprove: (names: readonly string[]) =>
    names.length === 2
      ? `${english.formatList(names)} both have to approve. Either can request a revision.`
      : `${english.formatList(names)} all have to approve. Any of them can request a revision.`,
  allHaveToChoose: (names: readonly string[]) =>
    `${english.formatList(names)} ${names.length === 2 ? 'both' : 'all'} have to choose the same answer.`,
  approvalsNeeded: (count: number, people: Deciders) =>
    `${english.capitalize(spellOut(count))} approvals are needed from ${english.nameEveryone(people)}.`,
  choicesNeeded: (count: number, people: Deciders) => {
    const who =
      typeof people === 'string' ? english.nameEveryone(people) : `of ${english.nameEveryone(people)}`;
    return `${english.capitalize(spellOut(count))} ${who} have to choose the same answer.`;
  },
  moreApprovalsNeeded: (count: number, people: Deciders) => {
    const isOne = count === 1;
    const needed = isOne
      ? 'One more approval is'
      : `${english.capitalize(spellOut(count))} more approvals are`;
    const oneOf = typeof people !== 'string' && people.others > 0 ? 'one of ' : '';
    return `${needed} needed, from ${isOne ? `${oneOf}${english.nameAnyone(people)}` : english.nameEveryone(people)}.`;
  },
  flowAsks: (task: string) => `The Flow asks: ${task}`,
  /** `who`: an agent or a crew. */
  toolAsks: (who: string, tool: string) => `${who} asks to run ${tool}`,
  askedTimes: (times: number) => `This is the ${formatOrdinal(times)} request for the same call in this run.`,
  /** `when`: of the last one. */
  allowedCalls: (count: number, when: string) =>
    `Also allowed in this run: ${english.plural(count, 'one call', '# calls, the last one')} ${when}.`,
  permissionEnded: (person: string, when: string) =>
    `${person} ended this permission ${when}: the next call needs a decision.`,
  sameArguments: 'the same arguments',
  /** Behind the name of an argument that goes on. */
  argumentContinued: '(continued)',
  programAsks: (crew: string, task: string) => `${crew} asks: ${task}`,
  askedFor: (text: string) => `Expected: ${text}`,
  editedBy: (person: string) => `${person} edited the previous version. The others decide on this one.`,
  editedTo: 'The text was changed to:',
  usedExactly: 'CrewAI used this text word for word:',
  notUsedExactly: 'CrewAI did not use this text word for word. *What changed* shows the differences:',
  /** `run`: its title or a link to it. */
  run: (run: string) => `Run: ${run}`,
  openRun: 'open it',
  /** Of the newest round, on the first card. `what`: "Approved by @Ana". */
  outcome: (round: number, what: string) => `Round ${round}: ${what}.`,
  endedWithout: 'closed without a decision',
  /** The title of what can be unfolded. */
  folded: (count: number) =>
    `The rest of the output (${english.plural(count, 'one character', '# characters')})`,
  /** `agent`: undefined where several tasks ran, or none is known. */
  steps: (agent: string | undefined, shown: number, all: number) => {
    const count =
      shown < all
        ? `last ${english.formatCount(shown)} of ${english.formatCount(all)}`
        : english.formatCount(all);
    return agent === undefined ? `Recent steps of the run (${count})` : `Steps of ${agent} (${count})`;
  },
  step: (tool: string, input: string, result: string) =>
    `${tool}\nInput: ${input || '–'}\nResult: ${result || '–'}`,
  stateInMenu: '*Details* in the menu shows the state of the Flow.',
  unnotified: "No one was notified of this card. Ask the bot's admin to set who is notified.",
  footer: (crew: string) => `Crew ${crew}`,
  ignored: (settings: readonly IgnoredSetting[]) =>
    `Some settings of the run were ignored: ${settings.map((setting) => IGNORED[setting]).join('; ')}.`,

  mayHaveContinued:
    'Another task of this run has finished since, so the run may have continued without a decision.',
  runGoesSilent: "CrewAI won't report back on this run. Ask the bot's admin to fix this.",
  undecidableUnnamed:
    "No one can decide this: CrewAI didn't name the task, and no one is an approver of every task.",
  changeApprovers: "Ask the bot's admin to change the approvers, or close this without a decision.",
  tooFewApprovers: (able: number, required: number) => {
    if (able === 0) return 'There is no one left who can decide this.';
    return `${english.formatCount(required)} people have to approve this, and only ${english.plural(able, 'one', '#')} can.`;
  },
  approvals: (approved: number, required: number, people: string) =>
    `${english.formatCount(approved)} of ${english.formatCount(required)} approved${people === '' ? '' : `: ${people}`}.`,
  /** `option`: undefined for an answer in free text. */
  votes: (required: number, votes: readonly { option?: string | undefined; people: readonly string[] }[]) => {
    const counted = votes.map(
      ({ option = 'another answer', people }) =>
        `${option} ${english.formatCount(people.length)} of ${english.formatCount(required)}: ${people.join(', ')}`,
    );
    const needed = `${english.formatCount(required)} people have to choose the same answer.`;
    return counted.length === 0 ? needed : `${needed} ${counted.join('; ')}.`;
  },
  assigned: (person: string) => `${person} was asked to decide.`,
  claimed: (person: string) => `${person} is on it.`,
  expired: (when: string) => `The deadline passed ${when}. You can still decide.`,
  ruleExhausted: 'The expiry rule has requested a revision three times in a row, so a person decides now.',

  answerBy: (when: string) => `CrewAI expects an answer by ${when}.`,
  withoutAnswer: (option: string) => `Without an answer, CrewAI takes ${option}.`,
  /** `action`: what is decided without people, undefined: nothing; `what`: the option, or what is sent back. */
  deadline: (when: string, action: Decision['action'] | undefined, what: string) => {
    const then = {
      approve: 'After that it is approved automatically.',
      request_revision:
        what === ''
          ? 'After that it is sent back.'
          : `After that it is sent back with "${what}"${english.fullStop(what)}`,
      choose: `After that the answer is ${what}.`,
    };
    return `Decide by ${when}. ${action === undefined ? 'It stays open after that.' : then[action]}`;
  },
  assignedByCrewAI: (email: string) => `CrewAI assigned it to ${email}`,
  /** Before the request that an output answers. `by`: undefined for a rule. */
  answersRequest: (by = english.RULE) => `This answers the request of ${by}:`,
  /** The same where CrewAI does not name its task. `isLikely`: nothing proves that it came after the request. */
  nextAfterRequest: (by = english.RULE, isLikely = false) =>
    isLikely
      ? `This is likely CrewAI's next output after the request of ${by}:`
      : `CrewAI's next output after the request of ${by}:`,
  /** Before the answer in free text that came before. */
  followsAnswer: (by = english.RULE) => `This follows the answer of ${by}:`,
  followsOption: (option: string, by = english.RULE) => `This follows the answer ${option} of ${by}.`,

  decision: writeDecision,
  decided: (decision: DecisionWords) => `${writeDecision(decision)}.`,
  sending: 'Sending it to CrewAI…',
  canBeUndone: (when: string) => `It will be sent ${when}. Until then, *Undo* takes it back.`,
  retrying: "I'll keep trying.",
  notDelivered: "It wasn't delivered.",
  mayHaveArrived: 'It may have reached CrewAI.',
  mayHaveArrivedUnanswered: "It may have reached CrewAI, but it didn't respond.",
  earlierMayHaveArrived: 'An earlier attempt may have reached CrewAI.',
  retrySendsAgain: '*Retry* sends the same decision again.',
  closeEndsThis: '*Close without a decision* ends this approval.',
  /** The program that asked fetches its answers itself. */
  notFetched: "The program that asked hasn't picked it up yet.",
  /** The answer is sent to the program, too. */
  pushFailed: {
    not_taken: "The program that asked didn't take the answer when I sent it; it can still fetch it.",
    not_allowed: "I can't send it the answer, since my settings don't allow its address. I'll keep trying.",
  },
  /** `next`: what the program does then. */
  received: (next?: string) =>
    next === undefined
      ? 'The program that asked has received it.'
      : `The program that asked has received it: ${next}`,
  /** `task`: with which it goes on. */
  goesOn: (who: 'crew' | 'flow', task?: string) =>
    `Decision sent. The ${who === 'flow' ? 'Flow' : 'crew'} goes on${task === undefined ? '' : ` with ${task}`}.`,
  notHeardOf: (who: 'crew' | 'flow') =>
    `Decision sent. I'll know when the ${who === 'flow' ? 'Flow' : 'crew'} goes on.`,
  acceptedOtherwise: (says: string) => `CrewAI accepted it and says "${says}".`,
  superseded: (when: string) => `A newer output replaced this one ${when}.`,
  noLongerWaiting: 'CrewAI was no longer waiting.',
  notWaiting: (when: string) => `Closed ${when}: this task didn't need a decision.`,
  resolved: writeResolved,
  runEnded: (when: string) => `The run ended ${when}, before anyone decided.`,
  runEndedFirst: (when: string) => `The run ended ${when}, before CrewAI accepted it.`,
  runEndedPerhaps: (when: string) => `The run ended ${when}. CrewAI may have accepted it before that.`,
  runEndedUnfetched: (when: string) => `The run ended ${when}, before the program picked it up.`,
  withdrawn: (when: string) => `The program that asked withdrew this question ${when}.`,
  noApprovers: (when: string) =>
    `Closed ${when}: a tool needs named approvers, and there are none. Ask the bot's admin to set them.`,
  hiddenFields: (when: string) =>
    `Closed ${when}: it asks for a hidden value, and a form in Slack is not a place for secrets.`,
  lapsed: (when: string) => `Closed ${when}: the program that asked is no longer running.`,
  closed: (person: string, when: string) => `Closed without a decision by ${person} ${when}.`,
  decisionMayHaveArrived: 'The earlier decision may have reached CrewAI.',

  /** Of a program's question. */
  summaryNotFetched: (option?: string) =>
    option === undefined ? 'decided, not picked up yet' : `answered ${option}, not picked up yet`,
  summaryNotSent: 'decided, can still be undone',
  summaryNoApprovers: 'closed, no approvers are named',
  summaryHiddenFields: 'closed, it asks for a hidden value',
  summaryLapsed: 'closed, its program stopped',
  /** The state in a few words, for a list. `option`: the answer of a Flow; `progress`: of an accepted decision. */
  summary: (state: RoundStatus, progress: Progress | 'finished', option?: string) => {
    const got = {
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
      approved: `approved, ${got}`,
      revision_requested: `revision requested, ${got}`,
      answered: `answered${option === undefined ? '' : ` ${option}`}, ${got}`,
      superseded: 'replaced by a newer output',
      resolved_elsewhere: 'resolved elsewhere',
      run_ended: 'the run ended',
      given_up: 'closed without a decision',
      withdrawn: 'withdrawn',
    }[state];
  },
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
  return `${what} ${portuguese.nameActorInPortuguese(by)}${when === undefined ? '' : `, ${when}`}`;
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

const ptBR: typeof en = {
  time: '{date_short_pretty}, {time}',
  rule: portuguese.RULE,
  name: (task, crew) => (task === undefined ? `uma saída da crew ${crew}` : `${task} da crew ${crew}`),
  subject: (task, crew) => `${crew}: ${task ?? 'uma saída'}`,
  untitled: (crew) => `Uma saída da crew ${crew}`,
  unnamed: portuguese.UNNAMED,
  inRound: (task, round, isUnchanged = false) => {
    if (round === 1) return task;
    return isUnchanged ? `${task} (rodada ${round}, sem mudanças)` : `${task} (rodada ${round})`;
  },

  notifyWaiting: (of, people) => {
    const what = `${of.crew}: ${of.task ?? 'uma saída'} aguarda uma decisão.`;
    const how = of.isChoice ? 'Escolha uma resposta.' : 'Aprove ou solicite uma revisão.';
    return people === undefined ? `${what} ${how}` : `${people} ${what} ${how}`;
  },
  notify: (crew, task, state) => `${crew}: ${portuguese.endSentence(task ?? 'uma saída')} ${state}`,
  nothingLeft: 'Não há mais nada para decidir.',
  rejected: 'O CrewAI rejeitou a decisão.',

  asksForApproval: (who, task, { hidesTitle = false, isOver = false } = {}) =>
    `${who} ${isOver ? 'pediu' : 'pede'} aprovação${hidesTitle ? ' de' : ':'} ${task}`,
  output: 'uma saída',
  addressed: (people, asked) => `${people} – ${asked}`,
  canDecide: (people) =>
    `${portuguese.beginWithAnyone(people)} ${portuguese.isOnePerson(people) ? 'pode' : 'podem'} decidir.`,
  canVote: (people, isStill) =>
    `${portuguese.beginWithAnyone(people)} ${isStill ? 'ainda ' : ''}${portuguese.isOnePerson(people) ? 'pode' : 'podem'} votar.`,
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
  flowAsks: (task) => `O Flow pergunta: ${task}`,
  toolAsks: (who, tool) => `${who} pede para executar ${tool}`,
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
  outcome: (round, what) => `Rodada ${round}: ${what}.`,
  endedWithout: 'encerrada sem decisão',
  folded: (count) => `O resto da saída (${portuguese.plural(count, 'um caractere', '# caracteres')})`,
  steps: (agent, shown, all) => {
    const count =
      shown < all
        ? `${portuguese.formatCount(shown)} de ${portuguese.formatCount(all)}`
        : portuguese.formatCount(all);
    return agent === undefined
      ? `Etapas recentes da execução (${count})`
      : `Etapas recentes de ${agent} (${count})`;
  },
  step: (tool, input, result) => `${tool}\nEntrada: ${input || '–'}\nResultado: ${result || '–'}`,
  stateInMenu: '*Detalhes*, no menu, mostra o estado do Flow.',
  unnotified:
    'Ninguém foi notificado deste cartão. Peça a quem administra o bot que defina quem é notificado.',
  footer: (crew) => `Crew ${crew}`,
  ignored: (settings) =>
    `Configurações da execução ignoradas: ${settings.map((setting) => IGNORED_IN_PORTUGUESE[setting]).join('; ')}.`,

  mayHaveContinued:
    'Outra tarefa desta execução terminou depois, então a execução talvez tenha continuado sem decisão.',
  runGoesSilent:
    'O CrewAI não vai dar retorno sobre esta execução. Peça a quem administra o bot que corrija isso.',
  undecidableUnnamed:
    'Ninguém pode decidir: o CrewAI não informou a tarefa, e ninguém é aprovador de todas as tarefas.',
  changeApprovers: 'Peça a quem administra o bot que altere os aprovadores, ou encerre sem decisão.',
  tooFewApprovers: (able, required) => {
    if (able === 0) return 'Não resta ninguém que possa decidir.';
    return `${portuguese.formatCount(required)} pessoas precisam aprovar, mas só ${portuguese.plural(able, 'uma pode', '# podem')}.`;
  },
  approvals: (approved, required, people) =>
    `${portuguese.formatCount(approved)} de ${portuguese.formatCount(required)} aprovações${people === '' ? '' : `: ${people}`}.`,
  votes: (required, votes) => {
    const counted = votes.map(
      ({ option = 'outra resposta', people }) =>
        `${option} ${portuguese.formatCount(people.length)} de ${portuguese.formatCount(required)}: ${people.join(', ')}`,
    );
    const needed = `${portuguese.formatCount(required)} pessoas precisam escolher a mesma resposta.`;
    return counted.length === 0 ? needed : `${needed} ${counted.join('; ')}.`;
  },
  assigned: (person) => `A decisão foi atribuída a ${person}.`,
  claimed: (person) => `${person} está cuidando disso.`,
  expired: (when) => `O prazo venceu (${when}). Você ainda pode decidir.`,
  ruleExhausted: 'A regra de prazo já solicitou revisão três vezes seguidas, então agora uma pessoa decide.',

  answerBy: (when) => `O CrewAI espera uma resposta até ${when}.`,
  withoutAnswer: (option) => `Sem resposta, o CrewAI usa ${option}.`,
  deadline: (when, action, what) => {
    const then = {
      approve: 'Depois disso, a aprovação é automática.',
      request_revision:
        what === ''
          ? 'Depois disso, volta para revisão.'
          : `Depois disso, volta para revisão com "${what}"${portuguese.fullStop(what)}`,
      choose: `Depois disso, a resposta é ${what}.`,
    };
    return `Decida até ${when}. ${action === undefined ? 'Depois disso, continua em aberto.' : then[action]}`;
  },
  assignedByCrewAI: (email) => `O CrewAI atribuiu a ${email}`,
  answersRequest: (by) => `Esta saída responde ao pedido ${portuguese.nameOwnerInPortuguese(by)}:`,
  nextAfterRequest: (by, isLikely) =>
    isLikely
      ? `Esta é provavelmente a próxima saída do CrewAI depois do pedido ${portuguese.nameOwnerInPortuguese(by)}:`
      : `A próxima saída do CrewAI depois do pedido ${portuguese.nameOwnerInPortuguese(by)}:`,
  followsAnswer: (by) => `Esta saída segue a resposta ${portuguese.nameOwnerInPortuguese(by)}:`,
  followsOption: (option, by) =>
    `Esta saída segue a resposta ${option} ${portuguese.nameOwnerInPortuguese(by)}.`,

  decision: writeDecisionInPortuguese,
  decided: (decision) => `${writeDecisionInPortuguese(decision)}.`,
  sending: 'Enviando ao CrewAI…',
  canBeUndone: (when) => `O envio está marcado para ${when}. Até lá, *Desfazer* cancela a decisão.`,
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
    next === undefined
      ? 'O programa que perguntou já recebeu a decisão.'
      : `O programa que perguntou já recebeu a decisão: ${next}`,
  goesOn: (who, task) =>
    `Decisão enviada. ${who === 'flow' ? 'O Flow' : 'A crew'} continua${task === undefined ? '' : ` com ${task}`}.`,
  notHeardOf: (who) =>
    `Decisão enviada. Aviso aqui quando ${who === 'flow' ? 'o Flow' : 'a crew'} continuar.`,
  acceptedOtherwise: (says) => `O CrewAI aceitou a decisão e informa o estado "${says}".`,
  superseded: (when) => `Uma saída mais recente substituiu esta (${when}).`,
  noLongerWaiting: 'O CrewAI já não aguardava uma decisão.',
  notWaiting: (when) => `Encerrado (${when}): esta tarefa não precisava de decisão.`,
  resolved: writeResolvedInPortuguese,
  runEnded: (when) => `A execução terminou antes de alguém decidir (${when}).`,
  runEndedFirst: (when) => `A execução terminou antes de o CrewAI aceitar a decisão (${when}).`,
  runEndedPerhaps: (when) =>
    `A execução terminou (${when}). O CrewAI pode ter aceitado a decisão antes disso.`,
  runEndedUnfetched: (when) => `A execução terminou antes de o programa receber a decisão (${when}).`,
  withdrawn: (when) => `O programa que perguntou retirou esta pergunta (${when}).`,
  noApprovers: (when) =>
    `Encerrado (${when}): uma ferramenta precisa de aprovadores definidos, e não há nenhum. Fale com quem administra o bot.`,
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
    const got = {
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
      approved: `aprovado, ${got}`,
      revision_requested: `revisão solicitada, ${got}`,
      answered: `respondido${option === undefined ? '' : ` com ${option}`}, ${got}`,
      superseded: 'substituído por uma saída mais recente',
      resolved_elsewhere: 'resolvido em outro lugar',
      run_ended: 'a execução terminou',
      given_up: 'encerrado sem decisão',
      withdrawn: 'pergunta retirada',
    }[state];
  },
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

/** "Aprobado por @Ana, hoy, 15:30". `by` may be several people, so no verb agrees with it. */
function writeDecisionInSpanish({ action, option, by = spanish.RULE, when }: DecisionWords): string {
  const what = {
    approve: `Aprobado por ${by}`,
    request_revision: `Cambios pedidos por ${by}`,
    choose: option === undefined ? `Respuesta de ${by}` : `Respuesta ${option} de ${by}`,
  }[action];
  return when === undefined ? what : `${what}, ${when}`;
}

/** `via`: CrewAI's word for how a review was answered. */
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
  time: '{date_short_pretty}, {time}',
  rule: spanish.RULE,
  name: (task, crew) => (task === undefined ? `un resultado de ${crew}` : `${task} de ${crew}`),
  subject: (task, crew) => `${crew}: ${task ?? 'un resultado'}`,
  untitled: (crew) => `Un resultado de ${crew}`,
  unnamed: spanish.UNNAMED,
  inRound: (task, round, isUnchanged = false) => {
    if (round === 1) return task;
    return isUnchanged ? `${task} (ronda ${round}, sin cambios)` : `${task} (ronda ${round})`;
  },

  notifyWaiting: (of, people) => {
    const what = `${of.crew}: ${of.task ?? 'un resultado'} espera una decisión.`;
    const how = of.isChoice ? 'Elige una respuesta.' : 'Aprueba o pide cambios.';
    return people === undefined ? `${what} ${how}` : `${people} ${what} ${how}`;
  },
  notify: (crew, task, state) => `${crew}: ${spanish.endSentence(task ?? 'un resultado')} ${state}`,
  nothingLeft: 'Ya no hay nada que decidir.',
  rejected: 'CrewAI rechazó la decisión.',

  asksForApproval: (who, task, { hidesTitle = false, isOver = false } = {}) =>
    `${who} ${isOver ? 'pidió' : 'pide'} aprobación${hidesTitle ? ' de' : ':'} ${task}`,
  output: 'un resultado',
  addressed: (people, asked) => `${people} – ${asked}`,
  canDecide: (people) =>
    `${spanish.beginWithAnyone(people)} ${spanish.isOnePerson(people) ? 'puede' : 'pueden'} decidir.`,
  canVote: (people, isStill) =>
    `${spanish.beginWithAnyone(people)} ${isStill ? 'todavía ' : ''}${spanish.isOnePerson(people) ? 'puede' : 'pueden'} votar.`,
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
  flowAsks: (task) => `El Flow pregunta: ${task}`,
  toolAsks: (who, tool) => `${who} pide ejecutar ${tool}`,
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
  outcome: (round, what) => `Ronda ${round}: ${what}.`,
  endedWithout: 'se cerró sin decisión',
  folded: (count) => `El resto del resultado (${spanish.plural(count, 'un carácter', '# caracteres')})`,
  steps: (agent, shown, all) => {
    const count =
      shown < all ? `${spanish.formatCount(shown)} de ${spanish.formatCount(all)}` : spanish.formatCount(all);
    return agent === undefined
      ? `Últimos pasos de la ejecución (${count})`
      : `Últimos pasos de ${agent} (${count})`;
  },
  step: (tool, input, result) => `${tool}\nEntrada: ${input || '–'}\nSalida: ${result || '–'}`,
  stateInMenu: '*Detalles*, en el menú, muestra el estado del Flow.',
  unnotified:
    'No se notificó a nadie sobre esta tarjeta. Pide al administrador del bot que configure a quién notificar.',
  footer: (crew) => `Crew ${crew}`,
  ignored: (settings) =>
    `Se ignoró parte de la configuración de la ejecución: ${settings.map((setting) => IGNORED_IN_SPANISH[setting]).join('; ')}.`,

  mayHaveContinued:
    'Otra tarea de esta ejecución terminó después, así que es posible que la ejecución haya continuado sin decisión.',
  runGoesSilent:
    'CrewAI no volverá a informar sobre esta ejecución. Pide al administrador del bot que lo corrija.',
  undecidableUnnamed:
    'Nadie puede decidir esto: CrewAI no nombró la tarea, y nadie es aprobador de todas las tareas.',
  changeApprovers: 'Pide al administrador del bot que cambie los aprobadores, o cierra esto sin decidir.',
  tooFewApprovers: (able, required) => {
    if (able === 0) return 'Ya no queda nadie que pueda decidir esto.';
    return `Se necesitan ${spanish.formatCount(required)} aprobaciones, y solo ${spanish.plural(able, 'una persona puede', '# personas pueden')} aprobar.`;
  },
  approvals: (approved, required, people) => {
    const count = `Aprobaciones: ${spanish.formatCount(approved)} de ${spanish.formatCount(required)}`;
    return people === '' ? `${count}.` : `${count} (${people}).`;
  },
  votes: (required, votes) => {
    const counted = votes.map(
      ({ option = 'otra respuesta', people }) =>
        `${option} ${spanish.formatCount(people.length)} de ${spanish.formatCount(required)} (${people.join(', ')})`,
    );
    const needed = `${spanish.formatCount(required)} personas tienen que elegir la misma respuesta.`;
    return counted.length === 0 ? needed : `${needed} Votos: ${counted.join('; ')}.`;
  },
  assigned: (person) => `Esto se asignó a ${person}.`,
  claimed: (person) => `${person} se encarga de esto.`,
  expired: (when) => `El plazo venció (${when}). Todavía es posible decidir.`,
  ruleExhausted:
    'La regla de vencimiento pidió cambios tres veces seguidas, así que ahora decide una persona.',

  answerBy: (when) => `CrewAI espera una respuesta antes de: ${when}.`,
  withoutAnswer: (option) => `Si nadie responde, CrewAI usa ${option}.`,
  deadline: (when, action, what) => {
    const then = {
      approve: 'Después se aprueba automáticamente.',
      request_revision:
        what === ''
          ? 'Después se devuelve para cambios.'
          : `Después se devuelve para cambios con "${what}"${spanish.fullStop(what)}`,
      choose: `Después la respuesta es ${what}.`,
    };
    return `Fecha límite: ${when}. ${action === undefined ? 'Después sigue abierto.' : then[action]}`;
  },
  assignedByCrewAI: (email) => `CrewAI lo asignó a ${email}`,
  answersRequest: (by = spanish.RULE) => `Esto responde al pedido de ${by}:`,
  nextAfterRequest: (by = spanish.RULE, isLikely = false) =>
    isLikely
      ? `Este es probablemente el siguiente resultado de CrewAI después del pedido de ${by}:`
      : `El siguiente resultado de CrewAI después del pedido de ${by}:`,
  followsAnswer: (by = spanish.RULE) => `Esto viene después de la respuesta de ${by}:`,
  followsOption: (option, by = spanish.RULE) => `Esto viene después de la respuesta ${option} de ${by}.`,

  decision: writeDecisionInSpanish,
  decided: (decision) => `${writeDecisionInSpanish(decision)}.`,
  sending: 'Enviando la decisión a CrewAI…',
  canBeUndone: (when) => `Envío: ${when}. Hasta entonces, *Deshacer* anula la decisión.`,
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
      ? 'El programa que preguntó ya recibió la decisión.'
      : `El programa que preguntó ya recibió la decisión: ${next}`,
  goesOn: (who, task) =>
    `Decisión enviada. El ${who === 'flow' ? 'Flow' : 'crew'} continúa${task === undefined ? '' : ` con ${task}`}.`,
  notHeardOf: (who) =>
    `Decisión enviada. Aquí se verá cuando el ${who === 'flow' ? 'Flow' : 'crew'} continúe.`,
  acceptedOtherwise: (says) => `CrewAI aceptó la decisión y dice "${says}".`,
  superseded: (when) => `Un resultado más nuevo reemplazó a este (${when}).`,
  noLongerWaiting: 'CrewAI ya no esperaba la decisión.',
  notWaiting: (when) => `Se cerró (${when}): esta tarea no necesitaba una decisión.`,
  resolved: writeResolvedInSpanish,
  runEnded: (when) => `La ejecución terminó (${when}) antes de que alguien decidiera.`,
  runEndedFirst: (when) => `La ejecución terminó (${when}) antes de que CrewAI aceptara la decisión.`,
  runEndedPerhaps: (when) =>
    `La ejecución terminó (${when}). Es posible que CrewAI haya aceptado antes la decisión.`,
  runEndedUnfetched: (when) =>
    `La ejecución terminó (${when}) antes de que el programa recibiera la decisión.`,
  withdrawn: (when) => `El programa que preguntó retiró esta pregunta (${when}).`,
  noApprovers: (when) =>
    `Se cerró (${when}): una herramienta necesita aprobadores definidos y no hay ninguno. Habla con quien administra el bot.`,
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
    const got = {
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
      approved: `aprobado, ${got}`,
      revision_requested: `se pidieron cambios, ${got}`,
      answered: option === undefined ? `respondido, ${got}` : `respuesta ${option}, ${got}`,
      superseded: 'reemplazado por un resultado más nuevo',
      resolved_elsewhere: 'resuelto en otro lugar',
      run_ended: 'la ejecución terminó',
      given_up: 'cerrado sin decisión',
      withdrawn: 'retirado',
    }[state];
  },
};

/** The card of a round. */
export const cardTexts = { en, 'pt-BR': ptBR, es };
