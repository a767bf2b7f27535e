import { english } from './languages/english.ts';
import { portuguese } from './languages/portuguese.ts';
import { spanish } from './languages/spanish.ts';

const en = {
  close: 'Close',
  send: 'Send',
  /** Title of a modal that answers a click in the Home tab. */
  answerTitle: 'Approvals',
  youWrote: 'What you wrote:',
  yourPeopleNote: 'Your note for people only:',
  peopleNote: 'Note for people only',
  peopleNoteHint: 'Shown only in the thread.',
  output: 'The output:',
  /** `hiddenCount`: number of characters before the part that is shown. */
  outputEnd: (hiddenCount: number) =>
    `The end of the output, after ${english.plural(hiddenCount, 'one character', '# characters')}:`,

  revisionQuestion: (task: string, round: number) => `What should change in ${task} (round ${round})?`,
  feedback: 'Feedback',
  feedbackHint: 'The crew gets this text in full and redoes the task with it.',

  approvalQuestion: (task: string, round: number) => `Approve ${task} (round ${round})?`,
  note: 'Note',
  programTextHint: 'The program that asked gets this text in full.',
  noteSentHint: 'The crew gets this text in full and uses it in its next tasks.',
  noteKeptHint: 'The note stays in the thread: CrewAI would read any text as a revision request.',

  answerFormTitle: 'Other answer',
  answerQuestion: (task: string, round: number) => `Answer ${task} (round ${round}) in your own words.`,
  answer: 'Answer',
  answerUnchangedHint: 'The Flow gets this text unchanged.',
  answerInterpretedHint: 'CrewAI gets this text in full. Its model decides what it means.',

  editTitle: 'Edit and approve',
  editPauseTitle: 'Edit and send back',
  decideAnyway: 'Decide anyway',
  editQuestion: (task: string, round: number) => `Edit ${task} (round ${round}).`,
  editedText: 'Text',
  editPauseHint:
    "CrewAI can't take a text with an approval, so this is sent as a revision request: use exactly this text. The next round shows whether it was used.",
  editProgramHint: 'The program that asked continues with this text.',
  nothingToEdit: 'There is no text to edit.',
  tooLongToEdit: (length: number, max: number) =>
    `This output has ${english.formatCount(length)} characters, but a form can hold only ${english.formatCount(max)}. Use *Request revision* and say what should change.`,
  blockQuestion: (tool: string) => `Why should ${tool} not run?`,
  reason: 'Reason',
  reasonHint: 'The agent reads this text.',
  choiceTitle: 'Choose with a note',
  choiceNoteHint: 'Shown in the thread. CrewAI gets only the chosen answer.',
  programNoteHint: 'Shown in the thread. The program that asked gets only the chosen answer.',

  ask: 'Ask',
  assignQuestion: (task: string, round: number) =>
    `Who should decide on ${task} (round ${round})? Others can still decide.`,
  person: 'Person',

  closeQuestion: (task: string, round: number) => `Close ${task} (round ${round}) without a decision?`,
};

const ptBR: typeof en = {
  close: 'Fechar',
  send: 'Enviar',
  answerTitle: 'Aprovações',
  youWrote: 'O que você escreveu:',
  yourPeopleNote: 'Sua observação interna:',
  peopleNote: 'Observação interna',
  peopleNoteHint: 'Aparece só na thread. Os agentes não leem.',
  output: 'A saída:',
  outputEnd: (hiddenCount) =>
    `O fim da saída, depois de ${portuguese.plural(hiddenCount, 'um caractere', '# caracteres')}:`,

  revisionQuestion: (task, round) => `O que deve mudar em ${task} (rodada ${round})?`,
  feedback: 'Feedback',
  feedbackHint: 'A crew recebe este texto na íntegra e refaz a tarefa com ele.',

  approvalQuestion: (task, round) => `Aprovar ${task} (rodada ${round})?`,
  note: 'Observação',
  programTextHint: 'O programa que perguntou recebe este texto na íntegra.',
  noteSentHint: 'A crew recebe este texto na íntegra e o usa nas próximas tarefas.',
  noteKeptHint: 'A observação fica na thread: o CrewAI leria qualquer texto como pedido de revisão.',

  answerFormTitle: 'Outra resposta',
  answerQuestion: (task, round) => `Responda a ${task} (rodada ${round}) com suas palavras.`,
  answer: 'Resposta',
  answerUnchangedHint: 'O Flow recebe este texto sem alterações.',
  answerInterpretedHint:
    'O CrewAI recebe este texto na íntegra. O modelo dele decide o que o texto significa.',

  editTitle: 'Editar e aprovar',
  editPauseTitle: 'Editar e devolver',
  decideAnyway: 'Decidir mesmo assim',
  editQuestion: (task, round) => `Edite ${task} (rodada ${round}).`,
  editedText: 'Texto',
  editPauseHint:
    'O CrewAI não recebe texto com uma aprovação. Por isso, vai um pedido de revisão: usar exatamente este texto. A próxima rodada mostra se ele foi usado.',
  editProgramHint: 'O programa que perguntou continua com este texto.',
  nothingToEdit: 'Não há texto para editar.',
  tooLongToEdit: (length, max) =>
    `Esta saída tem ${portuguese.formatCount(length)} caracteres, e o formulário aceita ${portuguese.formatCount(max)}. Use *Solicitar revisão* e diga o que deve mudar.`,
  blockQuestion: (tool) => `Por que bloquear ${tool}?`,
  reason: 'Motivo',
  reasonHint: 'O agente lê este texto.',
  choiceTitle: 'Escolher com observação',
  choiceNoteHint: 'Aparece na thread. O CrewAI recebe só a resposta escolhida.',
  programNoteHint: 'Aparece na thread. O programa que perguntou recebe só a resposta escolhida.',

  ask: 'Atribuir',
  assignQuestion: (task, round) =>
    `Quem deve decidir sobre ${task} (rodada ${round})? Outras pessoas ainda podem decidir.`,
  person: 'Pessoa',

  closeQuestion: (task, round) => `Encerrar ${task} (rodada ${round}) sem decisão?`,
};

