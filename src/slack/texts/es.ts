import type { IgnoredSetting } from '../../approval/model/run/ignored-setting.ts';
import type { en } from './en.ts';
import {
  capitalize,
  createDeciderWords,
  createWords,
  type DecisionFilter,
  type DecisionWords,
  endSentence,
  fullStop,
  isOnePerson,
  type Reason,
} from './words.ts';

const words = createWords('es-419');
const { formatCount, formatNumber, plural, formatList, formatDay } = words;
const { nameEveryone, nameAnyone, beginWithAnyone } = createDeciderWords(words, {
  inChannel: ['cualquier persona de este canal', 'personas de este canal'],
  unnamed: ['una persona', '# personas'],
  more: ['una persona más', '# personas más'],
});
// es-419 writes two days as "2 dd.", which nobody reads as days.
const { formatDuration } = createWords('es-MX');

const RULE = 'la regla de vencimiento';
const IGNORED: Readonly<Record<IgnoredSetting, string>> = {
  task_webhook_url_invalid: 'la URL del webhook de tareas no es válida',
  step_webhook_url_invalid: 'la URL del webhook de pasos no es válida',
  crew_webhook_url_invalid: 'la URL del webhook del crew no es válida',
  human_input_webhook_url_invalid: 'la URL del webhook de intervención humana no es válida',
  channel_invalid: 'su canal no es válido',
  channel_not_of_crew: 'su canal no es uno de los canales de este crew',
  approvers_invalid: 'algunos de sus aprobadores no son ID de usuarios ni de grupos de usuarios de Slack',
  approvers_not_of_crew: 'algunos de sus aprobadores no son aprobadores de este crew',
  requested_by_invalid: 'quien la inició no es un ID de usuario de Slack ni un correo electrónico',
};
const UNNAMED = 'Resultado sin nombre';

/**
 * Every sentence that people read in Slack, in neutral Spanish of Latin America. Slack writes a day as "hoy" or "3 feb
 * 2026", and of the prepositions only "desde" fits both: other times stand after a comma or a colon, or in parentheses.
 * One person is addressed as "tú"; where a sentence can mention several people, it addresses nobody.
 */
