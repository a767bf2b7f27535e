import { inLanguages } from '../../slack/texts/texts.ts';
import { createWords } from '../../slack/texts/words.ts';

const english = createWords('en-US');
const portuguese = createWords('pt-BR');
const spanish = createWords('es-419');

/** Texts of the command and the form; the core has the texts of cards and notices. */
export const absencesTexts = inLanguages({
  en: {
    help: ['away until friday @ben', 'name who is asked instead of you; `away off` ends it'] satisfies [
      string,
      string,
    ],
    gone: (day: string, substitute: string) =>
      `You're away through ${day}. ${substitute} is asked instead of you.`,
    notIn: (substitute: string, crews: readonly string[]) =>
      `In ${english.formatList(crews)}, ${substitute} can't decide everything that you decide. You're still asked about the rest.`,
    back: "You're back. You're asked again from now on.",
    notAway: "You aren't away, and you aren't a substitute for anyone.",
    standsIn: (person: string, day: string) => `You're the substitute for ${person} through ${day}.`,
    perhapsSaved:
      "The database didn't respond in time, so I don't know whether this was saved. The Home tab shows it.",
    refused: {
      past_day: 'That day is over, so nothing was saved. Choose today or a later day.',
      far_day: 'That day is more than a year ahead, so nothing was saved. Choose an earlier one.',
      self: "You can't be your own substitute, so nothing was saved. Choose someone else.",
      not_active: (person: string) =>
        `${person} isn't an active member here, so nothing was saved. Choose someone else.`,
      not_able: (person: string) =>
        `${person} can't decide anything that you decide, so nothing was saved. Choose someone else.`,
      substitute_away: (person: string, day: string) =>
        `${person} is away through ${day}, so nothing was saved. Choose someone else.`,
      nothing_to_decide: "You don't decide anything in any crew, so no one needs to be asked instead of you.",
      cannot_check:
        "I can't check right now who can decide what, so nothing was saved. Please try again in a minute.",
    },
    wrong: (command: string) =>
      `Say until when, and who is asked instead: \`${command} away until friday @ben\`. The day can be a date such as \`2026-12-04\`. \`${command} away off\` ends it.`,
    open: "I'll be away…",
    comeBack: "I'm back",
    title: 'Away',
    save: 'Save',
    explanation:
      'Your substitute is asked instead of you. They get no new rights. You can still decide everything.',
    lastDay: 'Last day away',
    substitute: 'Who is asked instead?',
    change: 'Change…',
    /** In place of a name, where nobody can be mentioned. */
    thisPerson: 'This person',
    openIn: (crews: readonly string[]) =>
      `In ${english.formatList(crews)}, no one is asked by name: anyone in the channel can decide.`,
    severalIn: (crews: readonly string[]) =>
      `In ${english.formatList(crews)}, several people approve together. You're still asked there if there aren't enough others.`,
    askedAgain: (person: string) => `You're the substitute for ${person}, who is asked again now.`,
    alone: (substitute: string) => `${substitute} is away too, so you're still asked.`,
  },
  'pt-BR': {
    help: ['ausente até sexta @ben', 'indicar quem responde no seu lugar; para encerrar: `ausente fim`'],
    gone: (day, substitute) =>
      `Você está ausente até ${day}, inclusive. ${substitute} recebe os pedidos no seu lugar.`,
    notIn: (substitute, crews) =>
      `Em ${portuguese.formatList(crews)}, ${substitute} não pode decidir tudo o que você decide. O restante continua vindo para você.`,
    back: 'Você voltou. A partir de agora, você volta a receber os pedidos.',
    notAway: 'Você não está ausente e não substitui ninguém.',
    standsIn: (person, day) => `Você substitui ${person} até ${day}.`,
    perhapsSaved:
      'O banco de dados não respondeu a tempo, então não sei se isso foi salvo. A aba Início vai mostrar.',
    refused: {
      past_day: 'Esse dia já passou, então nada foi salvo. Escolha hoje ou um dia posterior.',
      far_day: 'Esse dia está a mais de um ano, então nada foi salvo. Escolha uma data mais próxima.',
      self: 'Não é possível indicar a própria pessoa como substituta, então nada foi salvo. Escolha outra pessoa.',
      not_active: (person) =>
        `${person} não é um membro ativo deste workspace, então nada foi salvo. Escolha outra pessoa.`,
      not_able: (person) =>
        `${person} não pode decidir nada do que você decide, então nada foi salvo. Escolha outra pessoa.`,
      substitute_away: (person, day) =>
        `${person} está ausente até ${day}, então nada foi salvo. Escolha outra pessoa.`,
      nothing_to_decide: 'Você não decide nada em nenhuma crew, então não é preciso indicar ninguém.',
      cannot_check:
        'Não consigo verificar agora quem pode decidir o quê, então nada foi salvo. Tente novamente em um minuto.',
    },
    wrong: (command) =>
      `Diga até quando e quem responde no seu lugar: \`${command} ausente até sexta @ben\`. O dia pode ser uma data, como \`2026-12-04\`. Para encerrar: \`${command} ausente fim\`.`,
    open: 'Vou me ausentar…',
    comeBack: 'Voltei',
    title: 'Ausência',
    save: 'Salvar',
    explanation:
      'Quem substitui você recebe os pedidos no seu lugar, sem novas permissões. Você ainda pode decidir tudo.',
    lastDay: 'Último dia de ausência',
    substitute: 'Quem responde no seu lugar?',
    change: 'Alterar…',
    thisPerson: 'Esta pessoa',
    openIn: (crews) =>
      `Em ${portuguese.formatList(crews)}, ninguém é chamado pelo nome: qualquer pessoa do canal pode decidir.`,
    severalIn: (crews) =>
      `Em ${portuguese.formatList(crews)}, várias pessoas aprovam juntas. Lá, você ainda recebe os pedidos se as outras não bastarem.`,
    askedAgain: (person) => `Você substitui ${person}, que agora volta a receber os pedidos.`,
    alone: (substitute) => `${substitute} também está ausente, então os pedidos continuam vindo para você.`,
  },
  es: {
    help: [
      'ausente hasta el viernes @ben',
      'nombrar a quien responde en tu lugar; para terminar: `ausente fin`',
    ],
    gone: (day, substitute) =>
      `Estás ausente hasta el ${day}, inclusive. ${substitute} responde en tu lugar.`,
    notIn: (substitute, crews) =>
      `En ${spanish.formatList(crews)}, ${substitute} no puede decidir todo lo que tú decides. Los demás pedidos te siguen llegando.`,
    back: 'Ya estás de vuelta. Volverás a recibir los pedidos.',
    notAway: 'No estás ausente y no reemplazas a nadie.',
    standsIn: (person, day) => `Reemplazas a ${person} hasta el ${day}.`,
    perhapsSaved:
      'La base de datos no respondió a tiempo, así que no sé si esto se guardó. La pestaña Inicio lo muestra.',
    refused: {
      past_day: 'Ese día ya pasó, así que no se guardó nada. Elige hoy o un día posterior.',
      far_day: 'Falta más de un año para ese día, así que no se guardó nada. Elige una fecha más cercana.',
      self: 'No puedes ser tu propio reemplazo, así que no se guardó nada. Elige a otra persona.',
      not_active: (person) =>
        `${person} no es un miembro activo de este espacio de trabajo, así que no se guardó nada. Elige a otra persona.`,
      not_able: (person) =>
        `${person} no puede decidir nada de lo que tú decides, así que no se guardó nada. Elige a otra persona.`,
      substitute_away: (person, day) =>
        `${person} está ausente hasta el ${day}, así que no se guardó nada. Elige a otra persona.`,
      nothing_to_decide: 'No decides nada en ningún crew, así que no hace falta nombrar a nadie.',
      cannot_check:
        'Ahora no puedo comprobar quién puede decidir qué, así que no se guardó nada. Inténtalo de nuevo en un minuto.',
    },
    wrong: (command) =>
      `Di hasta cuándo y quién responde en tu lugar: \`${command} ausente hasta el viernes @ben\`. El día puede ser una fecha, como \`2026-12-04\`. Para terminar: \`${command} ausente fin\`.`,
    open: 'Estaré ausente…',
    comeBack: 'Ya volví',
    title: 'Ausencia',
    save: 'Guardar',
    explanation:
      'Quien te reemplace recibirá los pedidos, sin permisos nuevos. Tú puedes seguir decidiendo todo.',
    lastDay: 'Último día de ausencia',
    substitute: '¿Quién responde en tu lugar?',
    change: 'Cambiar…',
    thisPerson: 'Esta persona',
    openIn: (crews) =>
      `En ${spanish.formatList(crews)}, los pedidos no se dirigen a nadie por su nombre: cualquiera del canal puede decidir.`,
    severalIn: (crews) =>
      `En ${spanish.formatList(crews)}, varias personas aprueban juntas. Allí, los pedidos te siguen llegando si las demás no bastan.`,
    askedAgain: (person) => `Reemplazas a ${person}, que ahora vuelve a recibir los pedidos.`,
    alone: (substitute) => `${substitute} también está ausente, así que los pedidos te siguen llegando.`,
  },
});