const es: typeof en = {
  close: 'Cerrar',
  send: 'Enviar',
  answerTitle: 'Aprobaciones',
  youWrote: 'Lo que escribiste:',
  yourPeopleNote: 'Tu nota solo para personas:',
  peopleNote: 'Nota solo para personas',
  peopleNoteHint: 'Se muestra solo en el hilo.',
  output: 'El resultado:',
  outputEnd: (hiddenCount) =>
    `El final del resultado, después de ${spanish.plural(hiddenCount, 'un carácter', '# caracteres')}:`,

  revisionQuestion: (task, round) => `¿Qué debe cambiar en ${task} (ronda ${round})?`,
  feedback: 'Comentarios',
  feedbackHint: 'El crew recibe este texto completo y rehace la tarea con él.',

  approvalQuestion: (task, round) => `¿Aprobar ${task} (ronda ${round})?`,
  note: 'Nota',
  programTextHint: 'El programa que preguntó recibe este texto completo.',
  noteSentHint: 'El crew recibe este texto completo y lo usa en sus próximas tareas.',
  noteKeptHint: 'La nota se queda en el hilo: CrewAI entendería cualquier texto como un pedido de cambios.',

  answerFormTitle: 'Otra respuesta',
  answerQuestion: (task, round) => `Responde a ${task} (ronda ${round}) con tus palabras.`,
  answer: 'Respuesta',
  answerUnchangedHint: 'El Flow recibe este texto sin cambios.',
  answerInterpretedHint: 'CrewAI recibe este texto completo. Su modelo decide qué significa.',

  editTitle: 'Editar y aprobar',
  editPauseTitle: 'Editar y devolver',
  decideAnyway: 'Decidir de todos modos',
  editQuestion: (task, round) => `Edita ${task} (ronda ${round}).`,
  editedText: 'Texto',
  editPauseHint:
    'CrewAI no acepta un texto con una aprobación. Por eso se envía como pedido de cambios: usar exactamente este texto. La próxima ronda muestra si lo usó.',
  editProgramHint: 'El programa que preguntó continúa con este texto.',
  nothingToEdit: 'No hay texto que editar.',
  tooLongToEdit: (length, max) =>
    `Este resultado tiene ${spanish.formatCount(length)} caracteres, y un formulario acepta ${spanish.formatCount(max)}. Usa *Pedir cambios* y di qué debe cambiar.`,
  blockQuestion: (tool) => `¿Por qué no se debe ejecutar ${tool}?`,
  reason: 'Motivo',
  reasonHint: 'El agente lee este texto.',
  choiceTitle: 'Elegir con una nota',
  choiceNoteHint: 'Se muestra en el hilo. CrewAI recibe solo la respuesta elegida.',
  programNoteHint: 'Se muestra en el hilo. El programa que preguntó recibe solo la respuesta elegida.',

  ask: 'Asignar',
  assignQuestion: (task, round) =>
    `¿Quién debe decidir sobre ${task} (ronda ${round})? Las demás personas todavía podrán decidir.`,
  person: 'Persona',

  closeQuestion: (task, round) => `¿Cerrar ${task} (ronda ${round}) sin decidir?`,
};

/** Modals in which people decide. A title has at most 24 characters. */
export const formsTexts = { en, 'pt-BR': ptBR, es };
