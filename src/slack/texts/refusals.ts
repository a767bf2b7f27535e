import { english } from './languages/english.ts';
import { portuguese } from './languages/portuguese.ts';
import { spanish } from './languages/spanish.ts';
import type { DecisionWords } from './words.ts';

function writeEarlierDecision({ action, option, by, when }: DecisionWords): string {
  const actionText = {
    approve: 'approved this',
    request_revision: 'requested a revision',
    choose: option === undefined ? 'answered this' : `chose ${option}`,
  }[action];
  return `${by ?? english.capitalize(english.EXPIRY_RULE)} already ${actionText}${when === undefined ? '' : ` ${when}`}`;
}

function explainDecision(decision: DecisionWords | undefined): string {
  return decision ? ` ${writeEarlierDecision(decision)}.` : '';
}

const en = {
  /** Sentences by the code of a refusal. */
  decide: {
    unknown: "I couldn't find this approval, so nothing was recorded.",
    not_approver: "You're not an approver of this crew, so nothing was recorded.",
    requester: 'You started this run, so someone else has to decide. Nothing was recorded.',
    guest: "Guests and external users can't decide here. Nothing was recorded.",
    not_member:
      'Only members of the channel can decide this. Join the channel and open the card. Nothing was recorded.',
    open_card:
      "Open the card to decide: I can't check from here whether you're in its channel. Nothing was recorded.",
    assignee_may_not:
      "This person can't decide this, or I can't check it right now. No one was asked. Choose someone else.",
    cannot_check:
      "I can't check who may approve right now, so nothing was recorded. Please try again in a minute.",
    already_voted: 'Your vote was already recorded. Others have to decide too.',
    other_output: 'This button belongs to an older output, so nothing was recorded.',
    not_decided: 'Nothing has been decided here yet, so there is nothing to send again.',
    not_editable: "This text can't be edited here. Nothing was recorded.",
    edited_blank: 'There is nothing to read in this text. Write a text, or decide on the card.',
    nothing_edited: 'The text is the same as before. Change it, or approve it as it is.',
    edited_not_json: 'This is no longer valid JSON. Correct it: the output has to stay JSON.',
    read_first:
      'Read all of this first. You can then decide on the card or below the last page of *Read in full*. Nothing was recorded.',
    card_changed:
      'This has changed since it was shown here. Open it again, then decide. Nothing was recorded.',
    text_required: 'Every answer here needs a comment. Use the buttons on the card. Nothing was recorded.',
    values_required: 'This answer asks for values. Use its button on the card. Nothing was recorded.',
    permission_over: 'The run has ended, and this permission with it.',
    no_permission: "This decision doesn't allow further calls, so there is nothing to end.",
    on_its_way: "The decision is on its way to CrewAI, so you can't close this now.",
  },
  /** Sentences for readers of an output, if they differ from those in `decide`. */
  read: {
    unknown: "I couldn't find this approval.",
    not_approver: "You're not an approver of this crew, so I can't show you this.",
    requester: 'You started this run, so only other people can read this.',
    guest: "Guests and external users can't read this here.",
    not_member: 'Only members of the channel can read this. Join the channel and open the card.',
    open_card: "Open the card to read this: I can't check from here whether you're in its channel.",
    cannot_check: "I can't check who may read this right now. Please try again in a minute.",
    other_output: 'This button belongs to an older output.',
  },
  /** Sentences by the reason why the bot did not undo a decision. */
  undo: {
    sent: "It's too late to undo this: the decision was already sent.",
    not_yours: 'Only the person who decided can undo this.',
    nothing: 'This is no longer decided, so there is nothing to undo.',
  },
  permissionEnded: (person: string, when: string) =>
    `${person} ended this permission ${when}, so nothing more was recorded.`,
  claimed: (person: string) => `${person} is already on it. You can still decide.`,
  alreadyDecided: (decision: DecisionWords) =>
    `${writeEarlierDecision(decision)}, so nothing more was recorded.`,
  /** `decision`: the decision on the older output. */
  superseded: (round: number, decision?: DecisionWords) =>
    `There is a newer output (round ${round}), so nothing was recorded.${explainDecision(decision)}`,
  runEnded: (decision?: DecisionWords) =>
    `The run has ended, so nothing was recorded.${explainDecision(decision)}`,
  closed: (decision?: DecisionWords) =>
    `This was closed without a decision, so nothing was recorded.${explainDecision(decision)}`,
  resolvedElsewhere: (decision?: DecisionWords) =>
    `This was resolved elsewhere, so nothing was recorded.${explainDecision(decision)}`,
  noApprovers: 'This was closed because no approvers are named. Nothing was recorded.',
  hiddenFields:
    "This question can't be answered: it asks for a hidden value, and a form in Slack is not a place for secrets.",
  lapsed: (decision?: DecisionWords) =>
    `The program that asked is no longer running, so nothing was recorded.${explainDecision(decision)}`,
  withdrawn: (decision?: DecisionWords) =>
    `This question was withdrawn, so nothing was recorded.${explainDecision(decision)}`,
  decideByButtons: 'Decide this with Approve or Request revision. Nothing was recorded.',
  decideInWords: 'Answer this in your own words: use *Other answer…* on its card. Nothing was recorded.',
  decideByOptions: (options: readonly string[]) =>
    `Decide this with one of its own options: ${options.join(', ')}. Nothing was recorded.`,
  /** `host`: host at which CrewAI expects the answer. */
  answerInCrewAI: (host?: string) =>
    `Answer this in CrewAI. To answer it here, the bot's admin has to allow ${host ?? "CrewAI's address"}.`,
  laterVersion:
    'This card was posted by a newer version of the bot, so nothing was recorded. Ask its admin to update the bot.',
  unknownButton: "This version of the bot doesn't know this button, so nothing was recorded.",
  unknownShortcut: "This version of the bot doesn't know this shortcut.",
  unknownForm:
    "This version of the bot doesn't know this form, so nothing was recorded. Please open it again.",
  /** For a click that was too old when the bot received it, for example after a restart. */
  tooLate: 'Your click reached the bot too late, so nothing was recorded. Please click again.',
  formNotOpened: "Slack didn't open the form, so nothing was recorded. Please click again.",
  windowNotOpened: "Slack didn't open the window. Please click again.",
  notRecorded: "The database can't be reached, so nothing was saved. Please try again in a moment.",
  perhapsRecorded:
    "The database didn't respond in time, so I don't know whether this was saved. The card will show it.",
  notACard: "This message isn't an approval card.",
  /** The state of a Flow may contain secrets, so only people who can decide may read it. */
  notYourState: "Only people who can decide this can read its Flow's state.",

  notLookedUp: "I couldn't look that up right now. Please try again in a moment.",
  mayNotLook: "Only approvers and members of a crew's channels can look up its approvals.",
  cannotCheckLookUp: "I can't check right now whether you may look this up. Please try again in a minute.",
  unknownCrew: (crew: string, crews: string) =>
    `I found no crew "${crew}" that you have access to. Your crews: ${crews}.`,
  ambiguousRun: (id: string) => `More than one run begins with "${id}". Please type more of its ID.`,
  notFound: (id: string) => `I found no approval or run "${id}" that you have access to.`,
  unknownPerson: (name: string) =>
    `I found no person "${name}". Type @ and choose the person from Slack's list, or use a member ID (profile → Copy member ID).`,
  unknownCommand: "I don't know this command.",
  didYouMean: (command: string) => `Did you mean ${command}?`,
  wrongCrew: 'Name one crew at most: `waiting press mine`.',
  onlyButtonsDecide: 'Decisions are made with the buttons of a card or a look-up. Nothing was recorded.',
  wrongRun: 'Name one crew at most: `run press`, `runs press mine`.',
  wrongFind: 'Give at most one @person, and words: `find @ana budget`.',
  wrongHistory: 'Give at most one crew, one @person and `since`: `history press @ana since 7d`.',
  wrongStatus: 'Type the ID of one run: `status 97eba64f`. Its first six characters are enough.',
  nothingToFind: 'Say what to find: `find budget`.',
  wrongTime: 'Say since when: `since 7d`, `since 2 weeks` or `since 2026-01-31`.',
  feedbackMissing: 'Please say what should change.',
  boxNotTicked: 'Not everything was shown to you. Tick the box to decide anyway.',
  answerMissing: 'Please write an answer.',
  reasonMissing: 'Please write a reason, or click Block on the card instead.',
  choiceNoteMissing: 'Please write a note, or click the option on the card instead.',
  noteMissing: 'Please write a note, or click Approve instead.',

  runNotFound: "I couldn't find this run.",
};

