import { inLanguages } from '../../slack/texts/texts.ts';
import { createWords } from '../../slack/texts/words.ts';

const english = createWords('en-US');
const LOCALE = 'pt-BR';
const portuguese = createWords(LOCALE);
const spanish = createWords('es-419');
// es-419 writes two days as "2 dd.", which nobody reads as days.
const spanishTimes = createWords('es-MX');

const countDecisions = (count: number) => english.plural(count, '1 decision', '# decisions');
const countDecisoes = (count: number) => portuguese.plural(count, '1 decisão', '# decisões');
const countDecisiones = (count: number) => spanish.plural(count, '1 decisión', '# decisiones');

export const statsTexts = inLanguages({
  en: {
    help: ['stats 30d', 'how many decisions, how fast and by whom'] satisfies [string, string],
    wrongDays: (max: number) =>
      `Give a number of days, at most ${english.formatCount(max)}: \`stats 7d\` or \`stats 30d\`.`,
    /** `more`: more approvals are waiting than `count`. */
    summary: (waiting: { count: number; more: boolean }, decisions: { count: number; since: string }) =>
      `${waiting.more ? 'More than ' : ''}${english.formatCount(waiting.count)} waiting now · ${countDecisions(decisions.count)} since ${decisions.since}`,
    /** Times in milliseconds. */
    timeToDecide: (median: number, p90: number) =>
      `Time to a decision: median *${english.formatDuration(median)}*, 90th percentile *${english.formatDuration(p90)}*`,
    revisions: (perApproval: number, approvals: number) =>
      `Revisions per approval: *${perApproval.toFixed(2)}* (${english.plural(approvals, '1 approval', '# approvals')})`,
    startedRuns: (count: number) => `Started from Slack: *${english.plural(count, '1 run', '# runs')}*`,
    byCrew: 'By crew',
    byApprover: 'By approver',
    figures: (name: string, decisions: number, median: number, p90: number) =>
      `${name}: ${countDecisions(decisions)}, median ${english.formatDuration(median)}, 90th percentile ${english.formatDuration(p90)}`,
    incomplete: 'There are more decisions than I could read, so the oldest days are incomplete.',
  },
  'pt-BR': {
    help: ['estatísticas 30d', 'quantas decisões, em quanto tempo e por quem'],
    wrongDays: (max) =>
      `Indique um número de dias, no máximo ${portuguese.formatCount(max)}: \`estatísticas 7d\` ou \`estatísticas 30d\`.`,
    summary: (waiting, decisions) =>
      `${waiting.more ? 'Mais de ' : ''}${portuguese.formatCount(waiting.count)} aguardando agora · ${countDecisoes(decisions.count)} desde ${decisions.since}`,
    timeToDecide: (median, p90) =>
      `Tempo até a decisão: mediana *${portuguese.formatDuration(median)}*, percentil 90 *${portuguese.formatDuration(p90)}*`,
    revisions: (perApproval, approvals) => {
      const digits = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
      return `Revisões por aprovação: *${perApproval.toLocaleString(LOCALE, digits)}* (${portuguese.plural(approvals, '1 aprovação', '# aprovações')})`;
    },
    startedRuns: (count) =>
      `Iniciadas pelo Slack: *${portuguese.plural(count, '1 execução', '# execuções')}*`,
    byCrew: 'Por crew',
    byApprover: 'Por aprovador',
    figures: (name, decisions, median, p90) =>
      `${name}: ${countDecisoes(decisions)}, mediana ${portuguese.formatDuration(median)}, percentil 90 ${portuguese.formatDuration(p90)}`,
    incomplete: 'Há mais decisões do que consegui ler, então os dias mais antigos estão incompletos.',
  },
  es: {
    help: ['estadísticas 30d', 'cuántas decisiones, con qué rapidez y quién las tomó'],
    wrongDays: (max) =>
      `Escribe un número de días, como máximo ${spanish.formatCount(max)}: \`estadísticas 7d\` o \`estadísticas 30d\`.`,
    summary: (waiting, decisions) => {
      const pending = spanish.plural(waiting.count, '1 pendiente', '# pendientes');
      const decisionsSince = `${countDecisiones(decisions.count)} desde ${decisions.since}`;
      return waiting.more
        ? `Más de ${pending} ahora · ${decisionsSince}`
        : `${pending} ahora · ${decisionsSince}`;
    },
    timeToDecide: (median, p90) =>
      `Tiempo hasta decidir: mediana *${spanishTimes.formatDuration(median)}*, percentil 90 *${spanishTimes.formatDuration(p90)}*`,
    revisions: (perApproval, approvals) =>
      `Pedidos de cambios por aprobación: *${perApproval.toFixed(2)}* (${spanish.plural(approvals, '1 aprobación', '# aprobaciones')})`,
    startedRuns: (count) =>
      `Desde Slack: *${spanish.plural(count, '1 ejecución iniciada', '# ejecuciones iniciadas')}*`,
    byCrew: 'Por crew',
    byApprover: 'Por aprobador',
    figures: (name, decisions, median, p90) =>
      `${name}: ${countDecisiones(decisions)}, mediana ${spanishTimes.formatDuration(median)}, percentil 90 ${spanishTimes.formatDuration(p90)}`,
    incomplete: 'Hay más decisiones de las que pude leer, así que faltan datos de los días más antiguos.',
  },
});
