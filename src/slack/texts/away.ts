import type { StandIn } from '../../approval/model/round.ts';
import { english } from './languages/english.ts';
import { portuguese } from './languages/portuguese.ts';
import { spanish } from './languages/spanish.ts';

const en = {
  /** `date`: YYYY-MM-DD. */
  day: (date: string) => english.formatDay(Date.parse(date)),

  /** Lines on a card. They state what the bot knew when it asked people. */
  askedInstead: (substitute: string, person: string, day: string) =>
    `${substitute} was asked instead of ${person}, who planned to be away through ${day}.`,
  askedDespiteAbsence: (person: string, substitute: string, day: string, why?: StandIn['why']) => {
    const beginning = `${person} was asked, although they planned to be away through ${day}`;
    if (why === 'by_substitute')
      return `${substitute} asked ${person}, who planned to be away through ${day}.`;
    if (why === 'not_reached') return `${beginning}: I couldn't send ${substitute} a message.`;
    if (why === 'own_vote') return `${beginning}: ${substitute} has only one vote.`;
    return why === 'unchecked'
      ? `${beginning}: I couldn't check whether ${substitute} can decide this.`
      : `${beginning}: ${substitute} can't replace them here.`;
  },

  notTold: (substitute: string) =>
    `I couldn't send ${substitute} a message about being your substitute. Please tell them yourself.`,

  /** Message to the substitute. */
  notice: (person: string, day: string) => `${person} is away through ${day}. You're asked instead of them.`,
  waiting: 'This is already waiting:',
  nothingWaiting: 'Nothing of theirs is waiting for you.',
  notAllSeen: "I couldn't look through everything that is waiting.",

  lastDayChanged: (person: string, day: string) =>
    `${person} is now away through ${day}. You're asked instead of them until then.`,
  released: (person: string) => `You're no longer the substitute for ${person}.`,
  substituteAway: (person: string, day: string) =>
    `${person}, your substitute, is away through ${day}. You're asked again until they are back.`,
};

const ptBR: typeof en = {
  // "sex., 4 de dez": no full stop after the month, because sentences end with the day.
  day: (date) => portuguese.formatDay(Date.parse(date)).replace(/\.$/, ''),

  askedInstead: (substitute, person, day) =>
    `${substitute} recebeu o pedido no lugar de ${person}, que avisou que estaria ausente até ${day}.`,
  askedDespiteAbsence: (person, substitute, day, why) => {
    const beginning = `${person} recebeu o pedido, embora tenha avisado que estaria ausente até ${day}`;
    if (why === 'by_substitute')
      return `${substitute} repassou o pedido a ${person}, que avisou que estaria ausente até ${day}.`;
    if (why === 'not_reached') return `${beginning}: não consegui enviar uma mensagem a ${substitute}.`;
    if (why === 'own_vote') return `${beginning}: ${substitute} só tem um voto.`;
    return why === 'unchecked'
      ? `${beginning}: não consegui verificar se ${substitute} pode decidir isso.`
      : `${beginning}: ${substitute} não pode substituir aqui.`;
  },

  notTold: (substitute) =>
    `Não consegui avisar ${substitute} sobre a substituição. Por favor, avise diretamente.`,

  notice: (person, day) =>
    `${person} está ausente até ${day}, inclusive, e escolheu você para a substituição.`,
  waiting: 'Já está aguardando:',
  nothingWaiting: 'Ainda não há nada aguardando.',
  notAllSeen: 'Não consegui verificar tudo o que está aguardando.',

  lastDayChanged: (person, day) =>
    `${person} agora está ausente até ${day}. Até lá, os pedidos vão para você.`,
  released: (person) => `Você não substitui mais ${person}.`,
  substituteAway: (person, day) =>
    `${person}, que substitui você, está ausente até ${day}. Até a volta, os pedidos vêm para você.`,
};

const es: typeof en = {
  // "hasta el vie 4 dic": no comma inside.
  day: (date) => spanish.formatDay(Date.parse(date)).replace(',', ''),

  askedInstead: (substitute, person, day) =>
    `${substitute} recibió el pedido en lugar de ${person}, que avisó que estaría ausente hasta el ${day}.`,
  askedDespiteAbsence: (person, substitute, day, why) => {
    const beginning = `${person} recibió el pedido, aunque avisó que estaría ausente hasta el ${day}`;
    if (why === 'by_substitute')
      return `${substitute} le pasó el pedido a ${person}, que avisó que estaría ausente hasta el ${day}.`;
    if (why === 'not_reached') return `${beginning}: no pude enviar un mensaje a ${substitute}.`;
    if (why === 'own_vote') return `${beginning}: ${substitute} solo tiene un voto.`;
    return why === 'unchecked'
      ? `${beginning}: no pude comprobar si ${substitute} puede decidir esto.`
      : `${beginning}: ${substitute} no puede responder en su lugar.`;
  },

  notTold: (substitute) => `No pude avisar a ${substitute} de que te reemplaza. Avísale tú, por favor.`,

  notice: (person, day) =>
    `${person} está ausente hasta el ${day}, inclusive, y te eligió para que respondas en su lugar.`,
  waiting: 'Ya está pendiente:',
  nothingWaiting: 'Todavía no hay nada pendiente.',
  notAllSeen: 'No pude revisar todo lo que está pendiente.',

  lastDayChanged: (person, day) =>
    `${person} ahora está ausente hasta el ${day}. Hasta entonces, los pedidos te llegan a ti.`,
  released: (person) => `Ya no reemplazas a ${person}.`,
  substituteAway: (person, day) =>
    `${person}, que te reemplaza, está ausente hasta el ${day}. Hasta que vuelva, los pedidos te llegan a ti.`,
};

/** People who are away, and their substitutes. */
export const awayTexts = { en, 'pt-BR': ptBR, es };
