import { inLanguages } from '../../slack/texts/texts.ts';
import { createWords } from '../../slack/texts/words.ts';

const english = createWords('en-US');
const portuguese = createWords('pt-BR');
const spanish = createWords('es-419');

/** Texts of the form that decides several approvals. */
export const severalTexts = inLanguages({
  en: {
    open: 'Decide several…',
    title: 'Decide several',
    approve: 'Approve selected',
    loading: "I'm collecting what is waiting for you…",
    question: 'Read each text and select what you approve. The others stay as they are.',
    noneSelected: 'Select at least one.',
    nextHint: "*Next* doesn't approve what you selected here.",
    nothing: 'Nothing that is waiting for you fits into this form.',
    nothingYet: 'So far I found nothing that fits into this form.',
    tooLong: (count: number) =>
      english.plural(
        count,
        'One more does not fit into this form. Decide it on its card.',
        '# more do not fit into this form. Decide them on their cards.',
      ),
  },
  'pt-BR': {
    open: 'Decidir várias…',
    title: 'Decidir várias',
    approve: 'Aprovar selecionadas',
    loading: 'Estou reunindo o que aguarda sua decisão…',
    question: 'Leia cada texto e selecione o que você aprova. O resto fica como está.',
    noneSelected: 'Selecione pelo menos uma.',
    nextHint: '*Próxima* não aprova o que você selecionou aqui.',
    nothing: 'Nada do que aguarda sua decisão cabe neste formulário.',
    nothingYet: 'Até agora não encontrei nada que caiba neste formulário.',
    tooLong: (count) =>
      portuguese.plural(
        count,
        'Mais uma não cabe neste formulário. Decida no cartão dela.',
        'Mais # não cabem neste formulário. Decida nos cartões delas.',
      ),
  },
  es: {
    open: 'Decidir varias…',
    title: 'Decidir varias',
    approve: 'Aprobar seleccionadas',
    loading: 'Estoy reuniendo lo que tienes pendiente…',
    question: 'Lee cada texto y selecciona lo que apruebas. Lo demás se queda como está.',
    noneSelected: 'Selecciona al menos una.',
    nextHint: '*Siguiente* no aprueba lo que seleccionaste aquí.',
    nothing: 'Nada de lo que tienes pendiente cabe en este formulario.',
    nothingYet: 'Hasta ahora no encontré nada que quepa en este formulario.',
    tooLong: (count) =>
      spanish.plural(
        count,
        'Una más no cabe en este formulario. Decídela en su tarjeta.',
        '# más no caben en este formulario. Decídelas en sus tarjetas.',
      ),
  },
});
