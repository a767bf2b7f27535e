import { inLanguages } from '../../slack/texts/texts.ts';

/** Texts of the form that starts a run. */
export const startsTexts = inLanguages({
  en: {
    help: ['run press', 'start a run of a crew'] satisfies [string, string],
    /** Sentences by the code of the refusal. */
    refused: {
      unknown_crew: (crew: string) =>
        `I found no crew "${crew}" that can be started. Leave out the name to choose one.`,
      nothing_to_start: "No crew can be started from Slack. Ask the bot's admin to add the URL of one.",
      no_public_url:
        "This can't be started from Slack: CrewAI doesn't know where to report. Ask the bot's admin to fix this.",
      not_starter:
        "You don't have permission to start this crew. Ask the bot's admin to add you as a starter.",
      guest: "Guests and external users can't start a crew here.",
      not_member: 'Only members of its channel can start this crew.',
      cannot_check: "I can't check right now whether you may start this. Please try again in a minute.",
    },
    notStarted: "The database can't be reached, so nothing was started. Please try again in a moment.",
    perhapsStarted:
      "The database didn't respond in time, so I don't know whether this was started. The channel will show it.",
    formLost: 'This form can no longer be read. Please open it again.',
    otherInputs: 'The inputs of this crew have changed, so nothing was started. Please open the form again.',
    noForm: "Slack didn't open the form, so nothing was started. Please try again.",
    inputMissing: 'Please fill this in.',
    notAnObject: 'This must be a JSON object, such as {"topic": "rain jackets"}.',
    notExact: 'A number has too many digits, or a key appears twice. Put long numbers in quotes.',
    noId: 'Please leave out "id": CrewAI gives each run its own.',

    startTitle: 'Start a crew',
    next: 'Next',
    crew: 'Crew',
    start: 'Start',
    startCrew: (crew: string) => `Start ${crew}`,
    askingForInputs: (crew: string) => `Asking CrewAI which inputs ${crew} needs…`,
    noInputs: 'There are no inputs to fill in.',
    writeJson: 'Write lists and objects as JSON.',
    inputNeeded: 'CrewAI needs this input.',
    valueTooLong: 'The value is too long to show here.',
    inputsNotReached: "CrewAI couldn't be reached, so I don't know which inputs this crew has.",
    inputsUnknown: "I don't know which inputs this crew has.",
    inputs: (names: string) => `Inputs of this crew: ${names}`,
    optionalInput: (name: string) => `${name} (optional)`,
    stateFields: (names: string) =>
      names === ''
        ? "The Flow's state has no fields."
        : `Fields of the Flow's state: ${names}. Fields you leave out keep their defaults.`,
    inputsAsJson: 'Inputs as JSON',
    inputsAsJsonHint: 'A JSON object. It is sent exactly as written here.',
  },
  'pt-BR': {
    help: ['iniciar press', 'iniciar uma execução de uma crew'],
    refused: {
      unknown_crew: (crew) =>
        `Não encontrei nenhuma crew "${crew}" que possa ser iniciada. Omita o nome para escolher uma.`,
      nothing_to_start:
        'Nenhuma crew pode ser iniciada pelo Slack. Peça a quem administra o bot que adicione a URL de uma.',
      no_public_url:
        'Não dá para iniciar pelo Slack: o CrewAI não sabe para onde responder. Peça a quem administra o bot que corrija isso.',
      not_starter: 'Você não tem permissão para iniciar esta crew. Peça a permissão a quem administra o bot.',
      guest: 'Convidados e pessoas externas não podem iniciar uma crew aqui.',
      not_member: 'Só membros do canal desta crew podem iniciá-la.',
      cannot_check: 'Não consigo verificar agora se você pode iniciar isso. Tente novamente em um minuto.',
    },
    notStarted:
      'Não consigo acessar o banco de dados, então nada foi iniciado. Tente novamente em instantes.',
    perhapsStarted:
      'O banco de dados não respondeu a tempo, então não sei se a execução foi iniciada. O canal vai mostrar.',
    formLost: 'Não consigo mais ler este formulário. Abra o formulário de novo.',
    otherInputs: 'As entradas desta crew mudaram, então nada foi iniciado. Abra o formulário de novo.',
    noForm: 'O Slack não abriu o formulário, então nada foi iniciado. Tente novamente.',
    inputMissing: 'Preencha este campo.',
    notAnObject: 'Precisa ser um objeto JSON, como {"tema": "capas de chuva"}.',
    notExact: 'Um número tem dígitos demais, ou uma chave se repete. Coloque números longos entre aspas.',
    noId: 'Deixe "id" de fora: o CrewAI dá um ID próprio a cada execução.',

    startTitle: 'Iniciar uma crew',
    next: 'Avançar',
    crew: 'Crew',
    start: 'Iniciar',
    startCrew: (crew) => `Iniciar ${crew}`,
    askingForInputs: (crew) => `Perguntando ao CrewAI de quais entradas ${crew} precisa…`,
    noInputs: 'Não há entradas para preencher.',
    writeJson: 'Escreva listas e objetos em JSON.',
    inputNeeded: 'O CrewAI precisa desta entrada.',
    valueTooLong: 'O valor é longo demais para aparecer aqui.',
    inputsNotReached: 'Não consegui acessar o CrewAI, então não sei quais entradas esta crew tem.',
    inputsUnknown: 'Não sei quais entradas esta crew tem.',
    inputs: (names) => `Entradas desta crew: ${names}`,
    optionalInput: (name) => `${name} (opcional)`,
    stateFields: (names) =>
      names === ''
        ? 'O estado do Flow não tem campos.'
        : `Campos do estado do Flow: ${names}. Os campos que você omitir mantêm o valor padrão.`,
    inputsAsJson: 'Entradas em JSON',
    inputsAsJsonHint: 'Um objeto JSON. É enviado exatamente como está aqui.',
  },
  es: {
    help: ['iniciar press', 'iniciar una ejecución de un crew'],
    refused: {
      unknown_crew: (crew) =>
        `No encontré ningún crew "${crew}" que se pueda iniciar. Omite el nombre para elegir uno.`,
      nothing_to_start:
        'No se puede iniciar ningún crew desde Slack. Pide al administrador del bot que agregue la URL de uno.',
      no_public_url:
        'Esto no se puede iniciar desde Slack: CrewAI no sabe adónde informar. Pide al administrador del bot que lo corrija.',
      not_starter: 'No tienes permiso para iniciar este crew. Pide al administrador del bot que te lo dé.',
      guest: 'Los invitados y los usuarios externos no pueden iniciar un crew aquí.',
      not_member: 'Solo los miembros de su canal pueden iniciar este crew.',
      cannot_check: 'Ahora no puedo verificar si puedes iniciar esto. Inténtalo de nuevo en un minuto.',
    },
    notStarted:
      'No hay conexión con la base de datos, así que no se inició nada. Inténtalo de nuevo en un momento.',
    perhapsStarted:
      'La base de datos no respondió a tiempo, así que no sé si esto se inició. El canal lo mostrará.',
    formLost: 'Este formulario ya no se puede leer. Ábrelo de nuevo.',
    otherInputs:
      'Las entradas de este crew cambiaron, así que no se inició nada. Abre el formulario de nuevo.',
    noForm: 'Slack no abrió el formulario, así que no se inició nada. Inténtalo de nuevo.',
    inputMissing: 'Completa este campo.',
    notAnObject: 'Tiene que ser un objeto JSON, como {"topic": "impermeables"}.',
    notExact:
      'Un número tiene demasiados dígitos, o una clave se repite. Escribe los números largos entre comillas.',
    noId: 'Quita "id": CrewAI le da a cada ejecución el suyo.',

    startTitle: 'Iniciar un crew',
    next: 'Siguiente',
    crew: 'Crew',
    start: 'Iniciar',
    startCrew: (crew) => `Iniciar ${crew}`,
    askingForInputs: (crew) => `Preguntando a CrewAI qué datos necesita ${crew}…`,
    noInputs: 'No hay datos que completar.',
    writeJson: 'Escribe las listas y los objetos como JSON.',
    inputNeeded: 'CrewAI necesita este dato.',
    valueTooLong: 'El valor es demasiado largo para mostrarlo aquí.',
    inputsNotReached: 'No hubo conexión con CrewAI, así que no sé qué datos necesita este crew.',
    inputsUnknown: 'No sé qué datos necesita este crew.',
    inputs: (names) => `Datos de este crew: ${names}`,
    optionalInput: (name) => `${name} (opcional)`,
    stateFields: (names) =>
      names === ''
        ? 'El estado del Flow no tiene campos.'
        : `Campos del estado del Flow: ${names}. Los campos que omitas conservan su valor predeterminado.`,
    inputsAsJson: 'Datos en JSON',
    inputsAsJsonHint: 'Un objeto JSON. Se envía exactamente como está escrito aquí.',
  },
});