export const es: typeof en = {
  refusals: {
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
        'Lee primero los argumentos y luego permite esto en la tarjeta o en la última página de *Leer completo*. No se registró nada.',
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
    alreadyDecided: (decision) => `${decidedBeforeInSpanish(decision)}, así que no se registró nada más.`,
    superseded: (round, decision) =>
      `Hay un resultado más nuevo (ronda ${round}), así que no se registró nada.${explainDecisionInSpanish(decision)}`,
    runEnded: (decision) =>
      `La ejecución terminó, así que no se registró nada.${explainDecisionInSpanish(decision)}`,
    closed: (decision) =>
      `Esto se cerró sin decisión, así que no se registró nada.${explainDecisionInSpanish(decision)}`,
    resolvedElsewhere: (decision) =>
      `Esto se resolvió en otro lugar, así que no se registró nada.${explainDecisionInSpanish(decision)}`,
    noApprovers:
      'Esto se cerró porque no hay aprobadores definidos para esta herramienta. No se registró nada.',
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
    unknownButton: 'Esta versión del bot no conoce este botón, así que no se registró nada.',
    unknownShortcut: 'Esta versión del bot no conoce este atajo.',
    unknownForm:
      'Esta versión del bot no conoce este formulario, así que no se registró nada. Ábrelo de nuevo.',
    tooLate: 'Tu clic llegó al bot demasiado tarde, así que no se registró nada. Haz clic de nuevo.',
    notOpened: 'Slack no abrió el formulario, así que no se registró nada. Haz clic de nuevo.',
    notShown: 'Slack no abrió la ventana. Haz clic de nuevo.',
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
    ambiguousRun: (id) =>
      `Hay más de una ejecución que empieza con "${id}". Escribe más caracteres de su ID.`,
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
    answerMissing: 'Escribe una respuesta.',
    reasonMissing: 'Escribe un motivo, o haz clic en Bloquear en la tarjeta.',
    choiceNoteMissing: 'Escribe una nota, o haz clic en la opción en la tarjeta.',
    noteMissing: 'Escribe una nota, o haz clic en Aprobar.',

    runLost: 'No encontré esta ejecución.',
  },

  people: formatList,

  card: {
    time: '{date_short_pretty}, {time}',
    rule: RULE,
    name: (task, crew) => (task === undefined ? `un resultado de ${crew}` : `${task} de ${crew}`),
    subject: (task, crew) => `${crew}: ${task ?? 'un resultado'}`,
    untitled: (crew) => `Un resultado de ${crew}`,
    unnamed: UNNAMED,
    inRound: (task, round, isUnchanged = false) => {
      if (round === 1) return task;
      return isUnchanged ? `${task} (ronda ${round}, sin cambios)` : `${task} (ronda ${round})`;
    },

    notifyWaiting: (of, people) => {
      const what = `${of.crew}: ${of.task ?? 'un resultado'} espera una decisión.`;
      const how = of.isChoice ? 'Elige una respuesta.' : 'Aprueba o pide cambios.';
      return people === undefined ? `${what} ${how}` : `${people} ${what} ${how}`;
    },
    notify: (crew, task, state) => `${crew}: ${endSentence(task ?? 'un resultado')} ${state}`,
    nothingLeft: 'Ya no hay nada que decidir.',
    rejected: 'CrewAI rechazó la decisión.',

    asksForApproval: (who, task, { hidesTitle = false, isOver = false } = {}) =>
      `${who} ${isOver ? 'pidió' : 'pide'} aprobación${hidesTitle ? ' de' : ':'} ${task}`,
    output: 'un resultado',
    addressed: (people, asked) => `${people} – ${asked}`,
    canDecide: (people) => `${beginWithAnyone(people)} ${isOnePerson(people) ? 'puede' : 'pueden'} decidir.`,
    canVote: (people, isStill) =>
      `${beginWithAnyone(people)} ${isStill ? 'todavía ' : ''}${isOnePerson(people) ? 'puede' : 'pueden'} votar.`,
    allHaveToApprove: (names) =>
      `${formatList(names)} tienen que aprobar. Para pedir cambios, basta con una de estas personas.`,
    allHaveToChoose: (names) => `${formatList(names)} tienen que elegir la misma respuesta.`,
    approvalsNeeded: (count, people) =>
      `Se necesitan ${formatCount(count)} aprobaciones de ${nameEveryone(people)}.`,
    choicesNeeded: (count, people) =>
      `${formatCount(count)} ${people === 'channel' ? nameEveryone(people) : `personas de entre ${nameEveryone(people)}`} tienen que elegir la misma respuesta.`,
    moreApprovalsNeeded: (count, people) => {
      const oneOf = people !== 'channel' && people.others > 0 ? 'una de estas personas: ' : '';
      return count === 1
        ? `Falta una aprobación, de ${oneOf}${nameAnyone(people)}.`
        : `Faltan ${formatCount(count)} aprobaciones, de ${nameEveryone(people)}.`;
    },
    flowAsks: (task) => `El Flow pregunta: ${task}`,
    toolAsks: (who, tool) => `${who} pide ejecutar ${tool}`,
    askedTimes: (times) =>
      `Es la ${formatCount(times)}.ª vez que se pide esta misma llamada en esta ejecución.`,
    allowedCalls: (count, when) =>
      plural(
        count,
        `En esta ejecución también se permitió una llamada (${when}).`,
        `En esta ejecución también se permitieron # llamadas (la última: ${when}).`,
      ),
    permissionEnded: (person, when) =>
      `${person} retiró este permiso (${when}): la próxima llamada necesita una decisión.`,
    sameArguments: 'los mismos argumentos',
    argumentContinued: '(continuación)',
    programAsks: (crew, task) => `${crew} pregunta: ${task}`,
    askedFor: (text) => `Se espera: ${text}`,
    editedBy: (person) => `${person} editó la versión anterior. Las demás personas deciden sobre esta.`,
    editedTo: 'El texto se cambió a:',
    usedExactly: 'CrewAI usó este texto palabra por palabra:',
    notUsedExactly: 'CrewAI no usó este texto palabra por palabra. *Qué cambió* muestra las diferencias:',
    run: (run) => `Ejecución: ${run}`,
    openRun: 'abrir',
    outcome: (round, what) => `Ronda ${round}: ${what}.`,
    endedWithout: 'se cerró sin decisión',
    folded: (count) => `El resto del resultado (${plural(count, 'un carácter', '# caracteres')})`,
    steps: (agent, shown, all) => {
      const count = shown < all ? `${formatCount(shown)} de ${formatCount(all)}` : formatCount(all);
      return agent === undefined
        ? `Últimos pasos de la ejecución (${count})`
        : `Últimos pasos de ${agent} (${count})`;
    },
    step: (tool, input, result) => `${tool}\nEntrada: ${input || '–'}\nSalida: ${result || '–'}`,
    stateInMenu: '*Detalles*, en el menú, muestra el estado del Flow.',
    unnotified:
      'No se notificó a nadie sobre esta tarjeta. Pide al administrador del bot que configure a quién notificar.',
    footer: (crew) => `Crew ${crew}`,
    ignored: (settings) =>
      `Se ignoró parte de la configuración de la ejecución: ${settings.map((setting) => IGNORED[setting]).join('; ')}.`,

    mayHaveContinued:
      'Otra tarea de esta ejecución terminó después, así que es posible que la ejecución haya continuado sin decisión.',
    runGoesSilent:
      'CrewAI no volverá a informar sobre esta ejecución. Pide al administrador del bot que lo corrija.',
    undecidableUnnamed:
      'Nadie puede decidir esto: CrewAI no nombró la tarea, y nadie es aprobador de todas las tareas.',
    changeApprovers: 'Pide al administrador del bot que cambie los aprobadores, o cierra esto sin decidir.',
    tooFewApprovers: (able, required) => {
      if (able === 0) return 'Ya no queda nadie que pueda decidir esto.';
      return `Se necesitan ${formatCount(required)} aprobaciones, y solo ${plural(able, 'una persona puede', '# personas pueden')} aprobar.`;
    },
    approvals: (approved, required, people) => {
      const count = `Aprobaciones: ${formatCount(approved)} de ${formatCount(required)}`;
      return people === '' ? `${count}.` : `${count} (${people}).`;
    },
    votes: (required, votes) => {
      const counted = votes.map(
        ({ option = 'otra respuesta', people }) =>
          `${option} ${formatCount(people.length)} de ${formatCount(required)} (${people.join(', ')})`,
      );
      const needed = `${formatCount(required)} personas tienen que elegir la misma respuesta.`;
      return counted.length === 0 ? needed : `${needed} Votos: ${counted.join('; ')}.`;
    },
    assigned: (person) => `Esto se asignó a ${person}.`,
    claimed: (person) => `${person} se encarga de esto.`,
    expired: (when) => `El plazo venció (${when}). Todavía es posible decidir.`,
    ruleExhausted:
      'La regla de vencimiento pidió cambios tres veces seguidas, así que ahora decide una persona.',

    answerBy: (when) => `CrewAI espera una respuesta antes de: ${when}.`,
    withoutAnswer: (option) => `Si nadie responde, CrewAI usa ${option}.`,
    deadline: (when, action, what) => {
      const then = {
        approve: 'Después se aprueba automáticamente.',
        request_revision:
          what === ''
            ? 'Después se devuelve para cambios.'
            : `Después se devuelve para cambios con "${what}"${fullStop(what)}`,
        choose: `Después la respuesta es ${what}.`,
      };
      return `Fecha límite: ${when}. ${action === undefined ? 'Después sigue abierto.' : then[action]}`;
    },
    assignedByCrewAI: (email) => `CrewAI lo asignó a ${email}`,
    answersRequest: (by = RULE) => `Esto responde al pedido de ${by}:`,
    nextAfterRequest: (by = RULE, isLikely = false) =>
      isLikely
        ? `Este es probablemente el siguiente resultado de CrewAI después del pedido de ${by}:`
        : `El siguiente resultado de CrewAI después del pedido de ${by}:`,
    followsAnswer: (by = RULE) => `Esto viene después de la respuesta de ${by}:`,
    followsOption: (option, by = RULE) => `Esto viene después de la respuesta ${option} de ${by}.`,

    decision: writeDecisionInSpanish,
    decided: (decision) => `${writeDecisionInSpanish(decision)}.`,
    sending: 'Enviando la decisión a CrewAI…',
    canBeUndone: (when) => `Envío: ${when}. Hasta entonces, *Deshacer* anula la decisión.`,
    retrying: 'Lo seguiré intentando.',
    notDelivered: 'La decisión no se entregó.',
    mayHaveArrived: 'Es posible que la decisión haya llegado a CrewAI.',
    mayHaveArrivedUnanswered: 'Es posible que la decisión haya llegado a CrewAI, pero CrewAI no respondió.',
    earlierMayHaveArrived: 'Es posible que un intento anterior haya llegado a CrewAI.',
    retrySendsAgain: '*Reintentar* envía la misma decisión otra vez.',
    closeEndsThis: '*Cerrar sin decidir* pone fin a esta aprobación.',
    notFetched: 'El programa que preguntó todavía no recibió la decisión.',
    pushFailed: {
      not_taken:
        'El programa que preguntó no aceptó la respuesta cuando se la envié; todavía puede consultarla.',
      not_allowed:
        'No puedo enviarle la respuesta, porque mi configuración no permite su dirección. Seguiré intentándolo.',
    },
    received: (next) =>
      next === undefined
        ? 'El programa que preguntó ya recibió la decisión.'
        : `El programa que preguntó ya recibió la decisión: ${next}`,
    goesOn: (who, task) =>
      `Decisión enviada. El ${who === 'flow' ? 'Flow' : 'crew'} continúa${task === undefined ? '' : ` con ${task}`}.`,
    notHeardOf: (who) =>
      `Decisión enviada. Aquí se verá cuando el ${who === 'flow' ? 'Flow' : 'crew'} continúe.`,
    acceptedOtherwise: (says) => `CrewAI aceptó la decisión y dice "${says}".`,
    superseded: (when) => `Un resultado más nuevo reemplazó a este (${when}).`,
    noLongerWaiting: 'CrewAI ya no esperaba la decisión.',
    notWaiting: (when) => `Se cerró (${when}): esta tarea no necesitaba una decisión.`,
    resolved: writeResolvedInSpanish,
    runEnded: (when) => `La ejecución terminó (${when}) antes de que alguien decidiera.`,
    runEndedFirst: (when) => `La ejecución terminó (${when}) antes de que CrewAI aceptara la decisión.`,
    runEndedPerhaps: (when) =>
      `La ejecución terminó (${when}). Es posible que CrewAI haya aceptado antes la decisión.`,
    runEndedUnfetched: (when) =>
      `La ejecución terminó (${when}) antes de que el programa recibiera la decisión.`,
    withdrawn: (when) => `El programa que preguntó retiró esta pregunta (${when}).`,
    noApprovers: (when) =>
      `Se cerró (${when}): una herramienta necesita aprobadores definidos y no hay ninguno. Habla con quien administra el bot.`,
    hiddenFields: (when) =>
      `Se cerró (${when}): pide un valor oculto, y un formulario en Slack no es lugar para secretos.`,
    lapsed: (when) => `Se cerró (${when}): el programa que preguntó ya no está activo.`,
    closed: (person, when) => `${person} cerró esto sin decidir (${when}).`,
    decisionMayHaveArrived: 'Es posible que la decisión anterior haya llegado a CrewAI.',

    summaryNotFetched: (option) =>
      option === undefined
        ? 'decidido, el programa todavía no lo recibió'
        : `respuesta ${option}, el programa todavía no la recibió`,
    summaryNotSent: 'decidido, todavía se puede deshacer',
    summaryNoApprovers: 'cerrado, sin aprobadores definidos',
    summaryHiddenFields: 'cerrado, pide un valor oculto',
    summaryLapsed: 'cerrado, su programa se detuvo',
    summary: (state, progress, option) => {
      const got = {
        sent: 'decisión enviada',
        accepted: 'decisión enviada',
        continued: 'la ejecución continúa',
        fetched: 'el programa ya lo recibió',
        finished: 'la ejecución terminó',
      }[progress];
      return {
        waiting: 'pendiente de decisión',
        sending: 'decidido, se está enviando a CrewAI',
        refused: 'decidido, CrewAI lo rechazó',
        undelivered: 'decidido, no se entregó',
        approved: `aprobado, ${got}`,
        revision_requested: `se pidieron cambios, ${got}`,
        answered: option === undefined ? `respondido, ${got}` : `respuesta ${option}, ${got}`,
        superseded: 'reemplazado por un resultado más nuevo',
        resolved_elsewhere: 'resuelto en otro lugar',
        run_ended: 'la ejecución terminó',
        given_up: 'cerrado sin decisión',
        withdrawn: 'retirado',
      }[state];
    },
  },

  notes: {
    notSent: (person, why, { by, mayBeRead = false } = {}) => {
      const first = {
        superseded: 'antes llegó un resultado más nuevo',
        run_ended: 'la ejecución terminó antes',
        given_up: `${by ?? 'alguien'} cerró esto antes sin decidir`,
        withdrawn: 'la pregunta se retiró antes',
        lapsed: 'el programa que preguntó ya no está activo',
      }[why];
      return mayBeRead
        ? `${yourDecisionInSpanish(person)} no fue confirmada a tiempo por el programa: ${first}. Es posible que el programa ya la haya leído.`
        : `${yourDecisionInSpanish(person)} no se envió: ${first}.`;
    },
    notTaken: (person) =>
      person === undefined
        ? `CrewAI ya no esperaba la decisión de ${RULE}.`
        : `${person}, CrewAI ya no esperaba tu decisión.`,
    notAccepted: (person) => `${yourDecisionInSpanish(person)} no se aceptó.`,
    notArrived: (person) => `${yourDecisionInSpanish(person)} no llegó a CrewAI.`,
    mayHaveArrived: (person) => `${yourDecisionInSpanish(person)} puede haber llegado a CrewAI.`,
    mayHaveArrivedUnanswered: (person) =>
      `${yourDecisionInSpanish(person)} puede haber llegado a CrewAI, pero CrewAI no respondió.`,
    retryOrClose: 'La tarjeta de arriba tiene *Reintentar* y *Cerrar sin decidir*.',
    close: 'La tarjeta de arriba tiene *Cerrar sin decidir*.',
    answeredOtherwise: (action, says, person) => {
      const what = action === 'approve' ? 'la aprobación' : 'el pedido de cambios';
      const meaning =
        says === 'retrying' ? 'está rehaciendo la tarea' : `el estado de la ejecución es "${says}"`;
      return `${addressInSpanish(person)}CrewAI aceptó ${what}, pero dice que ${meaning}.`;
    },
    taskDoesNotWait: (person) =>
      `${yourDecisionInSpanish(person)} no tuvo efecto: esta tarea no necesitaba una decisión.`,
    taskDone: (agent, task) => `${agent ?? 'El crew'} terminó ${task}, que no necesita aprobación.`,
    taskFailed: (task, reason) => `La tarea ${task} falló${giveReasonInSpanish(reason)}.`,
    runFailed: (person, reason) =>
      capitalize(`${addressInSpanish(person)}la ejecución falló${giveReasonInSpanish(reason)}.`),
    lastMayBeAccepted: 'Es posible que CrewAI haya aceptado antes la última decisión.',
    runSilent: (since, by = RULE) =>
      `CrewAI no ha informado nada sobre esta ejecución desde que se envió la decisión de ${by} (${since}).`,
    runFinished: (crew) => `La ejecución de ${crew} terminó.`,
    result: (crew) => `La ejecución de ${crew} terminó. Resultado final:`,
    forPeople: (by) => `${by} escribió una nota solo para personas:`,
    wholeOutput: 'El resultado completo está en el archivo.',
    outputFileRefused: 'Slack no aceptó el archivo con el resultado completo. *Leer completo* lo muestra.',
    tied: (people, required) => {
      const votes = plural(required, 'el voto necesario', 'los # votos necesarios');
      return `${addressInSpanish(people)}${people === undefined ? 'Ya' : 'ya'} votaron todas las personas que pueden decidir, y ninguna respuesta tiene ${votes}. Alguien tiene que votar de nuevo.`;
    },
    cardFrozen: (round, state) =>
      state === undefined
        ? `Slack ya no me deja actualizar la tarjeta de la ronda ${round}.`
        : `Slack ya no me deja actualizar la tarjeta de la ronda ${round}. Estado actual: ${state}.`,

    asks: {
      waiting: ({ people, what = 'esto' }) =>
        people === undefined
          ? capitalize(`${what} espera tu decisión.`)
          : `${people}, ${what} espera una decisión.`,
      assigned: ({ people, what = 'esto' }) => capitalize(`${addressInSpanish(people)}te asignaron ${what}.`),
      reminder: ({ people, what = 'esto', since }) =>
        capitalize(`${addressInSpanish(people)}${what} todavía espera una decisión (desde ${since}).`),
      escalated: ({ people, what = 'esto', since }) =>
        people === undefined
          ? capitalize(`${what} espera una decisión desde ${since}. Ahora puedes decidir.`)
          : `${people}, ${what} espera una decisión desde ${since}. Ahora también pueden decidir las personas mencionadas.`,
      expired: ({ people, what }) =>
        capitalize(
          what === undefined
            ? `${addressInSpanish(people)}el plazo venció. Todavía es posible decidir.`
            : `${addressInSpanish(people)}el plazo de ${what} venció. Todavía es posible decidir.`,
        ),
    },
    decidedByRule: (action, option) => {
      const what = {
        approve: 'Se aprobó',
        request_revision: 'Se pidieron cambios',
        choose: option === undefined ? 'Se respondió' : `Se eligió ${option}`,
      }[action];
      return `${what} automáticamente: nadie decidió dentro del plazo.`;
    },
    shownBy: (command) => `Para verlo, escribe ${command}.`,

    howToOpen: (command, link) =>
      link === undefined ? `Para verlo, escribe ${command} aquí.` : `${link}, o escribe ${command} aquí.`,
    yourRunFinished: (crew, task) => `Tu ejecución de ${nameYourRunInSpanish(crew, task)} terminó.`,
    yourRunFailed: (crew, task) => `Tu ejecución de ${nameYourRunInSpanish(crew, task)} falló.`,
    fromYourRun: (what, state) => `${capitalize(what)}, de tu ejecución: ${state}.`,
  },

  runs: {
    started: (person, crew) => `${person} inició ${crew}`,
    moreInputs: (more) => plural(more, '1 dato más', '# datos más'),
    id: (id) => `Ejecución ${id}`,
    starting: 'Iniciando…',
    running: 'En curso',
    finished: 'Terminó',
    unsure: (reason) =>
      reason === undefined
        ? 'Es posible que CrewAI haya iniciado la ejecución, así que no lo intentaré de nuevo. Lo sabré cuando la ejecución informe algo.'
        : `Es posible que CrewAI haya iniciado la ejecución (${reason}), así que no lo intentaré de nuevo. Lo sabré cuando la ejecución informe algo.`,
    unsureProgram:
      'El programa que tomó el pedido de inicio no ha vuelto a informar. Es posible que la ejecución esté en curso.',
    notStarted: (reason) =>
      reason === undefined ? 'No se inició: CrewAI informó un error.' : `No se inició: ${reason}.`,
    inputsMissing: (names, more) => {
      const all = more > 0 ? [...names, `${formatCount(more)} más`] : names;
      return all.length === 1
        ? `No se inició: a CrewAI le falta el dato ${all[0]}. *Ejecutar de nuevo* lo pide.`
        : `No se inició: a CrewAI le faltan los datos ${formatList(all)}. *Ejecutar de nuevo* los pide.`;
    },
    failed: (reason) => `La ejecución falló${giveReasonInSpanish(reason)}.`,
    reasons: {
      no_id: 'su respuesta no tiene kickoff_id',
      no_answer_in_time: 'no hubo respuesta a tiempo',
      no_answer: 'no hubo respuesta',
      no_connection: 'no hubo conexión',
      too_late: 'el bot no pudo hacerlo en diez minutos',
      not_fetched: 'ningún programa de este crew tomó el pedido de inicio en diez minutos',
      crew_gone: 'este crew ya no está en la configuración',
    },

    noteNotStarted: (person, crew, reason) =>
      reason === undefined
        ? `${person}, la ejecución de ${crew} no se inició. No hay nada en curso.`
        : `${person}, la ejecución de ${crew} no se inició: ${reason}. No hay nada en curso.`,
    noteUnsure: (person, crew, reason) =>
      reason === undefined
        ? `${person}, es posible que CrewAI haya iniciado la ejecución de ${crew}, pero su respuesta se perdió. Revisa CrewAI antes de iniciarla de nuevo.`
        : `${person}, es posible que CrewAI haya iniciado la ejecución de ${crew}, pero su respuesta se perdió (${reason}). Revisa CrewAI antes de iniciarla de nuevo.`,
    noteUnsureProgram: (person, crew) =>
      `${person}, un programa tomó el pedido de inicio de ${crew} y no ha vuelto a informar. Revisa el programa antes de iniciar ${crew} de nuevo.`,
    noteSilent: (person, crew) =>
      `${person}, CrewAI no ha informado nada sobre esta ejecución de ${crew}, así que no puede aparecer ninguna tarjeta. *Estado* le pregunta a CrewAI. Si está en curso, pregunta al administrador del bot si CrewAI puede conectarse con el bot.`,
    noteFailed: (people, crew, reason) =>
      `${people}, la ejecución de ${crew} falló${giveReasonInSpanish(reason)}.`,
  },

  crewai: {
    failures: {
      no_answer: 'CrewAI no respondió.',
      error_answer: 'CrewAI informó un error.',
      not_reached: 'No hay conexión con CrewAI.',
      not_ready: 'CrewAI no está listo.',
      held_up: 'El bot se retrasó antes de poder llamar a CrewAI.',
      no_url:
        'La configuración ya no tiene una URL para este crew. Pide al administrador del bot que lo corrija.',
      restored: 'El bot se restauró desde un respaldo mientras esto se enviaba.',
      token_rejected: 'CrewAI rechazó el token del bot. Pide al administrador del bot que lo corrija.',
      unknown_run:
        'CrewAI no conoce esta ejecución. Pide al administrador del bot que revise la configuración del crew.',
      rejected: 'CrewAI rechazó la decisión. *Approval details* muestra por qué.',
      host_not_allowed:
        'El administrador del bot tiene que permitir la dirección en la que CrewAI espera la respuesta.',
      callback_rejected: 'CrewAI rechazó el enlace que envió con esta revisión. Responde en CrewAI.',
      unknown_review: 'CrewAI ya no conoce esta revisión.',
    },
    faults: {
      NOT_JSON: 'la respuesta no es un objeto JSON',
      NOT_OK: 'la respuesta informa un error y no dice cuál',
      NO_STATUS_OR_ID: 'la respuesta no tiene status ni kickoff_id',
      NOT_ACCEPTED: 'la respuesta no dice que se aceptó',
      NO_RUN_STATUS: 'la respuesta no es el estado de una ejecución',
      CREW_GONE: 'este crew ya no está en la configuración',
      FLOW_REVIEWS_ONLY: 'este crew solo recibe revisiones de Flows',
    },
    failureDetail: (reason, status, detail) => {
      const parts = [...(status === undefined ? [] : [`HTTP ${status}`]), ...(detail ? [detail] : [])];
      const error = `Último error: ${parts.length === 0 ? 'sin respuesta' : parts.join(': ')}.`;
      if (reason === 'host_not_allowed') return `${error} CALLBACK_HOSTS no permite el host de la respuesta.`;
      return reason === 'unknown_run'
        ? `${error} No existe esa ejecución, o falta /resume: puede ser un Flow u otro despliegue.`
        : error;
    },

    connectApps: (apps, said) => {
      if (apps !== undefined) return `conecta estas apps en CrewAI: ${apps}`;
      return said === undefined
        ? 'conecta las apps de este crew en CrewAI'
        : `conecta las apps de este crew en CrewAI (${said})`;
    },

    running: (task, tasks) => {
      const state =
        task === undefined
          ? 'CrewAI dice que la ejecución está en curso.'
          : `CrewAI dice que la ejecución está en curso, en ${task}.`;
      return tasks
        ? `${state} Tareas terminadas: ${formatCount(tasks.done)} de ${formatCount(tasks.total)}.`
        : state;
    },
    completed: 'CrewAI dice que la ejecución terminó.',
    failed: (reason) =>
      reason === undefined
        ? 'CrewAI dice que la ejecución falló.'
        : `CrewAI dice que la ejecución falló: ${reason}.`,
    waitsForPerson: 'La ejecución espera la decisión de una persona.',
    otherState: (state) => `CrewAI dice que el estado de la ejecución es "${state}".`,
    unknownRun: 'CrewAI no conoce esta ejecución.',
    statusRejected: (status) =>
      status === undefined
        ? 'CrewAI rechazó la consulta de estado. Pide al administrador del bot que revise el token del crew.'
        : `CrewAI rechazó la consulta de estado (${status}). Pide al administrador del bot que revise el token del crew.`,
    noStatus: (detail) =>
      detail === undefined
        ? 'CrewAI no respondió a la consulta de estado.'
        : `CrewAI no respondió a la consulta de estado (${detail}).`,
    programRun: (state, reason) =>
      ({
        running: 'La ejecución está en curso, según lo último que informó su programa.',
        unknown: 'Ningún programa ha informado sobre esta ejecución.',
        finished: 'La ejecución terminó.',
        failed: `La ejecución falló${giveReasonInSpanish(reason)}.`,
      })[state],
    flowReviewsOnly:
      'Este crew solo recibe revisiones de Flows, así que no puedo consultar el estado de sus ejecuciones.',
  },

  actions: {
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
    unread: (shown, of) => `Viste ${formatCount(shown)} de ${formatCount(of)} caracteres.`,
    unreadAnyway: (label) => `¿${label} de todos modos?`,
    send: 'Enviar',
    otherAnswer: 'Otra respuesta…',
    chooseAnswer: 'Elige una respuesta',
    chooseFirst: (shown, all) =>
      `Elige una de las primeras ${formatCount(shown)} de ${formatCount(all)} respuestas`,
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
      round > 1 ? `${task || UNNAMED}, ronda ${round}, crew ${crew}` : `${task || UNNAMED}, crew ${crew}`,
    recorded: 'Se registró. Consúltalo de nuevo para ver cómo quedó.',
    cardFollows: 'Se registró. La tarjeta se actualizará en un momento.',
  },

  fields: {
    asked: (option, names) => `${option} pide: ${names.join(', ')}`,
    optional: (name) => `${name} (opcional)`,
    enteredBy: (person) => `${person} introdujo:`,
    line: (name, value) => `*${name}*: ${value}`,
    hidden: '_no se muestra_',
    nothing: '_No se introdujo ningún valor._',
    yes: 'Sí',
    no: 'No',
    number: formatNumber,
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
      too_short: (bound) => `Introduce al menos ${plural(bound, 'un carácter', '# caracteres')}.`,
      too_long: (bound) => `Introduce como máximo ${plural(bound, 'un carácter', '# caracteres')}.`,
      too_small: (bound) => `Introduce ${formatNumber(bound)} o más.`,
      too_large: (bound) => `Introduce ${formatNumber(bound)} o menos.`,
      too_few: (bound) => `Elige al menos ${formatCount(bound)}.`,
      too_many: (bound) => `Elige como máximo ${formatCount(bound)}.`,
    },
  },

  forms: {
    close: 'Cerrar',
    send: 'Enviar',
    answerTitle: 'Aprobaciones',
    youWrote: 'Lo que escribiste:',
    yourPeopleNote: 'Tu nota solo para personas:',
    peopleNote: 'Nota solo para personas',
    peopleNoteHint: 'Se muestra solo en el hilo.',
    output: 'El resultado:',
    outputEnd: (before) =>
      `El final del resultado, después de ${plural(before, 'un carácter', '# caracteres')}:`,

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
    tooLongToEdit: (length, most) =>
      `Este resultado tiene ${formatCount(length)} caracteres, y un formulario acepta ${formatCount(most)}. Usa *Pedir cambios* y di qué debe cambiar.`,
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
  },

  reading: {
    stateTitle: 'Estado del Flow',
    detailsTitle: 'Detalles de aprobación',
    place: (task, round, page) =>
      page
        ? `${task}, ronda ${round} · página ${formatCount(page.number)} de ${formatCount(page.of)}`
        : `${task}, ronda ${round}`,
    first: 'Primera',
    back: 'Anterior',
    next: 'Siguiente',
    last: 'Última',
    nothingChanged: (sinceRound) => `No cambió nada desde la ronda ${sinceRound}.`,
    onlySpacesChanged: (sinceRound) =>
      `Desde la ronda ${sinceRound} solo cambiaron espacios o caracteres invisibles.`,
    changesLegend: 'El texto *agregado* está en negrita; el ~eliminado~, tachado.',
    unchangedParagraphs: (count) => plural(count, 'un párrafo sin cambios', '# párrafos sin cambios'),
    emptyOutput: '_El resultado está vacío._',
    lostOutput: 'Este resultado ya no está disponible.',
    tooLongToCompare:
      'Estos resultados son demasiado largos para compararlos aquí. *Leer completo* muestra el nuevo.',
    unseenCharacters: (count) =>
      plural(
        count,
        'Un carácter de este resultado no se ve. Se muestra como código, por ejemplo \\u200b.',
        '# caracteres de este resultado no se ven. Se muestran como códigos, por ejemplo \\u200b.',
      ),
    hiddenCharacters: (count) =>
      plural(count, 'Un carácter más no se muestra aquí.', '# caracteres más no se muestran aquí.'),
    hiddenRows: (count) =>
      plural(count, 'Una fila más no se muestra aquí.', '# filas más no se muestran aquí.'),

    outputFile: (task, round) => `${task ?? 'resultado'}-ronda-${round}`,
    outputFileTitle: (task, round) => `${task}, ronda ${round}`,
    outputOfCrew: (crew) => `Resultado de ${crew}`,

    lastRounds: (shown, all) => `Últimas rondas (${shown} de ${all}):`,
    webhookUrl: (kind, url, from) => {
      const name = { task: 'tareas', step: 'pasos', crew: 'crew', humanInput: 'intervención humana' }[kind];
      const origin = {
        registered: 'registrada',
        meta: 'del meta de la ejecución',
        settings: 'de la configuración',
        bot: 'del propio bot',
      }[from];
      return `${name} → ${url} (${origin})`;
    },
    sentUrls: (urls) => `Se enviaron con la decisión: ${urls.join(' · ')}`,
    noWebhookUrl: 'No se conoce ninguna URL de webhook, así que CrewAI no volverá a informar.',
    ids: (ids) =>
      [
        `Crew ${ids.crew}`,
        ids.task === undefined ? '' : `tarea ${ids.task}`,
        ids.execution === undefined ? '' : `ejecución ${ids.execution}`,
        `aprobación ${ids.approval}`,
      ]
        .filter(Boolean)
        .join(' · '),
    round: (round) =>
      [
        `Ronda ${round.number}: ${round.state}`,
        ...(round.by === undefined || round.at === undefined ? [] : [`${round.by} ${round.at}`]),
        ...(round.decision ? [`${round.decision.what}, ${round.decision.at}`] : []),
      ].join(' · '),
    received: (at, agent) => (agent === undefined ? `Recibido: ${at}` : `Recibido de ${agent}: ${at}`),
    alsoVoted: (people) => `También votaron: ${people}`,
    delivery: ({ attempts, answered, continued }) =>
      [
        plural(attempts, 'Se envió a CrewAI una vez', 'Se envió a CrewAI # veces'),
        ...(answered
          ? [answered.accepted ? `CrewAI lo aceptó (${answered.at})` : `CrewAI respondió (${answered.at})`]
          : []),
        ...(continued === undefined ? [] : [`la ejecución continuó (${continued})`]),
      ].join(', '),
  },

  away: {
    // "hasta el vie 4 dic": no comma within.
    day: (date) => formatDay(Date.parse(date)).replace(',', ''),

    askedInstead: (substitute, person, day) =>
      `${substitute} recibió el pedido en lugar de ${person}, que avisó que estaría ausente hasta el ${day}.`,
    askedThough: (person, substitute, day, why) => {
      const first = `${person} recibió el pedido, aunque avisó que estaría ausente hasta el ${day}`;
      if (why === 'by_substitute')
        return `${substitute} le pasó el pedido a ${person}, que avisó que estaría ausente hasta el ${day}.`;
      if (why === 'not_reached') return `${first}: no pude enviar un mensaje a ${substitute}.`;
      if (why === 'own_vote') return `${first}: ${substitute} solo tiene un voto.`;
      return why === 'unchecked'
        ? `${first}: no pude comprobar si ${substitute} puede decidir esto.`
        : `${first}: ${substitute} no puede responder en su lugar.`;
    },

    notTold: (substitute) => `No pude avisar a ${substitute} de que te reemplaza. Avísale tú, por favor.`,

    notice: (person, day) =>
      `${person} está ausente hasta el ${day}, inclusive, y te eligió para que respondas en su lugar.`,
    waiting: 'Ya está pendiente:',
    nothingWaiting: 'Todavía no hay nada pendiente.',
    notAllSeen: 'No pude revisar todo lo que está pendiente.',

    changed: (person, day) =>
      `${person} ahora está ausente hasta el ${day}. Hasta entonces, los pedidos te llegan a ti.`,
    released: (person) => `Ya no reemplazas a ${person}.`,
    substituteAway: (person, day) =>
      `${person}, que te reemplaza, está ausente hasta el ${day}. Hasta que vuelva, los pedidos te llegan a ti.`,
  },

  lists: {
    yourApprovals: 'Tus aprobaciones',
    waitingForYou: (count) =>
      count === 0
        ? 'No tienes aprobaciones pendientes'
        : plural(count, 'Tienes una aprobación pendiente', 'Tienes # aprobaciones pendientes'),
    atLeastWaitingForYou: (count) =>
      plural(count, 'Tienes al menos una aprobación pendiente', 'Tienes al menos # aprobaciones pendientes'),
    waitingForOthers: (count) =>
      plural(
        count,
        'Una aprobación espera la decisión de otras personas.',
        '# aprobaciones esperan la decisión de otras personas.',
      ),
    unchecked: (count) =>
      plural(
        count,
        'Ahora no puedo verificar una aprobación más. Es posible que puedas decidirla.',
        'Ahora no puedo verificar # aprobaciones más. Es posible que puedas decidirlas.',
      ),
    moreForYou: (count, command) =>
      plural(
        count,
        `Tienes una más pendiente. Escribe ${command} para verla.`,
        `Tienes # más pendientes. Escribe ${command} para verlas.`,
      ),
    notAllListed: (command) => `Puede haber más: escribe ${command}.`,
    checkedOldest: (count, command) =>
      `Solo revisé las ${formatCount(count)} aprobaciones pendientes más antiguas. Escribe ${command} para revisar más.`,
    ofCrewSince: (crew, date) => `Crew ${crew} · desde ${date}`,
    permissions: 'Llamadas a herramientas que no necesitan una decisión',
    recentDecisions: 'Tus decisiones recientes',
    taskInState: (task, state, decided) =>
      decided ? `${task}: ${state} · ${decided.by} ${decided.at}` : `${task}: ${state}`,

    open: 'Abrir',
    newer: 'Más recientes',
    older: 'Más antiguas',
    nothingWaiting: (list) => {
      const crew = inCrewInSpanish(list.crew);
      if (list.more) return `No hay más aprobaciones pendientes${crew}.`;
      if (list.stopped) return `Hasta ahora no encontré aprobaciones pendientes para ti${crew}.`;
      return list.mine
        ? `No tienes aprobaciones pendientes${crew}.`
        : `No hay aprobaciones pendientes${crew}.`;
    },
    waitingForYouIn: (crew) =>
      `Tus aprobaciones pendientes${inCrewInSpanish(crew)}, primero las más antiguas:`,
    waiting: (count, more, crew) => {
      if (more)
        return `Hay más de ${formatCount(count)} aprobaciones pendientes${inCrewInSpanish(crew)}, primero las más antiguas:`;
      return plural(
        count,
        `Hay una aprobación pendiente${inCrewInSpanish(crew)}:`,
        `Hay # aprobaciones pendientes${inCrewInSpanish(crew)}, primero las más antiguas:`,
      );
    },
    decisions: (filter) => `Decisiones${limitDecisionsInSpanish(filter)}, primero las más recientes:`,
    noDecisions: (filter, more) =>
      more
        ? `No hay más decisiones${limitDecisionsInSpanish(filter)}.`
        : `No hay decisiones${limitDecisionsInSpanish(filter)}.`,
    searched: (words, person) => {
      if (words === undefined) return person ?? '';
      return person === undefined ? `"${words}"` : `"${words}" y ${person}`;
    },
    found: (what) => `Coincidencias con ${what}, primero las pendientes y luego las más recientes:`,
    nothingFound: (what, more) =>
      more ? `No encontré nada más con ${what}.` : `No encontré nada con ${what}.`,
    nothingFoundYet: (what) => `Hasta ahora no encontré nada con ${what}.`,
    stopped: (button) => `Dejé de buscar después de un rato. Haz clic en *${button}* para seguir buscando.`,
    rowWaiting: (task, milliseconds) =>
      milliseconds < 60_000
        ? `${task} · pendiente desde hace menos de un minuto`
        : `${task} · pendiente desde hace ${formatDuration(milliseconds, 1)}`,
    rowInState: (row) =>
      row.by === undefined
        ? `${row.task} · ${row.state} · ${row.at}`
        : `${row.task} · ${row.state} · ${row.by} ${row.at}`,
    rowIds: (ids) => {
      const run = ids.run === undefined ? '' : ` · ejecución ${ids.run}`;
      return `${ids.crew}${run} · ${ids.approval}${ids.hasCard ? '' : ' · todavía sin tarjeta en Slack'}`;
    },

    approvals: (count) => plural(count, 'Una aprobación', '# aprobaciones'),
    notShown: (count) => plural(count, 'Una más no se muestra aquí.', '# más no se muestran aquí.'),

    noRuns: 'No se inició ninguna ejecución desde Slack.',
    runs: 'Ejecuciones iniciadas desde Slack, primero las más recientes:',
    run: (id) => `ejecución ${id}`,
    notAsked: 'No se consultó a CrewAI sobre esta ejecución.',
    reportOfCrew: (crew, report) => `${crew}: ${report}`,
    noApprovalsOfRun: 'No encontré aprobaciones de esta ejecución.',
    andMore: (count) => `… y ${formatCount(count)} más`,
  },

  command: {
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
      status: ['estado 97eba64f', 'lo que dice CrewAI sobre una ejecución'],
      runs: ['ejecuciones press mías', 'ejecuciones iniciadas desde Slack'],
      help: ['ayuda', 'esta lista'],
    },
    seeHelp: (command) => `Escribe ${command} para ver todos los comandos.`,
    whereIds: (shortcut) =>
      `El ID de una aprobación está en las listas, en las consultas y en ${shortcut}, en el menú del mensaje de la tarjeta.`,
    notInThreads: (shortcut) =>
      `Los comandos no funcionan en los hilos. Allí, usa ${shortcut} en el menú de un mensaje.`,
  },

  alerts: {
    store_failed: ({ operation }) =>
      operation === 'write'
        ? 'La base de datos rechaza las escrituras. Los webhooks reciben 503 hasta que se recupere.'
        : 'No se puede leer la base de datos. El bot no trabaja hasta que se recupere.',
    database_lost: ({ reason }) =>
      `El bot ya no usa su base de datos. No se guarda nada hasta que reinicies el bot. Motivo: ${reason}.`,
    crew_token_rejected: ({ crew, status }) =>
      `CrewAI rechaza el token bearer del crew ${crew} (${status}). Corrígelo en la configuración y reinicia el bot.`,
    decisions_late: ({ crew }) =>
      `Hay decisiones del crew ${crew} que esperan desde hace más de 10 minutos. CrewAI no las acepta; el log dice por qué.`,
    callback_host_not_allowed: ({ crew, host }) =>
      `Un Flow de ${crew} espera su respuesta en ${host}, que CALLBACK_HOSTS no permite. Responde en CrewAI o permite ese host.`,
    too_few_deciders: ({ crew, approvals }) =>
      `Quedan muy pocas personas para decidir ${plural(approvals, 'una aprobación pendiente', '# aprobaciones pendientes')} del crew ${crew}. Cambia sus aprobadores.`,
    slack_rate_limit: ({ channel, minutes }) =>
      `Slack no acepta mensajes del bot en el canal ${channel} durante ${minutes} min. Hasta entonces, sus tarjetas esperan.`,
    slack_token_rejected: ({ reason }) =>
      `Slack rechaza el token del bot (${reason}). Configura un SLACK_BOT_TOKEN válido y reinicia el bot.`,
    step_failed: () =>
      'El bot no pudo enviar una tarjeta, un mensaje o una decisión y lo reintenta cada pocos segundos. Puede haber personas esperando. Busca "step failed, retrying" en el log.',
    events_dropped: ({ receiver }) =>
      `Se descartaron eventos: su receptor ${receiver} (EVENTS_URL) no los acepta. El log indica por qué.`,
    channel_blocked: ({ channel, reason }) =>
      `Slack rechaza las tarjetas en el canal ${channel} (${reason}). Corrige el canal o cámbialo en la configuración; el bot reintenta cada hora.`,
    webhooks_rejected: ({ crew, webhook, status, answer, count }) =>
      plural(
        count,
        `Se rechazó un webhook de tipo ${webhook} del crew ${crew}. Es posible que su ejecución espere una aprobación que no tiene tarjeta. Respuesta (${status}): ${answer}`,
        `Se rechazaron # webhooks de tipo ${webhook} del crew ${crew}. Es posible que sus ejecuciones esperen aprobaciones que no tienen tarjeta. Última respuesta (${status}): ${answer}`,
      ),
    webhook_url_wrong: ({ crew, wrong, address }) => {
      const why = {
        secret: 'su secreto falta o es incorrecto (401)',
        kind: 'su URL es incorrecta (404, no existe ese tipo de webhook)',
        flow: 'son revisiones de un Flow, y FLOW_WEBHOOK_SECRETS no está configurado (404)',
        path: 'su URL es incorrecta (404, no existe ese endpoint)',
      }[wrong];
      return `Se rechazan webhooks del crew ${crew}: ${why}. El último llegó desde ${address}. Si lo envió CrewAI, es posible que una ejecución espere una aprobación que no tiene tarjeta.`;
    },

    webhook_too_large: ({ crew, webhook }) =>
      `Se rechazó un webhook de tipo ${webhook} de ${crew} porque es demasiado grande. Si su ejecución espera una aprobación, no hay tarjeta. Revisa la ejecución en CrewAI.`,
    pauses_not_visible: ({ crew }) =>
      `Es posible que una ejecución de ${crew} espere una aprobación sin que el bot lo sepa: se inició sin \`humanInputWebhookUrl\`, y sus webhooks se detuvieron. Revisa la ejecución en CrewAI y pide al administrador del bot que corrija cómo se inician las ejecuciones.`,
  },
};

