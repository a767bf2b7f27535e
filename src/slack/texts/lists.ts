import { english } from './languages/english.ts';
import { portuguese } from './languages/portuguese.ts';
import { spanish } from './languages/spanish.ts';
import type { DecisionFilter } from './words.ts';

function inCrew(crew: string | undefined): string {
  return crew === undefined ? '' : ` in ${crew}`;
}

/** Writes the limits of a list of decisions: person, crew, date. */
function limitDecisions({ by, crew, since }: DecisionFilter): string {
  const person = by === undefined ? '' : ` by ${by}`;
  return `${person}${inCrew(crew)}${since === undefined ? '' : ` since ${since}`}`;
}

const en = {
  yourApprovals: 'Your approvals',
  waitingForYou: (count: number) =>
    count === 0
      ? 'Nothing is waiting for you'
      : english.plural(count, 'One approval is waiting for you', '# approvals are waiting for you'),
  atLeastWaitingForYou: (count: number) =>
    english.plural(
      count,
      'At least one approval is waiting for you',
      'At least # approvals are waiting for you',
    ),
  waitingForOthers: (count: number) =>
    english.plural(
      count,
      'One approval is waiting for other people.',
      '# approvals are waiting for other people.',
    ),
  unchecked: (count: number) =>
    english.plural(
      count,
      "I can't check one more approval right now. You may be able to decide it.",
      "I can't check # more approvals right now. You may be able to decide them.",
    ),
  moreForYou: (count: number, command: string) =>
    english.plural(
      count,
      `One more is waiting for you. Type ${command} to list it.`,
      `# more are waiting for you. Type ${command} to list them.`,
    ),
  notAllListed: (command: string) => `There may be more: type ${command}.`,
  checkedOldest: (count: number, command: string) =>
    `I checked only the ${english.formatCount(count)} oldest waiting approvals. Type ${command} to check more.`,
  ofCrewSince: (crew: string, date: string) => `Crew ${crew} · since ${date}`,
  permissions: 'Tool calls that run without a decision',
  recentDecisions: 'Your recent decisions',
  /** A task with its state, the person who decided, and the time. */
  taskInState: (task: string, state: string, decision?: { by: string; at: string }) =>
    decision ? `${task}: ${state} · ${decision.by} ${decision.at}` : `${task}: ${state}`,

  open: 'Open',
  newer: 'Newer',
  older: 'Older',
  /**
   * `mine`: the list has only approvals that the person can decide. `more`: an earlier page was not empty. `stopped`: the search
   * ended early.
   */
  nothingWaiting: (list: { crew: string | undefined; mine: boolean; more: boolean; stopped: boolean }) => {
    if (list.more) return `Nothing else is waiting${inCrew(list.crew)}.`;
    if (list.stopped) return `So far I found nothing that is waiting for you${inCrew(list.crew)}.`;
    return list.mine
      ? `Nothing is waiting for you${inCrew(list.crew)}.`
      : `Nothing is waiting for a decision${inCrew(list.crew)}.`;
  },
  waitingForYouIn: (crew: string | undefined) => `Waiting for you${inCrew(crew)}, oldest first:`,
  /** `hasMore`: there are more than `count`. */
  waiting: (count: number, hasMore: boolean, crew: string | undefined) => {
    if (hasMore)
      return `More than ${english.formatCount(count)} approvals are waiting${inCrew(crew)}, oldest first:`;
    return english.plural(
      count,
      `One approval is waiting${inCrew(crew)}:`,
      `# approvals are waiting${inCrew(crew)}, oldest first:`,
    );
  },
  decisions: (filter: DecisionFilter) => `Decisions${limitDecisions(filter)}, newest first:`,
  /** `hasOtherPages`: an earlier page was not empty. */
  noDecisions: (filter: DecisionFilter, hasOtherPages: boolean) =>
    hasOtherPages ? `No more decisions${limitDecisions(filter)}.` : `No decisions${limitDecisions(filter)}.`,
  /** The object of a search: words, the name of an approver, or both. */
  searched: (words: string | undefined, person: string | undefined) => {
    if (words === undefined) return person ?? '';
    return person === undefined ? `"${words}"` : `"${words}" and ${person}`;
  },
  found: (searchText: string) => `Matches for ${searchText}, waiting approvals first, then the newest:`,
  nothingFound: (searchText: string, hasOtherPages: boolean) =>
    hasOtherPages ? `I found nothing else for ${searchText}.` : `I found nothing for ${searchText}.`,
  nothingFoundYet: (searchText: string) => `So far I found nothing for ${searchText}.`,
  stopped: (button: string) => `I stopped searching after a while. Click *${button}* to search further.`,
  rowWaiting: (task: string, milliseconds: number) =>
    `${task} · waiting for ${milliseconds < 60_000 ? 'less than a minute' : english.formatDuration(milliseconds, 1)}`,
  rowInState: (row: { task: string; state: string; by: string | undefined; at: string }) =>
    row.by === undefined
      ? `${row.task} · ${row.state} ${row.at}`
      : `${row.task} · ${row.state} · ${row.by} ${row.at}`,
  /** `run`: undefined for a question without a run. */
  rowIds: (ids: { crew: string; run: string | undefined; approval: string; hasCard: boolean }) => {
    const run = ids.run === undefined ? '' : ` · run ${ids.run}`;
    return `${ids.crew}${run} · ${ids.approval}${ids.hasCard ? '' : ' · no card in Slack yet'}`;
  },

  approvals: (count: number) => english.plural(count, 'One approval', '# approvals'),
  notShown: (count: number) =>
    english.plural(count, 'One more is not shown here.', '# more are not shown here.'),

  noRuns: 'No runs were started from Slack.',
  runs: 'Runs started from Slack, newest first:',
  run: (id: string) => `run ${id}`,
  notAsked: "CrewAI wasn't asked about this run.",
  reportOfCrew: (crew: string, report: string) => `${crew}: ${report}`,
  noApprovalsOfRun: 'I found no approvals for this run.',
  andMore: (count: number) => `… and ${english.formatCount(count)} more`,
};

