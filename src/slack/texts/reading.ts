import type { ResolvedUrl, WebhookUrls } from '../../approval/model/crew/webhook-urls.ts';
import { english } from './languages/english.ts';
import { portuguese } from './languages/portuguese.ts';
import { spanish } from './languages/spanish.ts';

const en = {
  stateTitle: 'State of the Flow',
  detailsTitle: 'Approval details',
  /** `page`: set if there are several pages. */
  place: (task: string, round: number, page?: { number: number; of: number }) =>
    `${task}, round ${round}${page ? ` · page ${english.formatCount(page.number)} of ${english.formatCount(page.of)}` : ''}`,
  first: 'First',
  back: 'Back',
  next: 'Next',
  last: 'Last',
  openAllPages: (next: number) =>
    `To decide here, open every page in order: go on from page ${english.formatCount(next)}.`,
  nothingChanged: (sinceRound: number) => `Nothing changed since round ${sinceRound}.`,
  onlySpacesChanged: (sinceRound: number) =>
    `Only spaces or invisible characters changed since round ${sinceRound}.`,
  changesLegend: '*Added* text is bold, ~removed~ text is struck through.',
  unchangedParagraphs: (count: number) =>
    english.plural(count, 'one paragraph unchanged', '# paragraphs unchanged'),
  emptyOutput: '_The output is empty._',
  lostOutput: 'This output is no longer available.',
  tooLongToCompare: 'These outputs are too long to compare here. *Read in full* shows the new one.',
  unseenCharacters: (count: number) =>
    english.plural(
      count,
      "One character of this output can't be seen. It is shown as a code, such as \\u200b.",
      "# characters of this output can't be seen. They are shown as codes, such as \\u200b.",
    ),
  hiddenCharacters: (count: number) =>
    english.plural(count, 'One more character is not shown here.', '# more characters are not shown here.'),
  hiddenRows: (count: number) =>
    english.plural(count, 'One more row is not shown here.', '# more rows are not shown here.'),

  /** Name of a file, without extension. `task`: undefined if its name must not be shown. */
  outputFile: (task: string | undefined, round: number) => `${task ?? 'output'}-round-${round}`,
  outputFileTitle: (task: string, round: number) => `${task}, round ${round}`,
  outputOfCrew: (crew: string) => `Output of ${crew}`,

  lastRounds: (shown: number, total: number) => `The last ${shown} of ${total} rounds:`,
  /** `url`: without secrets; `from`: the bot's source of the URL. */
  webhookUrl: (kind: keyof WebhookUrls | 'humanInput', url: string, from: ResolvedUrl['from']) => {
    const name = { task: 'task', step: 'step', crew: 'crew', humanInput: 'human input' }[kind];
    const origin = {
      registered: 'registered',
      meta: "from the run's meta",
      settings: 'from the settings',
      bot: "the bot's own",
    }[from];
    return `${name} → ${url} (${origin})`;
  },
  sentUrls: (urls: readonly string[]) => `Sent with the decision: ${urls.join(' · ')}`,
  noWebhookUrl: "No webhook URL is known, so CrewAI won't report back.",
  /** `task`: its name in CrewAI, if the card shows another one. */
  ids: (ids: { crew: string; task: string | undefined; execution: string | undefined; approval: string }) =>
    [
      `Crew ${ids.crew}`,
      ids.task === undefined ? '' : `task ${ids.task}`,
      ids.execution === undefined ? '' : `run ${ids.execution}`,
      `approval ${ids.approval}`,
    ]
      .filter(Boolean)
      .join(' · '),
  /** `by` and `at`: cause and time of the state. `decision`: an earlier decision, with its time. */
  round: (round: {
    number: number;
    state: string;
    by: string | undefined;
    at: string | undefined;
    decision: { what: string; at: string } | undefined;
  }) =>
    [
      `Round ${round.number}: ${round.state}`,
      ...(round.by === undefined || round.at === undefined ? [] : [`${round.by} ${round.at}`]),
      ...(round.decision ? [`${round.decision.what} ${round.decision.at}`] : []),
    ].join(' · '),
  received: (at: string, agent: string | undefined) =>
    agent === undefined ? `Received ${at}` : `Received ${at} from ${agent}`,
  alsoVoted: (people: string) => `Also voted: ${people}`,
  /** `answered`: time of CrewAI's answer. In some dialects, an answer does not prove that CrewAI accepted the decision. */
  delivery: ({
    attempts,
    answered,
    continued,
  }: {
    attempts: number;
    answered: { at: string; accepted: boolean } | undefined;
    continued: string | undefined;
  }) =>
    [
      english.plural(attempts, 'Sent to CrewAI once', 'Sent to CrewAI # times'),
      ...(answered ? [`${answered.accepted ? 'accepted' : 'answered'} ${answered.at}`] : []),
      ...(continued === undefined ? [] : [`the run continued ${continued}`]),
    ].join(', '),
};