function writeEarlierDecisionInPortuguese({ action, option, by, when }: DecisionWords): string {
  const actionText = {
    approve: 'Já aprovado',
    request_revision: 'Revisão já solicitada',
    choose: option === undefined ? 'Já respondido' : `Resposta ${option} já escolhida`,
  }[action];
  return `${actionText} ${portuguese.nameActorInPortuguese(by)}${when === undefined ? '' : ` (${when})`}`;
}

function explainDecisionInPortuguese(decision: DecisionWords | undefined): string {
  return decision ? ` ${writeEarlierDecisionInPortuguese(decision)}.` : '';
}

const ptBR: typeof en = {
  decide: {
    unknown: 'Não encontrei esta aprovação, então nada foi registrado.',
    not_approver: 'Você não está entre os aprovadores desta crew, então nada foi registrado.',
    requester: 'Você iniciou esta execução, então outra pessoa precisa decidir. Nada foi registrado.',
    guest: 'Convidados e pessoas externas não podem decidir aqui. Nada foi registrado.',
    not_member:
      'Só membros do canal podem decidir aqui. Entre no canal e abra o cartão. Nada foi registrado.',
    open_card:
      'Abra o cartão para decidir: daqui não consigo verificar se você está no canal. Nada foi registrado.',
    assignee_may_not:
      'Esta pessoa não pode decidir, ou não consigo verificar isso agora. Ninguém recebeu o pedido. Escolha outra pessoa.',
    cannot_check:
      'Não consigo verificar agora quem pode aprovar, então nada foi registrado. Tente novamente em um minuto.',
    already_voted: 'Seu voto já foi registrado. Outras pessoas também precisam decidir.',
    other_output: 'Este botão é de uma saída anterior, então nada foi registrado.',
    not_decided: 'Ainda não há decisão aqui, então não há nada para enviar de novo.',
    not_editable: 'Este texto não pode ser editado aqui. Nada foi registrado.',
    edited_blank: 'Não há nada para ler neste texto. Escreva um texto ou decida no cartão.',
    nothing_edited: 'O texto é o mesmo de antes. Altere o texto ou aprove como está.',
    edited_not_json: 'O JSON deixou de ser válido. Corrija o texto: a saída precisa continuar em JSON.',
    read_first:
      'Leia tudo primeiro. Depois você pode decidir no cartão ou abaixo da última página de *Ler na íntegra*. Nada foi registrado.',
    card_changed:
      'Isto mudou desde que foi mostrado aqui. Abra de novo e depois decida. Nada foi registrado.',
    text_required:
      'Aqui toda resposta precisa de um comentário. Use os botões do cartão. Nada foi registrado.',
    values_required: 'Esta resposta pede valores. Use o botão dela no cartão. Nada foi registrado.',
    permission_over: 'A execução terminou, e esta permissão terminou com ela.',
    no_permission: 'Esta decisão não permite outras chamadas, então não há nada para encerrar.',
    on_its_way: 'A decisão está a caminho do CrewAI, então não dá para encerrar agora.',
  },
  read: {
    unknown: 'Não encontrei esta aprovação.',
    not_approver: 'Você não está entre os aprovadores desta crew, então não posso mostrar isso.',
    requester: 'Você iniciou esta execução, então só outras pessoas podem ler isso.',
    guest: 'Convidados e pessoas externas não podem ler isso aqui.',
    not_member: 'Só membros do canal podem ler isso. Entre no canal e abra o cartão.',
    open_card: 'Abra o cartão para ler: daqui não consigo verificar se você está no canal.',
    cannot_check: 'Não consigo verificar agora quem pode ler isso. Tente novamente em um minuto.',
    other_output: 'Este botão é de uma saída anterior.',
  },
  undo: {
    sent: 'É tarde demais para desfazer: a decisão já foi enviada.',
    not_yours: 'Só quem decidiu pode desfazer.',
    nothing: 'Não há mais decisão aqui, então não há nada para desfazer.',
  },
  permissionEnded: (person, when) =>
    `${person} já encerrou esta permissão, ${when}, então nada mais foi registrado.`,
  claimed: (person) => `${person} já está cuidando disso. Você ainda pode decidir.`,
  alreadyDecided: (decision) =>
    `${writeEarlierDecisionInPortuguese(decision)}, então nada mais foi registrado.`,
  superseded: (round, decision) =>
    `Há uma saída mais recente (rodada ${round}), então nada foi registrado.${explainDecisionInPortuguese(decision)}`,
  runEnded: (decision) =>
    `A execução terminou, então nada foi registrado.${explainDecisionInPortuguese(decision)}`,
  closed: (decision) =>
    `Esta aprovação foi encerrada sem decisão, então nada foi registrado.${explainDecisionInPortuguese(decision)}`,
  resolvedElsewhere: (decision) =>
    `Esta aprovação foi resolvida em outro lugar, então nada foi registrado.${explainDecisionInPortuguese(decision)}`,
  noApprovers: 'Isto foi encerrado porque não há aprovadores definidos. Nada foi registrado.',
  hiddenFields:
    'Não é possível responder a esta pergunta: ela pede um valor oculto, e um formulário no Slack não é lugar para segredos.',
  lapsed: (decision) =>
    `O programa que perguntou não está mais em execução, então nada foi registrado.${explainDecisionInPortuguese(decision)}`,
  withdrawn: (decision) =>
    `Esta pergunta foi retirada, então nada foi registrado.${explainDecisionInPortuguese(decision)}`,
  decideByButtons: 'Decida com Aprovar ou Solicitar revisão. Nada foi registrado.',
  decideInWords: 'Responda com suas palavras: use *Outra resposta…* no cartão. Nada foi registrado.',
  decideByOptions: (options) =>
    `Decida com uma das opções desta pergunta: ${options.join(', ')}. Nada foi registrado.`,
  answerInCrewAI: (host) =>
    `Responda no CrewAI. Para responder aqui, quem administra o bot precisa permitir ${host ?? 'o endereço do CrewAI'}.`,
  laterVersion:
    'Este card foi publicado por uma versão mais nova do bot, então nada foi registrado. Peça ao admin do bot que o atualize.',
  unknownButton: 'Esta versão do bot não conhece este botão, então nada foi registrado.',
  unknownShortcut: 'Esta versão do bot não conhece este atalho.',
  unknownForm:
    'Esta versão do bot não conhece este formulário, então nada foi registrado. Abra o formulário de novo.',
  tooLate: 'Seu clique chegou tarde demais ao bot, então nada foi registrado. Clique de novo.',
  formNotOpened: 'O Slack não abriu o formulário, então nada foi registrado. Clique de novo.',
  windowNotOpened: 'O Slack não abriu a janela. Clique de novo.',
  notRecorded: 'Não consigo acessar o banco de dados, então nada foi salvo. Tente novamente em instantes.',
  perhapsRecorded:
    'O banco de dados não respondeu a tempo, então não sei se isso foi salvo. O cartão vai mostrar.',
  notACard: 'Esta mensagem não é um cartão de aprovação.',
  notYourState: 'Só quem pode decidir aqui pode ler o estado do Flow.',

  notLookedUp: 'Não consegui consultar isso agora. Tente novamente em instantes.',
  mayNotLook: 'Só aprovadores e membros dos canais de uma crew podem consultar as aprovações dela.',
  cannotCheckLookUp: 'Não consigo verificar agora se você pode consultar isso. Tente novamente em um minuto.',
  unknownCrew: (crew, crews) =>
    `Não encontrei nenhuma crew "${crew}" à qual você tenha acesso. Suas crews: ${crews}.`,
  ambiguousRun: (id) => `Mais de uma execução começa com "${id}". Digite mais caracteres do ID.`,
  notFound: (id) => `Não encontrei nenhuma aprovação ou execução "${id}" à qual você tenha acesso.`,
  unknownPerson: (name) =>
    `Não encontrei nenhuma pessoa "${name}". Digite @ e escolha na lista do Slack, ou use um ID de membro (perfil → Copiar ID do membro).`,
  unknownCommand: 'Não conheço este comando.',
  didYouMean: (command) => `Você quis dizer ${command}?`,
  wrongCrew: 'Indique no máximo uma crew: `esperando press minhas`.',
  onlyButtonsDecide:
    'As decisões são tomadas com os botões de um cartão ou de uma consulta. Nada foi registrado.',
  wrongRun: 'Indique no máximo uma crew: `iniciar press`, `execuções press minhas`.',
  wrongFind: 'Indique no máximo uma @pessoa, e palavras: `buscar @ana orçamento`.',
  wrongHistory: 'Indique no máximo uma crew, uma @pessoa e `desde`: `histórico press @ana desde 7d`.',
  wrongStatus: 'Digite o ID de uma execução: `status 97eba64f`. Os seis primeiros caracteres bastam.',
  nothingToFind: 'Diga o que buscar: `buscar orçamento`.',
  wrongTime: 'Diga desde quando: `desde 24h`, `desde 7d` ou `desde 2026-01-31`.',
  feedbackMissing: 'Diga o que deve mudar.',
  boxNotTicked: 'Nem tudo foi mostrado a você. Marque a caixa para decidir mesmo assim.',
  answerMissing: 'Escreva uma resposta.',
  reasonMissing: 'Escreva um motivo, ou clique em Bloquear no cartão.',
  choiceNoteMissing: 'Escreva uma observação, ou clique na opção no cartão.',
  noteMissing: 'Escreva uma observação, ou clique em Aprovar.',

  runNotFound: 'Não encontrei esta execução.',
};

