import { inLanguages } from '../../slack/texts/texts.ts';
import { createWords } from '../../slack/texts/words.ts';

const english = createWords('en-US');
const portuguese = createWords('pt-BR');
const spanish = createWords('es-419');

export const reportTexts = inLanguages({
  en: {
    help: ['report 30d', 'what was asked and decided, as a page for an audit'] satisfies [string, string],
    wrongDays: (max: number) =>
      `Give a number of days, at most ${english.formatCount(max)}: \`report 7d\` or \`report 30d\`.`,
    /** Message before the file, in the direct message. */
    follows: (since: string) => `Your report since ${since} follows as a file. Open it in a browser.`,
    title: (since: string) => `Approvals since ${since}`,
    sent: (approvals: number) =>
      `I sent you the report as a direct message: ${english.plural(approvals, '1 approval or run', '# approvals and runs')}.`,
    /** Shown if entries of the history do not fit together. */
    doesNotFit: 'The history was changed: the report says where. Tell an operator of this bot.',
    notSent:
      "I couldn't send you the report: Slack did not accept the file. An operator can make it with `npm run report`.",
    tooMuch:
      'This is too much for a file in Slack. Ask for fewer days, or ask an operator for `npm run report`.',
  },
  'pt-BR': {
    help: ['relatório 30d', 'o que foi pedido e decidido, como página para uma auditoria'],
    wrongDays: (max) =>
      `Indique um número de dias, no máximo ${portuguese.formatCount(max)}: \`relatório 7d\` ou \`relatório 30d\`.`,
    follows: (since) => `Seu relatório desde ${since} segue como arquivo. Abra-o em um navegador.`,
    title: (since) => `Aprovações desde ${since}`,
    sent: (approvals) =>
      `Enviei o relatório a você por mensagem direta: ${portuguese.plural(approvals, '1 aprovação ou execução', '# aprovações e execuções')}.`,
    doesNotFit: 'O histórico foi alterado: o relatório diz onde. Avise um operador deste bot.',
    notSent:
      'Não consegui enviar o relatório: o Slack não aceitou o arquivo. Um operador pode gerá-lo com `npm run report`.',
    tooMuch:
      'Isto é demais para um arquivo no Slack. Peça menos dias, ou peça a um operador que use `npm run report`.',
  },
  es: {
    help: ['informe 30d', 'qué se pidió y se decidió, como página para una auditoría'],
    wrongDays: (max) =>
      `Escribe un número de días, como máximo ${spanish.formatCount(max)}: \`informe 7d\` o \`informe 30d\`.`,
    follows: (since) => `Tu informe desde ${since} sigue como archivo. Ábrelo en un navegador.`,
    title: (since) => `Aprobaciones desde ${since}`,
    sent: (approvals) =>
      `Te envié el informe por mensaje directo: ${spanish.plural(approvals, '1 aprobación o ejecución', '# aprobaciones y ejecuciones')}.`,
    doesNotFit: 'El historial fue modificado: el informe dice dónde. Avisa a un operador de este bot.',
    notSent:
      'No pude enviarte el informe: Slack no aceptó el archivo. Un operador puede crearlo con `npm run report`.',
    tooMuch:
      'Es demasiado para un archivo en Slack. Pide menos días, o pide a un operador que use `npm run report`.',
  },
});