const ptBR: typeof en = {
  stateTitle: 'Estado do Flow',
  detailsTitle: 'Detalhes da aprovação',
  place: (task, round, page) =>
    `${task}, rodada ${round}${page ? ` · página ${portuguese.formatCount(page.number)} de ${portuguese.formatCount(page.of)}` : ''}`,
  first: 'Primeira',
  back: 'Anterior',
  next: 'Próxima',
  last: 'Última',
  openAllPages: (next) =>
    `Para decidir aqui, abra todas as páginas em ordem: continue a partir da página ${portuguese.formatCount(next)}.`,
  nothingChanged: (sinceRound) => `Nada mudou desde a rodada ${sinceRound}.`,
  onlySpacesChanged: (sinceRound) =>
    `Só espaços ou caracteres invisíveis mudaram desde a rodada ${sinceRound}.`,
  changesLegend: 'O texto *adicionado* está em negrito, e o ~removido~ está riscado.',
  unchangedParagraphs: (count) =>
    portuguese.plural(count, 'um parágrafo sem mudanças', '# parágrafos sem mudanças'),
  emptyOutput: '_A saída está vazia._',
  lostOutput: 'Esta saída não está mais disponível.',
  tooLongToCompare: 'Estas saídas são longas demais para comparar aqui. *Ler na íntegra* mostra a nova.',
  unseenCharacters: (count) =>
    portuguese.plural(
      count,
      'Um caractere desta saída é invisível. Ele aparece como código, por exemplo \\u200b.',
      '# caracteres desta saída são invisíveis. Eles aparecem como códigos, por exemplo \\u200b.',
    ),
  hiddenCharacters: (count) =>
    portuguese.plural(count, 'Mais um caractere não aparece aqui.', 'Mais # caracteres não aparecem aqui.'),
  hiddenRows: (count) =>
    portuguese.plural(count, 'Mais uma linha não aparece aqui.', 'Mais # linhas não aparecem aqui.'),

  outputFile: (task, round) => `${task ?? 'saida'}-rodada-${round}`,
  outputFileTitle: (task, round) => `${task}, rodada ${round}`,
  outputOfCrew: (crew) => `Saída da crew ${crew}`,

  lastRounds: (shown, total) => `As últimas ${shown} de ${total} rodadas:`,
  webhookUrl: (kind: keyof WebhookUrls | 'humanInput', url: string, from: ResolvedUrl['from']) => {
    const name = { task: 'tarefa', step: 'etapa', crew: 'crew', humanInput: 'entrada humana' }[kind];
    const origin = {
      registered: 'registrada',
      meta: 'do meta da execução',
      settings: 'das configurações',
      bot: 'do próprio bot',
    }[from];
    return `${name} → ${url} (${origin})`;
  },
  sentUrls: (urls) => `URLs enviadas com a decisão: ${urls.join(' · ')}`,
  noWebhookUrl: 'Nenhuma URL de webhook é conhecida, então o CrewAI não vai dar retorno.',
  ids: (ids) =>
    [
      `Crew ${ids.crew}`,
      ids.task === undefined ? '' : `tarefa ${ids.task}`,
      ids.execution === undefined ? '' : `execução ${ids.execution}`,
      `aprovação ${ids.approval}`,
    ]
      .filter(Boolean)
      .join(' · '),
  round: (round) =>
    [
      `Rodada ${round.number}: ${round.state}`,
      ...(round.by === undefined || round.at === undefined ? [] : [`${round.by}, ${round.at}`]),
      ...(round.decision ? [`${round.decision.what}, ${round.decision.at}`] : []),
    ].join(' · '),
  received: (at, agent) =>
    agent === undefined ? `Saída recebida: ${at}` : `Saída recebida de ${agent}: ${at}`,
  alsoVoted: (people) => `Também votaram: ${people}`,
  delivery: ({ attempts, answered, continued }) =>
    [
      portuguese.plural(attempts, 'Decisão enviada ao CrewAI uma vez', 'Decisão enviada ao CrewAI # vezes'),
      ...(answered ? [`o CrewAI ${answered.accepted ? 'aceitou' : 'respondeu'} (${answered.at})`] : []),
      ...(continued === undefined ? [] : [`a execução continuou (${continued})`]),
    ].join(', '),
};

