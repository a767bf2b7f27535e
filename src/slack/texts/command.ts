const en = {
  helpTitle: 'Commands:',
  /** An example of each command, and its effect. */
  help: {
    list: ['', 'approvals that are waiting for a decision, oldest first'],
    waiting: ['waiting press mine', 'the same for one crew, and only those that you can decide'],
    look: [
      '7XK2M9QD4TRW8HZC',
      'one approval, or a run with all its approvals; the first six characters are enough',
    ],
    find: [
      'find @ana budget',
      'approvals that match every word: task, crew, agent, run, approver, feedback, start of the output',
    ],
    history: ['history press @ana since 7d', 'decisions, newest first'],
    status: ['status 97eba64f', 'what CrewAI or its program says about a run'],
    runs: ['runs press mine', 'runs that were started from Slack'],
    help: ['help', 'this list'],
  } satisfies Record<string, readonly [string, string]>,
  /** Follows the sentence about an error in a command. */
  seeHelp: (command: string) => `Type ${command} to see all commands.`,
  whereIds: (shortcut: string) =>
    `You find the ID of an approval in lists and look-ups, and with ${shortcut} in the menu of its card's message.`,
  notInThreads: (shortcut: string) =>
    `Slash commands don't work in threads. Use ${shortcut} in the menu of a message there.`,
};

const ptBR: typeof en = {
  helpTitle: 'Comandos:',
  help: {
    list: ['', 'aprovações que aguardam decisão, das mais antigas às mais recentes'],
    waiting: ['esperando press minhas', 'o mesmo para uma crew, e só as que você pode decidir'],
    look: [
      '7XK2M9QD4TRW8HZC',
      'uma aprovação, ou uma execução com todas as suas aprovações; os seis primeiros caracteres bastam',
    ],
    find: [
      'buscar @ana orçamento',
      'aprovações que correspondem a todos os termos: tarefa, crew, agente, execução, aprovador, feedback, começo da saída',
    ],
    history: ['histórico press @ana desde 7d', 'decisões, das mais recentes às mais antigas'],
    status: ['status 97eba64f', 'o que o CrewAI ou o programa informa sobre uma execução'],
    runs: ['execuções press minhas', 'execuções iniciadas pelo Slack'],
    help: ['ajuda', 'esta lista'],
  },
  seeHelp: (command) => `Digite ${command} para ver todos os comandos.`,
  whereIds: (shortcut) =>
    `O ID de uma aprovação está nas listas, nas consultas e em ${shortcut}, no menu da mensagem do cartão.`,
  notInThreads: (shortcut) =>
    `Comandos de barra não funcionam em threads. Lá, use ${shortcut} no menu de uma mensagem.`,
};

const es: typeof en = {
  helpTitle: 'Comandos:',
  help: {
    list: ['', 'aprobaciones pendientes, primero las más antiguas'],
    waiting: ['esperando press mías', 'lo mismo de un solo crew, y solo las que puedes decidir'],
    look: [
      '7XK2M9QD4TRW8HZC',
      'una aprobación, o una ejecución con todas sus aprobaciones; bastan los primeros seis caracteres',
    ],
    find: [
      'buscar @ana presupuesto',
      'aprobaciones que coinciden con todas las palabras: tarea, crew, agente, ejecución, aprobador, comentarios, inicio del resultado',
    ],
    history: ['historial press @ana desde 7d', 'decisiones, primero las más recientes'],
    status: ['estado 97eba64f', 'lo que dice CrewAI o el programa sobre una ejecución'],
    runs: ['ejecuciones press mías', 'ejecuciones iniciadas desde Slack'],
    help: ['ayuda', 'esta lista'],
  },
  seeHelp: (command) => `Escribe ${command} para ver todos los comandos.`,
  whereIds: (shortcut) =>
    `El ID de una aprobación está en las listas, en las consultas y en ${shortcut}, en el menú del mensaje de la tarjeta.`,
  notInThreads: (shortcut) =>
    `Los comandos no funcionan en los hilos. Allí, usa ${shortcut} en el menú de un mensaje.`,
};

/** Answers of the slash command. */
export const commandTexts = { en, 'pt-BR': ptBR, es };