/** Describes an earlier decision. `by` is one person, so the verb is singular. */
function writeEarlierDecisionInSpanish({ action, option, by, when }: DecisionWords): string {
  const actionText = {
    approve: 'ya aprobó esto',
    request_revision: 'ya pidió cambios',
    choose: option === undefined ? 'ya respondió a esto' : `ya eligió ${option}`,
  }[action];
  const sentence = `${by ?? spanish.capitalize(spanish.EXPIRY_RULE)} ${actionText}`;
  return when === undefined ? sentence : `${sentence} (${when})`;
}

function explainDecisionInSpanish(decision: DecisionWords | undefined): string {
  return decision ? ` ${writeEarlierDecisionInSpanish(decision)}.` : '';
}

const es: typeof en = {
  decide: {
    unknown: 'No encontré esta aprobación, así que no se registró nada.',
    not_approver: 'No estás entre los aprobadores de este crew, así que no se registró nada.',
    requester: 'Tú iniciaste esta ejecución, así que tiene que decidir otra persona. No se registró nada.',
    guest: 'Los invitados y los usuarios externos no pueden decidir aquí. No se registró nada.',
    not_member:
      'Solo los miembros del canal pueden decidir esto. Únete al canal y abre la tarjeta. No se registró nada.',
    open_card:
      'Abre la tarjeta para decidir: desde aquí no puedo verificar si estás en su canal. No se registró nada.',
    assignee_may_not:
      'Esta persona no puede decidir esto, o ahora no puedo verificarlo. No se asignó a nadie. Elige a otra persona.',
    cannot_check:
      'Ahora no puedo verificar quién puede aprobar, así que no se registró nada. Inténtalo de nuevo en un minuto.',
    already_voted: 'Tu voto ya estaba registrado. Otras personas también tienen que decidir.',
    other_output: 'Este botón es de un resultado anterior, así que no se registró nada.',
    not_decided: 'Aquí todavía no se decidió nada, así que no hay nada que reenviar.',
    not_editable: 'Este texto no se puede editar aquí. No se registró nada.',
    edited_blank: 'No hay nada que leer en este texto. Escribe un texto o decide en la tarjeta.',
    nothing_edited: 'El texto es igual al anterior. Cámbialo o apruébalo como está.',
    edited_not_json: 'Esto ya no es JSON válido. Corrígelo: el resultado tiene que seguir siendo JSON.',
    read_first:
      'Lee todo primero. Después puedes decidir en la tarjeta o debajo de la última página de *Leer completo*. No se registró nada.',
    card_changed:
      'Esto cambió desde que se mostró aquí. Ábrelo de nuevo y luego decide. No se registró nada.',
    text_required:
      'Aquí cada respuesta necesita un comentario. Usa los botones de la tarjeta. No se registró nada.',
    values_required: 'Esta respuesta pide valores. Usa su botón en la tarjeta. No se registró nada.',
    permission_over: 'La ejecución terminó, y este permiso con ella.',
    no_permission: 'Esta decisión no permite más llamadas, así que no hay ningún permiso que retirar.',
    on_its_way: 'La decisión ya va camino a CrewAI, así que ahora no puedes cerrar esto.',
  },
  read: {
    unknown: 'No encontré esta aprobación.',
    not_approver: 'No estás entre los aprobadores de este crew, así que no puedo mostrarte esto.',
    requester: 'Tú iniciaste esta ejecución, así que solo otras personas pueden leer esto.',
    guest: 'Los invitados y los usuarios externos no pueden leer esto aquí.',
    not_member: 'Solo los miembros del canal pueden leer esto. Únete al canal y abre la tarjeta.',
    open_card: 'Abre la tarjeta para leer esto: desde aquí no puedo verificar si estás en su canal.',
    cannot_check: 'Ahora no puedo verificar quién puede leer esto. Inténtalo de nuevo en un minuto.',
    other_output: 'Este botón es de un resultado anterior.',
  },
  undo: {
    sent: 'Ya es tarde para deshacer esto: la decisión ya se envió.',
    not_yours: 'Solo quien decidió puede deshacer esto.',
    nothing: 'Aquí ya no hay una decisión, así que no hay nada que deshacer.',
  },
  permissionEnded: (person, when) =>
    `${person} ya retiró este permiso (${when}), así que no se registró nada más.`,
  claimed: (person) => `${person} ya se encarga de esto. Todavía puedes decidir.`,
  alreadyDecided: (decision) =>
    `${writeEarlierDecisionInSpanish(decision)}, así que no se registró nada más.`,
  superseded: (round, decision) =>
    `Hay un resultado más nuevo (ronda ${round}), así que no se registró nada.${explainDecisionInSpanish(decision)}`,
  runEnded: (decision) =>
    `La ejecución terminó, así que no se registró nada.${explainDecisionInSpanish(decision)}`,
  closed: (decision) =>
    `Esto se cerró sin decisión, así que no se registró nada.${explainDecisionInSpanish(decision)}`,
  resolvedElsewhere: (decision) =>
    `Esto se resolvió en otro lugar, así que no se registró nada.${explainDecisionInSpanish(decision)}`,
  noApprovers: 'Esto se cerró porque no hay aprobadores definidos. No se registró nada.',
  hiddenFields:
    'Esta pregunta no se puede responder: pide un valor oculto, y un formulario en Slack no es lugar para secretos.',
  lapsed: (decision) =>
    `El programa que preguntó ya no está activo, así que no se registró nada.${explainDecisionInSpanish(decision)}`,
  withdrawn: (decision) =>
    `Esta pregunta se retiró, así que no se registró nada.${explainDecisionInSpanish(decision)}`,
  decideByButtons: 'Decide esto con *Aprobar* o *Pedir cambios*. No se registró nada.',
  decideInWords:
    'Responde a esto con tus palabras: usa *Otra respuesta…* en su tarjeta. No se registró nada.',
  decideByOptions: (options) =>
    `Decide esto con una de sus opciones: ${options.join(', ')}. No se registró nada.`,
  answerInCrewAI: (host) =>
    `Responde a esto en CrewAI. Para responder aquí, el administrador del bot tiene que permitir ${host ?? 'la dirección de CrewAI'}.`,
  laterVersion:
    'Esta tarjeta fue publicada por una versión más nueva del bot, así que no se registró nada. Pide a su admin que lo actualice.',
  unknownButton: 'Esta versión del bot no conoce este botón, así que no se registró nada.',
  unknownShortcut: 'Esta versión del bot no conoce este atajo.',
  unknownForm:
    'Esta versión del bot no conoce este formulario, así que no se registró nada. Ábrelo de nuevo.',
  tooLate: 'Tu clic llegó al bot demasiado tarde, así que no se registró nada. Haz clic de nuevo.',
  formNotOpened: 'Slack no abrió el formulario, así que no se registró nada. Haz clic de nuevo.',
  windowNotOpened: 'Slack no abrió la ventana. Haz clic de nuevo.',
  notRecorded:
    'No hay conexión con la base de datos, así que no se guardó nada. Inténtalo de nuevo en un momento.',
  perhapsRecorded:
    'La base de datos no respondió a tiempo, así que no sé si esto se guardó. La tarjeta lo mostrará.',
  notACard: 'Este mensaje no es una tarjeta de aprobación.',
  notYourState: 'Solo quienes pueden decidir esto pueden leer el estado de su Flow.',

  notLookedUp: 'Ahora no pude consultarlo. Inténtalo de nuevo en un momento.',
  mayNotLook:
    'Solo los aprobadores y los miembros de los canales de un crew pueden consultar sus aprobaciones.',
  cannotCheckLookUp: 'Ahora no puedo verificar si puedes consultar esto. Inténtalo de nuevo en un minuto.',
  unknownCrew: (crew, crews) =>
    `No encontré ningún crew "${crew}" al que tengas acceso. Tus crews: ${crews}.`,
  ambiguousRun: (id) => `Hay más de una ejecución que empieza con "${id}". Escribe más caracteres de su ID.`,
  notFound: (id) => `No encontré ninguna aprobación ni ejecución "${id}" a la que tengas acceso.`,
  unknownPerson: (name) =>
    `No encontré a ninguna persona "${name}". Escribe @ y elígela en la lista de Slack, o usa su ID de miembro (perfil → Copiar ID de miembro).`,
  unknownCommand: 'No conozco este comando.',
  didYouMean: (command) => `¿Quisiste decir ${command}?`,
  wrongCrew: 'Escribe un solo crew, o ninguno: `esperando press mías`.',
  onlyButtonsDecide:
    'Las decisiones se toman con los botones de una tarjeta o de una consulta. No se ha registrado nada.',
  wrongRun: 'Escribe un solo crew, o ninguno: `iniciar press`, `ejecuciones press mías`.',
  wrongFind: 'Escribe palabras y, como máximo, una @persona: `buscar @ana presupuesto`.',
  wrongHistory: 'Escribe como máximo un crew, una @persona y `desde`: `historial press @ana desde 7d`.',
  wrongStatus: 'Escribe el ID de una ejecución: `estado 97eba64f`. Bastan los primeros seis caracteres.',
  nothingToFind: 'Di qué hay que buscar: `buscar presupuesto`.',
  wrongTime: 'Di desde cuándo: `desde 24h`, `desde 7d` o `desde 2026-01-31`.',
  feedbackMissing: 'Di qué debe cambiar.',
  boxNotTicked: 'No se te ha mostrado todo. Marca la casilla para decidir de todos modos.',
  answerMissing: 'Escribe una respuesta.',
  reasonMissing: 'Escribe un motivo, o haz clic en Bloquear en la tarjeta.',
  choiceNoteMissing: 'Escribe una nota, o haz clic en la opción en la tarjeta.',
  noteMissing: 'Escribe una nota, o haz clic en Aprobar.',

  runNotFound: 'No encontré esta ejecución.',
};

/** Refusals, for the person whose action was refused. */
export const refusalsTexts = { en, 'pt-BR': ptBR, es };
