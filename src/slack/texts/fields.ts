import { english } from './languages/english.ts';
import { portuguese } from './languages/portuguese.ts';
import { spanish } from './languages/spanish.ts';
import type { ValueFaultTexts } from './words.ts';

const en = {
  /** On a card before a decision. `option`: the option that asks for values; `names`: names of the fields. */
  asked: (option: string, names: readonly string[]) => `${option} asks for: ${names.join(', ')}`,
  optional: (name: string) => `${name} (optional)`,
  /** Introduces the values that other people have to agree to. */
  enteredBy: (person: string) => `${person} entered:`,
  line: (name: string, value: string) => `*${name}*: ${value}`,
  hidden: '_not shown_',
  nothing: '_No values were entered._',
  yes: 'Yes',
  no: 'No',
  number: english.formatNumber,
  list: (choices: readonly string[]) => choices.join(', '),
  enterOther: 'Enter other values…',
  question: (task: string) => `Enter the values for ${task}`,
  shownToAll: 'Everyone who sees the card can read this.',
  /** Slack accepts decimals only with a point. Empty in languages that write a point anyway. */
  decimalHint: '',
  faults: {
    missing: () => 'Please fill this in.',
    not_email: () => 'Enter an email address, such as ana@example.com.',
    not_url: () => 'Enter a URL, such as https://example.com.',
    not_date: () => 'Choose a date.',
    not_time: () => 'Choose a date and a time.',
    not_choice: () => 'Choose one of the answers.',
    not_number: () => 'Enter a number with at most 15 digits.',
    not_whole: () => 'Enter a whole number.',
    too_short: (bound) => `Enter at least ${english.plural(bound, 'one character', '# characters')}.`,
    too_long: (bound) => `Enter at most ${english.plural(bound, 'one character', '# characters')}.`,
    too_small: (bound) => `Enter ${english.formatNumber(bound)} or more.`,
    too_large: (bound) => `Enter ${english.formatNumber(bound)} or less.`,
    too_few: (bound) => `Choose at least ${english.formatCount(bound)}.`,
    too_many: (bound) => `Choose at most ${english.formatCount(bound)}.`,
  } satisfies ValueFaultTexts as ValueFaultTexts,
};

const ptBR: typeof en = {
  asked: (option, names) => `${option} pede: ${names.join(', ')}`,
  optional: (name) => `${name} (opcional)`,
  enteredBy: (person) => `${person} informou:`,
  line: (name, value) => `*${name}*: ${value}`,
  hidden: '_não exibido_',
  nothing: '_Nenhum valor foi informado._',
  yes: 'Sim',
  no: 'Não',
  number: portuguese.formatNumber,
  list: (choices) => choices.join(', '),
  enterOther: 'Informar outros valores…',
  question: (task) => `Informe os valores de ${task}`,
  shownToAll: 'Todos que veem o cartão podem ler isto.',
  decimalHint: 'Escreva os decimais com ponto: 1234.50.',
  faults: {
    missing: () => 'Preencha este campo.',
    not_email: () => 'Informe um endereço de e-mail, como ana@example.com.',
    not_url: () => 'Informe uma URL, como https://example.com.',
    not_date: () => 'Escolha uma data.',
    not_time: () => 'Escolha uma data e um horário.',
    not_choice: () => 'Escolha uma das respostas.',
    not_number: () => 'Informe um número com no máximo 15 dígitos.',
    not_whole: () => 'Informe um número inteiro.',
    too_short: (bound) => `Informe pelo menos ${portuguese.plural(bound, 'um caractere', '# caracteres')}.`,
    too_long: (bound) => `Informe no máximo ${portuguese.plural(bound, 'um caractere', '# caracteres')}.`,
    too_small: (bound) => `Informe ${portuguese.formatNumber(bound)} ou mais.`,
    too_large: (bound) => `Informe ${portuguese.formatNumber(bound)} ou menos.`,
    too_few: (bound) => `Escolha pelo menos ${portuguese.formatCount(bound)}.`,
    too_many: (bound) => `Escolha no máximo ${portuguese.formatCount(bound)}.`,
  },
};

const es: typeof en = {
  asked: (option, names) => `${option} pide: ${names.join(', ')}`,
  optional: (name) => `${name} (opcional)`,
  enteredBy: (person) => `${person} introdujo:`,
  line: (name, value) => `*${name}*: ${value}`,
  hidden: '_no se muestra_',
  nothing: '_No se introdujo ningún valor._',
  yes: 'Sí',
  no: 'No',
  number: spanish.formatNumber,
  list: (choices) => choices.join(', '),
  enterOther: 'Introducir otros valores…',
  question: (task) => `Introduce los valores de ${task}`,
  shownToAll: 'Todos los que ven la tarjeta pueden leer esto.',
  decimalHint: 'Escribe los decimales con punto: 1234.50.',
  faults: {
    missing: () => 'Completa este campo.',
    not_email: () => 'Introduce una dirección de correo, como ana@example.com.',
    not_url: () => 'Introduce una URL, como https://example.com.',
    not_date: () => 'Elige una fecha.',
    not_time: () => 'Elige una fecha y una hora.',
    not_choice: () => 'Elige una de las respuestas.',
    not_number: () => 'Introduce un número de 15 cifras como máximo.',
    not_whole: () => 'Introduce un número entero.',
    too_short: (bound) => `Introduce al menos ${spanish.plural(bound, 'un carácter', '# caracteres')}.`,
    too_long: (bound) => `Introduce como máximo ${spanish.plural(bound, 'un carácter', '# caracteres')}.`,
    too_small: (bound) => `Introduce ${spanish.formatNumber(bound)} o más.`,
    too_large: (bound) => `Introduce ${spanish.formatNumber(bound)} o menos.`,
    too_few: (bound) => `Elige al menos ${spanish.formatCount(bound)}.`,
    too_many: (bound) => `Elige como máximo ${spanish.formatCount(bound)}.`,
  },
};

/** Values that a program asks for. */
export const fieldsTexts = { en, 'pt-BR': ptBR, es };
