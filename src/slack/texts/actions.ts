import { english } from './languages/english.ts';
import { portuguese } from './languages/portuguese.ts';
import { spanish } from './languages/spanish.ts';

const en = {
  approve: 'Approve',
  requestRevision: 'Request revision',
  retry: 'Retry',
  undo: 'Undo',
  endPermission: 'End permission',
  readInFull: 'Read in full',
  whatChanged: 'What changed',
  close: 'Close without a decision',
  closeQuestion: 'Close without a decision?',
  closeWarning: "CrewAI isn't notified and its run keeps waiting. No one can decide this in Slack anymore.",
  closeWarningProgram:
    'The program that asked learns that no one decided. No one can decide this in Slack anymore.',
  cancel: 'Cancel',
  /** Title of the dialog before a decision on an output that is not shown whole. */
  unreadTitle: 'Not all of it is shown here',
  unread: (shown: number, of: number) =>
    `You have seen ${english.formatCount(shown)} of ${english.formatCount(of)} characters of this.`,
  unreadAnyway: (label: string) => `${label} anyway?`,
  send: 'Send',
  otherAnswer: 'Other answer…',
  chooseAnswer: 'Choose an answer',
  chooseFirst: (shown: number, total: number) =>
    `Choose one of the first ${english.formatCount(shown)} of ${english.formatCount(total)} answers`,
  moreAnswers: 'More answers…',
  allAnswers: 'All answers',
  blankOption: '(blank)',
  approveWithNote: 'Approve with a note',
  allow: 'Allow',
  block: 'Block',
  allowCall: 'Allow the same call again in this run',
  allowTool: 'Allow all calls of this tool in this run',
  blockWithReason: 'Block with a reason',
  edit: 'Edit and approve…',
  /** The edited text goes to a crew as a revision request. The crew's answer is a new round. */
  editPause: 'Edit and send back…',
  chooseWithNote: 'Choose with a note…',
  claim: "I'm on it",
  release: 'No longer on it',
  assign: 'Assign to…',
  details: 'Details',
  runAgain: 'Run again',
  status: 'Status',
  openCard: 'Open the card',
  seeCurrentCard: 'See the current card',
  /** The subject of a button, for screen readers. */
  about: ({ task, round, crew }: { task: string; round: number; crew: string }) =>
    round > 1
      ? `${task || english.UNNAMED}, round ${round}, crew ${crew}`
      : `${task || english.UNNAMED}, crew ${crew}`,
  recorded: 'Recorded. Look it up again to see the outcome.',
  cardFollows: 'Recorded. The card will be updated shortly.',
};

const ptBR: typeof en = {
  approve: 'Aprovar',
  requestRevision: 'Solicitar revisão',
  retry: 'Tentar novamente',
  undo: 'Desfazer',
  endPermission: 'Encerrar permissão',
  readInFull: 'Ler na íntegra',
  whatChanged: 'O que mudou',
  close: 'Encerrar sem decisão',
  closeQuestion: 'Encerrar sem decisão?',
  closeWarning:
    'O CrewAI não é notificado, e a execução continua aguardando. Ninguém mais poderá decidir no Slack.',
  closeWarningProgram:
    'O programa que perguntou saberá que ninguém decidiu. Ninguém mais poderá decidir no Slack.',
  cancel: 'Cancelar',
  unreadTitle: 'Nem tudo aparece aqui',
  unread: (shown, of) =>
    `Você viu ${portuguese.formatCount(shown)} de ${portuguese.formatCount(of)} caracteres.`,
  unreadAnyway: (label) => `${label} mesmo assim?`,
  send: 'Enviar',
  otherAnswer: 'Outra resposta…',
  chooseAnswer: 'Escolha uma resposta',
  chooseFirst: (shown, total) =>
    `Escolha uma das ${portuguese.formatCount(shown)} primeiras de ${portuguese.formatCount(total)} respostas`,
  moreAnswers: 'Mais respostas…',
  allAnswers: 'Todas as respostas',
  blankOption: '(em branco)',
  approveWithNote: 'Aprovar com observação',
  allow: 'Permitir',
  block: 'Bloquear',
  allowCall: 'Permitir a mesma chamada de novo nesta execução',
  allowTool: 'Permitir todas as chamadas desta ferramenta nesta execução',
  blockWithReason: 'Bloquear com motivo',
  edit: 'Editar e aprovar…',
  editPause: 'Editar e devolver…',
  chooseWithNote: 'Escolher com observação…',
  claim: 'Eu cuido disso',
  release: 'Deixar para outra pessoa',
  assign: 'Atribuir a…',
  details: 'Detalhes',
  runAgain: 'Executar novamente',
  status: 'Status',
  openCard: 'Abrir o cartão',
  seeCurrentCard: 'Ver o cartão atual',
  about: ({ task, round, crew }) =>
    round > 1
      ? `${task || portuguese.UNNAMED}, rodada ${round}, crew ${crew}`
      : `${task || portuguese.UNNAMED}, crew ${crew}`,
  recorded: 'Registrado. Consulte de novo para ver o andamento.',
  cardFollows: 'Registrado. O cartão será atualizado em breve.',
};