function nameCrewInPortuguese(crew: string | undefined): string {
  return crew === undefined ? '' : ` na crew ${crew}`;
}

function limitDecisionsInPortuguese({ by, crew, since }: DecisionFilter): string {
  const person = by === undefined ? '' : ` de ${by}`;
  return `${person}${nameCrewInPortuguese(crew)}${since === undefined ? '' : ` desde ${since}`}`;
}

const ptBR: typeof en = {
  yourApprovals: 'Suas aprovações',
  waitingForYou: (count) =>
    count === 0
      ? 'Nada aguarda sua decisão'
      : portuguese.plural(count, 'Uma aprovação aguarda sua decisão', '# aprovações aguardam sua decisão'),
  atLeastWaitingForYou: (count) =>
    portuguese.plural(
      count,
      'Pelo menos uma aprovação aguarda sua decisão',
      'Pelo menos # aprovações aguardam sua decisão',
    ),
  waitingForOthers: (count) =>
    portuguese.plural(
      count,
      'Uma aprovação aguarda outras pessoas.',
      '# aprovações aguardam outras pessoas.',
    ),
  unchecked: (count) =>
    portuguese.plural(
      count,
      'Não consigo verificar mais uma aprovação agora. Talvez você possa decidir.',
      'Não consigo verificar mais # aprovações agora. Talvez você possa decidir.',
    ),
  moreForYou: (count, command) =>
    portuguese.plural(
      count,
      `Mais uma aguarda sua decisão. Digite ${command} para ver.`,
      `Mais # aguardam sua decisão. Digite ${command} para ver.`,
    ),
  notAllListed: (command) => `Pode haver mais: digite ${command}.`,
  checkedOldest: (count, command) =>
    `Verifiquei só as ${portuguese.formatCount(count)} aprovações mais antigas. Digite ${command} para verificar mais.`,
  ofCrewSince: (crew, date) => `Crew ${crew} · desde ${date}`,
  permissions: 'Chamadas de ferramentas que não precisam de decisão',
  recentDecisions: 'Suas decisões recentes',
  taskInState: (task, state, decision) =>
    decision ? `${task}: ${state} · ${decision.by}, ${decision.at}` : `${task}: ${state}`,

  open: 'Abrir',
  newer: 'Mais recentes',
  older: 'Mais antigas',
  nothingWaiting: (list) => {
    if (list.more) return `Mais nada aguarda decisão${nameCrewInPortuguese(list.crew)}.`;
    if (list.stopped)
      return `Até agora não encontrei nada que aguarde sua decisão${nameCrewInPortuguese(list.crew)}.`;
    return list.mine
      ? `Nada aguarda sua decisão${nameCrewInPortuguese(list.crew)}.`
      : `Nada aguarda decisão${nameCrewInPortuguese(list.crew)}.`;
  },
  waitingForYouIn: (crew) =>
    `Aguardam sua decisão${nameCrewInPortuguese(crew)}, das mais antigas às mais recentes:`,
  waiting: (count, hasMore, crew) => {
    if (hasMore)
      return `Mais de ${portuguese.formatCount(count)} aprovações aguardam decisão${nameCrewInPortuguese(crew)}, das mais antigas às mais recentes:`;
    return portuguese.plural(
      count,
      `Uma aprovação aguarda decisão${nameCrewInPortuguese(crew)}:`,
      `# aprovações aguardam decisão${nameCrewInPortuguese(crew)}, das mais antigas às mais recentes:`,
    );
  },
  decisions: (filter) => `Decisões${limitDecisionsInPortuguese(filter)}, das mais recentes às mais antigas:`,
  noDecisions: (filter, hasOtherPages) =>
    hasOtherPages
      ? `Não há mais decisões${limitDecisionsInPortuguese(filter)}.`
      : `Não há decisões${limitDecisionsInPortuguese(filter)}.`,
  searched: (words, person) => {
    if (words === undefined) return person ?? '';
    return person === undefined ? `"${words}"` : `"${words}" e ${person}`;
  },
  found: (searchText) =>
    `Aprovações encontradas para ${searchText}, primeiro as que aguardam decisão, depois as mais recentes:`,
  nothingFound: (searchText, hasOtherPages) =>
    hasOtherPages ? `Não encontrei mais nada para ${searchText}.` : `Não encontrei nada para ${searchText}.`,
  nothingFoundYet: (searchText) => `Até agora não encontrei nada para ${searchText}.`,
  stopped: (button) => `Parei de buscar depois de um tempo. Clique em *${button}* para continuar.`,
  rowWaiting: (task, milliseconds) =>
    `${task} · aguarda há ${milliseconds < 60_000 ? 'menos de um minuto' : portuguese.formatDuration(milliseconds, 1)}`,
  rowInState: (row) =>
    row.by === undefined
      ? `${row.task} · ${row.state} · ${row.at}`
      : `${row.task} · ${row.state} · ${row.by}, ${row.at}`,
  rowIds: (ids) => {
    const run = ids.run === undefined ? '' : ` · execução ${ids.run}`;
    return `${ids.crew}${run} · ${ids.approval}${ids.hasCard ? '' : ' · ainda sem cartão no Slack'}`;
  },

  approvals: (count) => portuguese.plural(count, 'Uma aprovação', '# aprovações'),
  notShown: (count) => portuguese.plural(count, 'Mais uma não aparece aqui.', 'Mais # não aparecem aqui.'),

  noRuns: 'Nenhuma execução foi iniciada pelo Slack.',
  runs: 'Execuções iniciadas pelo Slack, das mais recentes às mais antigas:',
  run: (id) => `execução ${id}`,
  notAsked: 'O CrewAI não foi consultado sobre esta execução.',
  reportOfCrew: (crew, report) => `${crew}: ${report}`,
  noApprovalsOfRun: 'Não encontrei aprovações desta execução.',
  andMore: (count) => `… e mais ${portuguese.formatCount(count)}`,
};