const es: typeof en = {
  stateTitle: 'Estado del Flow',
  detailsTitle: 'Detalles de aprobación',
  place: (task, round, page) =>
    page
      ? `${task}, ronda ${round} · página ${spanish.formatCount(page.number)} de ${spanish.formatCount(page.of)}`
      : `${task}, ronda ${round}`,
  first: 'Primera',
  back: 'Anterior',
  next: 'Siguiente',
  last: 'Última',
  openAllPages: (next) =>
    `Para decidir aquí, abre todas las páginas en orden: continúa desde la página ${spanish.formatCount(next)}.`,
  nothingChanged: (sinceRound) => `No cambió nada desde la ronda ${sinceRound}.`,
  onlySpacesChanged: (sinceRound) =>
    `Desde la ronda ${sinceRound} solo cambiaron espacios o caracteres invisibles.`,
  changesLegend: 'El texto *agregado* está en negrita; el ~eliminado~, tachado.',
  unchangedParagraphs: (count) => spanish.plural(count, 'un párrafo sin cambios', '# párrafos sin cambios'),
  emptyOutput: '_El resultado está vacío._',
  lostOutput: 'Este resultado ya no está disponible.',
  tooLongToCompare:
    'Estos resultados son demasiado largos para compararlos aquí. *Leer completo* muestra el nuevo.',
  unseenCharacters: (count) =>
    spanish.plural(
      count,
      'Un carácter de este resultado no se ve. Se muestra como código, por ejemplo \\u200b.',
      '# caracteres de este resultado no se ven. Se muestran como códigos, por ejemplo \\u200b.',
    ),
  hiddenCharacters: (count) =>
    spanish.plural(count, 'Un carácter más no se muestra aquí.', '# caracteres más no se muestran aquí.'),
  hiddenRows: (count) =>
    spanish.plural(count, 'Una fila más no se muestra aquí.', '# filas más no se muestran aquí.'),

  outputFile: (task, round) => `${task ?? 'resultado'}-ronda-${round}`,
  outputFileTitle: (task, round) => `${task}, ronda ${round}`,
  outputOfCrew: (crew) => `Resultado de ${crew}`,

  lastRounds: (shown, total) => `Últimas rondas (${shown} de ${total}):`,
  webhookUrl: (kind, url, from) => {
    const name = { task: 'tareas', step: 'pasos', crew: 'crew', humanInput: 'intervención humana' }[kind];
    const origin = {
      registered: 'registrada',
      meta: 'del meta de la ejecución',
      settings: 'de la configuración',
      bot: 'del propio bot',
    }[from];
    return `${name} → ${url} (${origin})`;
  },
  sentUrls: (urls) => `Se enviaron con la decisión: ${urls.join(' · ')}`,
  noWebhookUrl: 'No se conoce ninguna URL de webhook, así que CrewAI no volverá a informar.',
  ids: (ids) =>
    [
      `Crew ${ids.crew}`,
      ids.task === undefined ? '' : `tarea ${ids.task}`,
      ids.execution === undefined ? '' : `ejecución ${ids.execution}`,
      `aprobación ${ids.approval}`,
    ]
      .filter(Boolean)
      .join(' · '),
  round: (round) =>
    [
      `Ronda ${round.number}: ${round.state}`,
      ...(round.by === undefined || round.at === undefined ? [] : [`${round.by} ${round.at}`]),
      ...(round.decision ? [`${round.decision.what}, ${round.decision.at}`] : []),
    ].join(' · '),
  received: (at, agent) => (agent === undefined ? `Recibido: ${at}` : `Recibido de ${agent}: ${at}`),
  alsoVoted: (people) => `También votaron: ${people}`,
  delivery: ({ attempts, answered, continued }) =>
    [
      spanish.plural(attempts, 'Se envió a CrewAI una vez', 'Se envió a CrewAI # veces'),
      ...(answered
        ? [answered.accepted ? `CrewAI lo aceptó (${answered.at})` : `CrewAI respondió (${answered.at})`]
        : []),
      ...(continued === undefined ? [] : [`la ejecución continuó (${continued})`]),
    ].join(', '),
};

/** Details of approvals and pages of outputs. */
export const readingTexts = { en, 'pt-BR': ptBR, es };