function inCrewInSpanish(crew: string | undefined): string {
  return crew === undefined ? '' : ` en ${crew}`;
}

/** Decisions of a person, of a crew, since a date. */
function limitDecisionsInSpanish({ by, crew, since }: DecisionFilter): string {
  const person = by === undefined ? '' : ` de ${by}`;
  return `${person}${inCrewInSpanish(crew)}${since === undefined ? '' : ` desde ${since}`}`;
}

/** "Aprobado por @Ana, hoy, 15:30". `by` may be several people, so no verb agrees with it. */
function writeDecisionInSpanish({ action, option, by = RULE, when }: DecisionWords): string {
  const what = {
    approve: `Aprobado por ${by}`,
    request_revision: `Cambios pedidos por ${by}`,
    choose: option === undefined ? `Respuesta de ${by}` : `Respuesta ${option} de ${by}`,
  }[action];
  return when === undefined ? what : `${what}, ${when}`;
}

/** By one person. */
function decidedBeforeInSpanish({ action, option, by, when }: DecisionWords): string {
  const what = {
    approve: 'ya aprobó esto',
    request_revision: 'ya pidió cambios',
    choose: option === undefined ? 'ya respondió a esto' : `ya eligió ${option}`,
  }[action];
  const decided = `${by ?? capitalize(RULE)} ${what}`;
  return when === undefined ? decided : `${decided} (${when})`;
}