function inCrewInSpanish(crew: string | undefined): string {
  return crew === undefined ? '' : ` en ${crew}`;
}

/** Writes the limits of a list of decisions: person, crew, date. */
function limitDecisionsInSpanish({ by, crew, since }: DecisionFilter): string {
  const person = by === undefined ? '' : ` de ${by}`;
  return `${person}${inCrewInSpanish(crew)}${since === undefined ? '' : ` desde ${since}`}`;
}

const es: typeof en = {
  yourApprovals: 'Tus aprobaciones',
  waitingForYou: (count) =>
    count === 0
      ? 'No tienes aprobaciones pendientes'
      : spanish.plural(count, 'Tienes una aprobación pendiente', 'Tienes # aprobaciones pendientes'),
  atLeastWaitingForYou: (count) =>
    spanish.plural(
      count,
      'Tienes al menos una aprobación pendiente',
      'Tienes al menos # aprobaciones pendientes',
    ),
  waitingForOthers: (count) =>
    spanish.plural(
      count,
      'Una aprobación espera la decisión de otras personas.',
      '# aprobaciones esperan la decisión de otras personas.',
    ),
  unchecked: (count) =>
    spanish.plural(
      count,
      'Ahora no puedo verificar una aprobación más. Es posible que puedas decidirla.',
      'Ahora no puedo verificar # aprobaciones más. Es posible que puedas decidirlas.',
    ),
  moreForYou: (count, command) =>
    spanish.plural(
      count,
      `Tienes una más pendiente. Escribe ${command} para verla.`,
      `Tienes # más pendientes. Escribe ${command} para verlas.`,
    ),
  notAllListed: (command) => `Puede haber más: escribe ${command}.`,
  checkedOldest: (count, command) =>
    `Solo revisé las ${spanish.formatCount(count)} aprobaciones pendientes más antiguas. Escribe ${command} para revisar más.`,
  ofCrewSince: (crew, date) => `Crew ${crew} · desde ${date}`,
  permissions: 'Llamadas a herramientas que no necesitan una decisión',
  recentDecisions: 'Tus decisiones recientes',
  taskInState: (task, state, decision) =>
    decision ? `${task}: ${state} · ${decision.by} ${decision.at}` : `${task}: ${state}`,

  open: 'Abrir',
  newer: 'Más recientes',
  older: 'Más antiguas',
  nothingWaiting: (list) => {
    const crew = inCrewInSpanish(list.crew);
    if (list.more) return `No hay más aprobaciones pendientes${crew}.`;
    if (list.stopped) return `Hasta ahora no encontré aprobaciones pendientes para ti${crew}.`;
    return list.mine ? `No tienes aprobaciones pendientes${crew}.` : `No hay aprobaciones pendientes${crew}.`;
  },
  waitingForYouIn: (crew) => `Tus aprobaciones pendientes${inCrewInSpanish(crew)}, primero las más antiguas:`,
  waiting: (count, hasMore, crew) => {
    if (hasMore)
      return `Hay más de ${spanish.formatCount(count)} aprobaciones pendientes${inCrewInSpanish(crew)}, primero las más antiguas:`;
    return spanish.plural(
      count,
      `Hay una aprobación pendiente${inCrewInSpanish(crew)}:`,
      `Hay # aprobaciones pendientes${inCrewInSpanish(crew)}, primero las más antiguas:`,
    );
  },
  decisions: (filter) => `Decisiones${limitDecisionsInSpanish(filter)}, primero las más recientes:`,
  noDecisions: (filter, hasOtherPages) =>
    hasOtherPages
      ? `No hay más decisiones${limitDecisionsInSpanish(filter)}.`
      : `No hay decisiones${limitDecisionsInSpanish(filter)}.`,
  searched: (words, person) => {
    if (words === undefined) return person ?? '';
    return person === undefined ? `"${words}"` : `"${words}" y ${person}`;
  },
  found: (searchText) => `Coincidencias con ${searchText}, primero las pendientes y luego las más recientes:`,
  nothingFound: (searchText, hasOtherPages) =>
    hasOtherPages ? `No encontré nada más con ${searchText}.` : `No encontré nada con ${searchText}.`,
  nothingFoundYet: (searchText) => `Hasta ahora no encontré nada con ${searchText}.`,
  stopped: (button) => `Dejé de buscar después de un rato. Haz clic en *${button}* para seguir buscando.`,
  rowWaiting: (task, milliseconds) =>
    milliseconds < 60_000
      ? `${task} · pendiente desde hace menos de un minuto`
      : `${task} · pendiente desde hace ${spanish.formatDuration(milliseconds, 1)}`,
  rowInState: (row) =>
    row.by === undefined
      ? `${row.task} · ${row.state} · ${row.at}`
      : `${row.task} · ${row.state} · ${row.by} ${row.at}`,
  rowIds: (ids) => {
    const run = ids.run === undefined ? '' : ` · ejecución ${ids.run}`;
    return `${ids.crew}${run} · ${ids.approval}${ids.hasCard ? '' : ' · todavía sin tarjeta en Slack'}`;
  },

  approvals: (count) => spanish.plural(count, 'Una aprobación', '# aprobaciones'),
  notShown: (count) => spanish.plural(count, 'Una más no se muestra aquí.', '# más no se muestran aquí.'),

  noRuns: 'No se inició ninguna ejecución desde Slack.',
  runs: 'Ejecuciones iniciadas desde Slack, primero las más recientes:',
  run: (id) => `ejecución ${id}`,
  notAsked: 'No se consultó a CrewAI sobre esta ejecución.',
  reportOfCrew: (crew, report) => `${crew}: ${report}`,
  noApprovalsOfRun: 'No encontré aprobaciones de esta ejecución.',
  andMore: (count) => `… y ${spanish.formatCount(count)} más`,
};

/** The Home tab, lists and look-ups. */
export const listsTexts = { en, 'pt-BR': ptBR, es };