const es: typeof en = {
  approve: 'Aprobar',
  requestRevision: 'Pedir cambios',
  retry: 'Reintentar',
  undo: 'Deshacer',
  endPermission: 'Retirar permiso',
  readInFull: 'Leer completo',
  whatChanged: 'Qué cambió',
  close: 'Cerrar sin decidir',
  closeQuestion: '¿Cerrar sin decidir?',
  closeWarning:
    'CrewAI no recibe ningún aviso y su ejecución sigue esperando. Ya nadie podrá decidir esto en Slack.',
  closeWarningProgram:
    'El programa que preguntó sabrá que nadie decidió. Ya nadie podrá decidir esto en Slack.',
  cancel: 'Cancelar',
  unreadTitle: 'No se muestra todo aquí',
  unread: (shown, of) => `Viste ${spanish.formatCount(shown)} de ${spanish.formatCount(of)} caracteres.`,
  unreadAnyway: (label) => `¿${label} de todos modos?`,
  send: 'Enviar',
  otherAnswer: 'Otra respuesta…',
  chooseAnswer: 'Elige una respuesta',
  chooseFirst: (shown, total) =>
    `Elige una de las primeras ${spanish.formatCount(shown)} de ${spanish.formatCount(total)} respuestas`,
  moreAnswers: 'Más respuestas…',
  allAnswers: 'Todas las respuestas',
  blankOption: '(en blanco)',
  approveWithNote: 'Aprobar con una nota',
  allow: 'Permitir',
  block: 'Bloquear',
  allowCall: 'Permitir de nuevo esta llamada en la ejecución',
  allowTool: 'Permitir esta herramienta en toda la ejecución',
  blockWithReason: 'Bloquear con un motivo',
  edit: 'Editar y aprobar…',
  editPause: 'Editar y devolver…',
  chooseWithNote: 'Elegir con una nota…',
  claim: 'Me encargo',
  release: 'Dejar de encargarme',
  assign: 'Asignar a…',
  details: 'Detalles',
  runAgain: 'Ejecutar de nuevo',
  status: 'Estado',
  openCard: 'Abrir la tarjeta',
  seeCurrentCard: 'Ver la tarjeta actual',
  about: ({ task, round, crew }) =>
    round > 1
      ? `${task || spanish.UNNAMED}, ronda ${round}, crew ${crew}`
      : `${task || spanish.UNNAMED}, crew ${crew}`,
  recorded: 'Se registró. Consúltalo de nuevo para ver cómo quedó.',
  cardFollows: 'Se registró. La tarjeta se actualizará en un momento.',
};

/** Buttons, menu entries and their confirmation dialogs. */
export const actionsTexts = { en, 'pt-BR': ptBR, es };
