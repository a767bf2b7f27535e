import { inLanguages } from '../../slack/texts/texts.ts';
import { createWords } from '../../slack/texts/words.ts';

const english = createWords('en-US');
const portuguese = createWords('pt-BR');
const spanish = createWords('es-419');

export const feedbackTexts = inLanguages({
  en: {
    notByPerson: 'Only a reply by a person can be used as feedback.',
    noText: 'This message has no text to use as feedback.',
    notInThread: 'Use this on a reply in the thread of an approval.',
    tooLong: (max: number) =>
      `This reply is too long: a form takes ${english.formatCount(max)} characters, with its author's name.`,
    saidBy: (name: string, text: string) => `${name}: ${text}`,
  },
  'pt-BR': {
    notByPerson: 'Só a resposta de uma pessoa pode ser usada como feedback.',
    noText: 'Esta mensagem não tem texto para usar como feedback.',
    notInThread: 'Use esta ação em uma resposta na thread de uma aprovação.',
    tooLong: (max) =>
      `Esta resposta é longa demais: o formulário aceita ${portuguese.formatCount(max)} caracteres, com o nome do autor.`,
    saidBy: (name, text) => `${name}: ${text}`,
  },
  es: {
    notByPerson: 'Solo la respuesta de una persona se puede usar como comentario.',
    noText: 'Este mensaje no tiene texto que se pueda usar como comentario.',
    notInThread: 'Usa esto en una respuesta del hilo de una aprobación.',
    tooLong: (max) =>
      `Esta respuesta es muy larga: un formulario acepta ${spanish.formatCount(max)} caracteres, incluido el nombre de su autor.`,
    saidBy: (name, text) => `${name}: ${text}`,
  },
});