function explainDecisionInSpanish(decision: DecisionWords | undefined): string {
  return decision ? ` ${decidedBeforeInSpanish(decision)}.` : '';
}

/** `via`: CrewAI's word for how a review was answered. */
function writeResolvedInSpanish(via: string | undefined, when?: string): string {
  const way = (via && RESOLVED[via]) || 'Se resolvió en otro lugar';
  return when === undefined ? `${way}.` : `${way} (${when}).`;
}

const RESOLVED: Readonly<Record<string, string>> = {
  crewai: 'Se respondió en CrewAI',
  dashboard: 'Se respondió en el panel de CrewAI',
  email: 'Se respondió por correo electrónico',
  timeout: 'Se respondió al vencer su plazo',
};

function yourDecisionInSpanish(person: string | undefined): string {
  return person === undefined ? `La decisión de ${RULE}` : `${person}, tu decisión`;
}

/** "press (*draft*)" */
function nameYourRunInSpanish(crew: string, task: string | undefined): string {
  return task === undefined ? crew : `${crew} (${task})`;
}

function addressInSpanish(person: string | undefined): string {
  return person === undefined ? '' : `${person}, `;
}

function giveReasonInSpanish(reason: Reason | undefined): string {
  if (!reason) return '';
  return reason.isSentence ? `. ${reason.text}` : `: ${reason.text}`;
}
