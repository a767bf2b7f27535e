import type { Progress } from '../../approval/card-facts.ts';
import type { FailureReason } from '../../approval/lifecycle/delivery.ts';
import type { ResolvedUrl, WebhookUrls } from '../../approval/model/crew/webhook-urls.ts';
import type { AnswerFault, RoundStatus } from '../../approval/model/round.ts';
import type { IgnoredSetting } from '../../approval/model/run/ignored-setting.ts';
import type { en } from './en.ts';
import {
  capitalize,
  createDeciderWords,
  createWords,
  type DecisionFilter,
  type DecisionRequest,
  type DecisionWords,
  endSentence,
  type FactTexts,
  fullStop,
  isOnePerson,
  type Reason,
} from './words.ts';

const LOCALE = 'pt-BR';
const words = createWords(LOCALE);
const { formatCount, formatNumber, plural, formatList, formatDuration, formatDay } = words;
const { nameEveryone, nameAnyone, beginWithAnyone } = createDeciderWords(words, {
  inChannel: ['qualquer pessoa deste canal', 'pessoas deste canal'],
  unnamed: ['uma pessoa', '# pessoas'],
  more: ['mais uma pessoa', 'mais # pessoas'],
});

const RULE = 'regra de prazo';
const IGNORED: Readonly<Record<IgnoredSetting, string>> = {
  task_webhook_url_invalid: 'a URL do webhook de tarefas não é válida',
  step_webhook_url_invalid: 'a URL do webhook de etapas não é válida',
  crew_webhook_url_invalid: 'a URL do webhook da crew não é válida',
  human_input_webhook_url_invalid: 'a URL do webhook de entrada humana não é válida',
  channel_invalid: 'o canal não é válido',
  channel_not_of_crew: 'o canal não é um dos canais desta crew',
  approvers_invalid: 'alguns aprovadores não são IDs de usuários ou grupos de usuários do Slack',
  approvers_not_of_crew: 'alguns aprovadores não são aprovadores desta crew',
  requested_by_invalid: 'quem iniciou a execução não tem um ID de usuário do Slack nem um endereço de e-mail',
};
const UNNAMED = 'Saída sem nome';

/** The texts in Brazilian Portuguese. "Crew" is feminine, as is "thread"; "o Flow" and "o CrewAI" are masculine. */
export const ptBR: typeof en = {
  refusals: {
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
        'Leia primeiro os argumentos e depois permita a chamada no cartão ou na última página de *Ler na íntegra*. Nada foi registrado.',
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
    noApprovers:
      'Isto foi encerrado porque não há aprovadores definidos para esta ferramenta. Nada foi registrado.',
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
    unknownButton: 'Esta versão do bot não conhece este botão, então nada foi registrado.',
    unknownShortcut: 'Esta versão do bot não conhece este atalho.',
    unknownForm:
      'Esta versão do bot não conhece este formulário, então nada foi registrado. Abra o formulário de novo.',
    tooLate: 'Seu clique chegou tarde demais ao bot, então nada foi registrado. Clique de novo.',
    notOpened: 'O Slack não abriu o formulário, então nada foi registrado. Clique de novo.',
    notShown: 'O Slack não abriu a janela. Clique de novo.',
    notRecorded: 'Não consigo acessar o banco de dados, então nada foi salvo. Tente novamente em instantes.',
    perhapsRecorded:
      'O banco de dados não respondeu a tempo, então não sei se isso foi salvo. O cartão vai mostrar.',
    notACard: 'Esta mensagem não é um cartão de aprovação.',
    notYourState: 'Só quem pode decidir aqui pode ler o estado do Flow.',

    notLookedUp: 'Não consegui consultar isso agora. Tente novamente em instantes.',
    mayNotLook: 'Só aprovadores e membros dos canais de uma crew podem consultar as aprovações dela.',
    cannotCheckLookUp:
      'Não consigo verificar agora se você pode consultar isso. Tente novamente em um minuto.',
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
    answerMissing: 'Escreva uma resposta.',
    reasonMissing: 'Escreva um motivo, ou clique em Bloquear no cartão.',
    choiceNoteMissing: 'Escreva uma observação, ou clique na opção no cartão.',
    noteMissing: 'Escreva uma observação, ou clique em Aprovar.',

    runLost: 'Não encontrei esta execução.',
  },

  people: formatList,

  card: {
    time: '{date_short_pretty}, {time}',
    rule: RULE,
    name: (task, crew) => (task === undefined ? `uma saída da crew ${crew}` : `${task} da crew ${crew}`),
    subject: (task, crew) => `${crew}: ${task ?? 'uma saída'}`,
    untitled: (crew) => `Uma saída da crew ${crew}`,
    unnamed: UNNAMED,
    inRound: (task, round, isUnchanged = false) => {
      if (round === 1) return task;
      return isUnchanged ? `${task} (rodada ${round}, sem mudanças)` : `${task} (rodada ${round})`;
    },

    notifyWaiting: (of, people) => {
      const what = `${of.crew}: ${of.task ?? 'uma saída'} aguarda uma decisão.`;
      const how = of.isChoice ? 'Escolha uma resposta.' : 'Aprove ou solicite uma revisão.';
      return people === undefined ? `${what} ${how}` : `${people} ${what} ${how}`;
    },
    notify: (crew, task, state) => `${crew}: ${endSentence(task ?? 'uma saída')} ${state}`,
    nothingLeft: 'Não há mais nada para decidir.',
    rejected: 'O CrewAI rejeitou a decisão.',

    asksForApproval: (who, task, { hidesTitle = false, isOver = false } = {}) =>
      `${who} ${isOver ? 'pediu' : 'pede'} aprovação${hidesTitle ? ' de' : ':'} ${task}`,
    output: 'uma saída',
    addressed: (people, asked) => `${people} – ${asked}`,
    canDecide: (people) => `${beginWithAnyone(people)} ${isOnePerson(people) ? 'pode' : 'podem'} decidir.`,
    canVote: (people, isStill) =>
      `${beginWithAnyone(people)} ${isStill ? 'ainda ' : ''}${isOnePerson(people) ? 'pode' : 'podem'} votar.`,
    allHaveToApprove: (names) =>
      `${formatList(names)} precisam aprovar. Para solicitar revisão, basta uma dessas pessoas.`,
    allHaveToChoose: (names) => `${formatList(names)} precisam escolher a mesma resposta.`,
    approvalsNeeded: (count, people) =>
      `São necessárias ${formatCount(count)} aprovações de ${nameEveryone(people)}.`,
    choicesNeeded: (count, people) =>
      `${formatCount(count)} ${people === 'channel' ? nameEveryone(people) : `pessoas entre ${nameEveryone(people)}`} precisam escolher a mesma resposta.`,
    moreApprovalsNeeded: (count, people) => {
      const oneOf = people !== 'channel' && people.others > 0 ? 'uma destas pessoas: ' : '';
      return count === 1
        ? `Falta uma aprovação, de ${oneOf}${nameAnyone(people)}.`
        : `Faltam ${formatCount(count)} aprovações, de ${nameEveryone(people)}.`;
    },
    flowAsks: (task) => `O Flow pergunta: ${task}`,
    toolAsks: (who, tool) => `${who} pede para executar ${tool}`,
    askedTimes: (times) => `É a ${formatCount(times)}ª vez que a mesma chamada é pedida nesta execução.`,
    allowedCalls: (count, when) =>
      plural(
        count,
        `Também permitida nesta execução: uma chamada, ${when}.`,
        `Também permitidas nesta execução: # chamadas, a última ${when}.`,
      ),
    permissionEnded: (person, when) =>
      `${person} encerrou esta permissão, ${when}: a próxima chamada precisa de uma decisão.`,
    sameArguments: 'os mesmos argumentos',
    argumentContinued: '(continuação)',
    programAsks: (crew, task) => `${crew} pergunta: ${task}`,
    askedFor: (text) => `Esperado: ${text}`,
    editedBy: (person) => `${person} editou a versão anterior. As outras pessoas decidem sobre esta.`,
    editedTo: 'O texto foi alterado para:',
    usedExactly: 'O CrewAI usou este texto palavra por palavra:',
    notUsedExactly: 'O CrewAI não usou este texto palavra por palavra. *O que mudou* mostra as diferenças:',
    run: (run) => `Execução: ${run}`,
    openRun: 'abrir',
    outcome: (round, what) => `Rodada ${round}: ${what}.`,
    endedWithout: 'encerrada sem decisão',
    folded: (count) => `O resto da saída (${plural(count, 'um caractere', '# caracteres')})`,
    steps: (agent, shown, all) => {
      const count = shown < all ? `${formatCount(shown)} de ${formatCount(all)}` : formatCount(all);
      return agent === undefined
        ? `Etapas recentes da execução (${count})`
        : `Etapas recentes de ${agent} (${count})`;
    },
    step: (tool, input, result) => `${tool}\nEntrada: ${input || '–'}\nResultado: ${result || '–'}`,
    stateInMenu: '*Detalhes*, no menu, mostra o estado do Flow.',
    unnotified:
      'Ninguém foi notificado deste cartão. Peça a quem administra o bot que defina quem é notificado.',
    footer: (crew) => `Crew ${crew}`,
    ignored: (settings) =>
      `Configurações da execução ignoradas: ${settings.map((setting) => IGNORED[setting]).join('; ')}.`,

    mayHaveContinued:
      'Outra tarefa desta execução terminou depois, então a execução talvez tenha continuado sem decisão.',
    runGoesSilent:
      'O CrewAI não vai dar retorno sobre esta execução. Peça a quem administra o bot que corrija isso.',
    undecidableUnnamed:
      'Ninguém pode decidir: o CrewAI não informou a tarefa, e ninguém é aprovador de todas as tarefas.',
    changeApprovers: 'Peça a quem administra o bot que altere os aprovadores, ou encerre sem decisão.',
    tooFewApprovers: (able, required) => {
      if (able === 0) return 'Não resta ninguém que possa decidir.';
      return `${formatCount(required)} pessoas precisam aprovar, mas só ${plural(able, 'uma pode', '# podem')}.`;
    },
    approvals: (approved, required, people) =>
      `${formatCount(approved)} de ${formatCount(required)} aprovações${people === '' ? '' : `: ${people}`}.`,
    votes: (required, votes) => {
      const counted = votes.map(
        ({ option = 'outra resposta', people }) =>
          `${option} ${formatCount(people.length)} de ${formatCount(required)}: ${people.join(', ')}`,
      );
      const needed = `${formatCount(required)} pessoas precisam escolher a mesma resposta.`;
      return counted.length === 0 ? needed : `${needed} ${counted.join('; ')}.`;
    },
    assigned: (person) => `A decisão foi atribuída a ${person}.`,
    claimed: (person) => `${person} está cuidando disso.`,
    expired: (when) => `O prazo venceu (${when}). Você ainda pode decidir.`,
    ruleExhausted:
      'A regra de prazo já solicitou revisão três vezes seguidas, então agora uma pessoa decide.',

    answerBy: (when) => `O CrewAI espera uma resposta até ${when}.`,
    withoutAnswer: (option) => `Sem resposta, o CrewAI usa ${option}.`,
    deadline: (when, action, what) => {
      const then = {
        approve: 'Depois disso, a aprovação é automática.',
        request_revision:
          what === ''
            ? 'Depois disso, volta para revisão.'
            : `Depois disso, volta para revisão com "${what}"${fullStop(what)}`,
        choose: `Depois disso, a resposta é ${what}.`,
      };
      return `Decida até ${when}. ${action === undefined ? 'Depois disso, continua em aberto.' : then[action]}`;
    },
    assignedByCrewAI: (email) => `O CrewAI atribuiu a ${email}`,
    answersRequest: (by) => `Esta saída responde ao pedido ${nameOwnerInPortuguese(by)}:`,
    nextAfterRequest: (by, isLikely) =>
      isLikely
        ? `Esta é provavelmente a próxima saída do CrewAI depois do pedido ${nameOwnerInPortuguese(by)}:`
        : `A próxima saída do CrewAI depois do pedido ${nameOwnerInPortuguese(by)}:`,
    followsAnswer: (by) => `Esta saída segue a resposta ${nameOwnerInPortuguese(by)}:`,
    followsOption: (option, by) => `Esta saída segue a resposta ${option} ${nameOwnerInPortuguese(by)}.`,

    decision: writeDecisionInPortuguese,
    decided: (decision) => `${writeDecisionInPortuguese(decision)}.`,
    sending: 'Enviando ao CrewAI…',
    canBeUndone: (when) => `O envio está marcado para ${when}. Até lá, *Desfazer* cancela a decisão.`,
    retrying: 'Vou continuar tentando.',
    notDelivered: 'A decisão não foi entregue.',
    mayHaveArrived: 'A decisão talvez tenha chegado ao CrewAI.',
    mayHaveArrivedUnanswered: 'A decisão talvez tenha chegado ao CrewAI, que não respondeu.',
    earlierMayHaveArrived: 'Uma tentativa anterior talvez tenha chegado ao CrewAI.',
    retrySendsAgain: '*Tentar novamente* envia a mesma decisão outra vez.',
    closeEndsThis: '*Encerrar sem decisão* põe fim a esta aprovação.',
    notFetched: 'O programa que perguntou ainda não recebeu a decisão.',
    pushFailed: {
      not_taken:
        'O programa que perguntou não aceitou a resposta quando a enviei; ele ainda pode consultá-la.',
      not_allowed:
        'Não posso enviar a resposta a ele, porque minhas configurações não permitem o endereço dele. Vou continuar tentando.',
    },
    received: (next) =>
      next === undefined
        ? 'O programa que perguntou já recebeu a decisão.'
        : `O programa que perguntou já recebeu a decisão: ${next}`,
    goesOn: (who, task) =>
      `Decisão enviada. ${who === 'flow' ? 'O Flow' : 'A crew'} continua${task === undefined ? '' : ` com ${task}`}.`,
    notHeardOf: (who) =>
      `Decisão enviada. Aviso aqui quando ${who === 'flow' ? 'o Flow' : 'a crew'} continuar.`,
    acceptedOtherwise: (says) => `O CrewAI aceitou a decisão e informa o estado "${says}".`,
    superseded: (when) => `Uma saída mais recente substituiu esta (${when}).`,
    noLongerWaiting: 'O CrewAI já não aguardava uma decisão.',
    notWaiting: (when) => `Encerrado (${when}): esta tarefa não precisava de decisão.`,
    resolved: writeResolvedInPortuguese,
    runEnded: (when) => `A execução terminou antes de alguém decidir (${when}).`,
    runEndedFirst: (when) => `A execução terminou antes de o CrewAI aceitar a decisão (${when}).`,
    runEndedPerhaps: (when) =>
      `A execução terminou (${when}). O CrewAI pode ter aceitado a decisão antes disso.`,
    runEndedUnfetched: (when) => `A execução terminou antes de o programa receber a decisão (${when}).`,
    withdrawn: (when) => `O programa que perguntou retirou esta pergunta (${when}).`,
    noApprovers: (when) =>
      `Encerrado (${when}): uma ferramenta precisa de aprovadores definidos, e não há nenhum. Fale com quem administra o bot.`,
    hiddenFields: (when) =>
      `Encerrado (${when}): pede um valor oculto, e um formulário no Slack não é lugar para segredos.`,
    lapsed: (when) => `Encerrado (${when}): o programa que perguntou não está mais em execução.`,
    closed: (person, when) => `Encerrado sem decisão por ${person}, ${when}.`,
    decisionMayHaveArrived: 'A decisão anterior talvez tenha chegado ao CrewAI.',

    summaryNotFetched: (option) =>
      option === undefined
        ? 'decidido, o programa ainda não recebeu'
        : `resposta ${option}, o programa ainda não recebeu`,
    summaryNotSent: 'decidido, ainda pode ser desfeito',
    summaryNoApprovers: 'encerrado, sem aprovadores definidos',
    summaryHiddenFields: 'encerrado, pede um valor oculto',
    summaryLapsed: 'encerrado, o programa parou',
    summary: (state: RoundStatus, progress: Progress | 'finished', option?: string) => {
      const got = {
        sent: 'decisão enviada',
        accepted: 'decisão enviada',
        continued: 'a execução continua',
        fetched: 'o programa já recebeu',
        finished: 'a execução terminou',
      }[progress];
      return {
        waiting: 'aguarda uma decisão',
        sending: 'decidido, a caminho do CrewAI',
        refused: 'decidido, o CrewAI rejeitou',
        undelivered: 'decidido, não entregue',
        approved: `aprovado, ${got}`,
        revision_requested: `revisão solicitada, ${got}`,
        answered: `respondido${option === undefined ? '' : ` com ${option}`}, ${got}`,
        superseded: 'substituído por uma saída mais recente',
        resolved_elsewhere: 'resolvido em outro lugar',
        run_ended: 'a execução terminou',
        given_up: 'encerrado sem decisão',
        withdrawn: 'pergunta retirada',
      }[state];
    },
  },

  notes: {
    notSent: (person, why, { by, mayBeRead = false } = {}) => {
      const first = {
        superseded: 'uma saída mais recente chegou antes',
        run_ended: 'a execução terminou antes',
        given_up: `${by ?? 'alguém'} encerrou antes, sem decisão`,
        withdrawn: 'a pergunta foi retirada antes',
        lapsed: 'o programa que perguntou não está mais em execução',
      }[why];
      return mayBeRead
        ? `${nameYourDecisionInPortuguese(person)} não foi confirmada a tempo pelo programa: ${first}. O programa talvez já tenha lido a decisão.`
        : `${nameYourDecisionInPortuguese(person)} não foi enviada: ${first}.`;
    },
    notTaken: (person) =>
      person === undefined
        ? `O CrewAI já não aguardava a decisão da ${RULE}.`
        : `${person}, o CrewAI já não aguardava sua decisão.`,
    notAccepted: (person) => `${nameYourDecisionInPortuguese(person)} não foi aceita.`,
    notArrived: (person) => `${nameYourDecisionInPortuguese(person)} não chegou ao CrewAI.`,
    mayHaveArrived: (person) => `${nameYourDecisionInPortuguese(person)} talvez tenha chegado ao CrewAI.`,
    mayHaveArrivedUnanswered: (person) =>
      `${nameYourDecisionInPortuguese(person)} talvez tenha chegado ao CrewAI, que não respondeu.`,
    retryOrClose: 'O cartão acima tem *Tentar novamente* e *Encerrar sem decisão*.',
    close: 'O cartão acima tem *Encerrar sem decisão*.',
    answeredOtherwise: (action, says, person) => {
      const what = action === 'approve' ? 'a aprovação' : 'o pedido de revisão';
      const meaning =
        says === 'retrying' ? 'informa que está refazendo a tarefa' : `informa o estado "${says}"`;
      return capitalize(`${addressInPortuguese(person)}o CrewAI aceitou ${what}, mas ${meaning}.`);
    },
    taskDoesNotWait: (person) =>
      `${nameYourDecisionInPortuguese(person)} não teve efeito: esta tarefa não precisava de decisão.`,
    taskDone: (agent, task) => `${agent ?? 'A crew'} concluiu ${task}, que não precisa de aprovação.`,
    taskFailed: (task, reason) => `A tarefa ${task} falhou${giveReasonInPortuguese(reason)}.`,
    runFailed: (person, reason) =>
      capitalize(`${addressInPortuguese(person)}a execução falhou${giveReasonInPortuguese(reason)}.`),
    lastMayBeAccepted: 'Antes disso, o CrewAI talvez tenha aceitado a última decisão.',
    runSilent: (since, by) =>
      `O CrewAI não informa nada sobre esta execução desde o envio da decisão ${nameOwnerInPortuguese(by)} (${since}).`,
    runFinished: (crew) => `A execução da crew ${crew} terminou.`,
    result: (crew) => `A execução da crew ${crew} terminou. Resultado:`,
    forPeople: (by) => `${by} escreveu uma observação interna:`,
    wholeOutput: 'A saída completa está no arquivo.',
    outputFileRefused: 'O Slack não aceitou o arquivo com a saída completa. *Ler na íntegra* mostra o texto.',
    tied: (people, required) =>
      capitalize(
        `${addressInPortuguese(people)}todas as pessoas que podem decidir já votaram, mas nenhuma resposta chegou a ${plural(required, 'um voto', '# votos')}. Alguém precisa votar de novo.`,
      ),
    cardFrozen: (round, state) =>
      `O Slack não me deixa mais atualizar o cartão da rodada ${round}.${state === undefined ? '' : ` Situação atual: ${state}.`}`,

    asks: {
      waiting: ({ people, what = 'esta aprovação' }) =>
        capitalize(`${addressInPortuguese(people)}${what} aguarda sua decisão.`),
      assigned: ({ people, what = 'esta aprovação' }) =>
        capitalize(`${addressInPortuguese(people)}pediram sua decisão sobre ${what}.`),
      reminder: ({ people, what = 'esta aprovação', since }) =>
        capitalize(`${addressInPortuguese(people)}${what} ainda aguarda uma decisão (desde ${since}).`),
      escalated: ({ people, what = 'esta aprovação', since }) =>
        capitalize(
          `${addressInPortuguese(people)}${what} aguarda uma decisão desde ${since}. Agora você pode decidir.`,
        ),
      expired: ({ people, what }) =>
        capitalize(
          `${addressInPortuguese(people)}o prazo${what === undefined ? '' : ` para decidir sobre ${what}`} venceu. Você ainda pode decidir.`,
        ),
    } satisfies Record<string, (request: DecisionRequest) => string>,
    decidedByRule: (action, option) => {
      const what = {
        approve: 'Aprovação automática',
        request_revision: 'Pedido de revisão automático',
        choose: option === undefined ? 'Resposta automática' : `Resposta automática ${option}`,
      }[action];
      return `${what}: ninguém decidiu dentro do prazo.`;
    },
    shownBy: (command) => `Veja com ${command}.`,

    howToOpen: (command, link) =>
      link === undefined ? `Veja aqui com ${command}.` : `${link}, ou digite ${command} aqui.`,
    yourRunFinished: (crew, task) => `Sua execução da ${nameYourRunInPortuguese(crew, task)} terminou.`,
    yourRunFailed: (crew, task) => `Sua execução da ${nameYourRunInPortuguese(crew, task)} falhou.`,
    fromYourRun: (what, state) => `${capitalize(what)}, da sua execução: ${state}.`,
  },

  runs: {
    started: (person, crew) => `${person} iniciou ${crew}`,
    moreInputs: (more) => plural(more, 'mais 1 entrada', 'mais # entradas'),
    id: (id) => `Execução ${id}`,
    starting: 'Iniciando…',
    running: 'Em andamento',
    finished: 'Concluída',
    unsure: (reason) =>
      `O CrewAI talvez tenha iniciado a execução${reason === undefined ? '' : ` (${reason})`}, então não vou tentar de novo. Vou saber quando a execução der retorno.`,
    unsureProgram:
      'O programa que recebeu o pedido de início não deu mais notícias. A execução talvez esteja em andamento.',
    notStarted: (reason) =>
      reason === undefined ? 'Não iniciada: o CrewAI informou um erro.' : `Não iniciada: ${reason}.`,
    inputsMissing: (names, more) => {
      const all = more > 0 ? [...names, `mais ${formatCount(more)}`] : names;
      return all.length === 1
        ? `Não iniciada: o CrewAI precisa da entrada ${all[0]}. *Executar novamente* pede essa entrada.`
        : `Não iniciada: o CrewAI precisa das entradas ${formatList(all)}. *Executar novamente* pede essas entradas.`;
    },
    failed: (reason) => `A execução falhou${giveReasonInPortuguese(reason)}.`,
    reasons: {
      no_id: 'a resposta não tem kickoff_id',
      no_answer_in_time: 'sem resposta a tempo',
      no_answer: 'sem resposta',
      no_connection: 'sem conexão',
      too_late: 'o bot não conseguiu iniciar a execução em dez minutos',
      not_fetched: 'nenhum programa desta crew recebeu o pedido de início em dez minutos',
      crew_gone: 'esta crew não está mais nas configurações',
    },

    noteNotStarted: (person, crew, reason) =>
      `${person}, a execução da crew ${crew} não foi iniciada${reason === undefined ? '' : `: ${reason}`}. Nada está em andamento.`,
    noteUnsure: (person, crew, reason) =>
      `${person}, o CrewAI talvez tenha iniciado a execução da crew ${crew}, mas a resposta se perdeu${reason === undefined ? '' : ` (${reason})`}. Verifique no CrewAI antes de iniciar de novo.`,
    noteUnsureProgram: (person, crew) =>
      `${person}, um programa recebeu o pedido de início da crew ${crew} e não deu mais notícias. Verifique o programa antes de iniciar de novo.`,
    noteSilent: (person, crew) =>
      `${person}, o CrewAI não informou nada sobre esta execução da crew ${crew}, então nenhum cartão pode aparecer. *Status* consulta o CrewAI. Se ela estiver em andamento, pergunte a quem administra o bot se o CrewAI consegue acessar o bot.`,
    noteFailed: (people, crew, reason) =>
      `${people}, a execução da crew ${crew} falhou${giveReasonInPortuguese(reason)}.`,
  },

  crewai: {
    failures: {
      no_answer: 'O CrewAI não respondeu.',
      error_answer: 'O CrewAI informou um erro.',
      not_reached: 'Não consigo acessar o CrewAI.',
      not_ready: 'O CrewAI não está pronto.',
      held_up: 'O bot se atrasou antes de chamar o CrewAI.',
      no_url:
        'As configurações não têm mais uma URL para esta crew. Peça a quem administra o bot que corrija isso.',
      restored: 'O bot foi restaurado de um backup durante o envio.',
      token_rejected: 'O CrewAI rejeitou o token do bot. Peça a quem administra o bot que corrija isso.',
      unknown_run:
        'O CrewAI não conhece esta execução. Peça a quem administra o bot que verifique as configurações da crew.',
      rejected: 'O CrewAI rejeitou a decisão. *Approval details* mostra o motivo.',
      host_not_allowed:
        'Quem administra o bot precisa permitir o endereço em que o CrewAI espera a resposta.',
      callback_rejected: 'O CrewAI rejeitou o link que enviou com esta revisão. Responda no CrewAI.',
      unknown_review: 'O CrewAI não conhece mais esta revisão.',
    } satisfies Record<FailureReason, string>,
    faults: {
      NOT_JSON: 'a resposta não é um objeto JSON',
      NOT_OK: 'a resposta informa um erro e não diz qual',
      NO_STATUS_OR_ID: 'a resposta não tem status nem kickoff_id',
      NOT_ACCEPTED: 'a resposta não diz que a decisão foi aceita',
      NO_RUN_STATUS: 'a resposta não é o status de uma execução',
      CREW_GONE: 'esta crew não está mais nas configurações',
      FLOW_REVIEWS_ONLY: 'esta crew só recebe revisões de Flows',
    } satisfies Record<AnswerFault, string>,
    failureDetail: (reason, status, detail) => {
      const parts = [...(status === undefined ? [] : [`HTTP ${status}`]), ...(detail ? [detail] : [])];
      const error = `Último erro: ${parts.length === 0 ? 'sem resposta' : parts.join(': ')}.`;
      if (reason === 'host_not_allowed') return `${error} CALLBACK_HOSTS não permite o host da resposta.`;
      return reason === 'unknown_run'
        ? `${error} Não há essa execução, ou não há /resume: pode ser um Flow ou outra implantação.`
        : error;
    },

    connectApps: (apps, said) => {
      if (apps !== undefined) return `Conecte estes apps no CrewAI: ${apps}`;
      return `Conecte os apps desta crew no CrewAI${said === undefined ? '' : ` (${said})`}`;
    },

    running: (task, tasks) =>
      `O CrewAI informa que a execução está em andamento${task === undefined ? '' : `, em ${task}`}${tasks ? `, com ${formatCount(tasks.done)} de ${plural(tasks.total, '1 tarefa concluída', '# tarefas concluídas')}` : ''}.`,
    completed: 'O CrewAI informa que a execução terminou.',
    failed: (reason) =>
      reason === undefined
        ? 'O CrewAI informa que a execução falhou.'
        : `O CrewAI informa que a execução falhou: ${reason}.`,
    waitsForPerson: 'A execução aguarda a decisão de uma pessoa.',
    otherState: (state) => `O CrewAI informa o estado da execução como "${state}".`,
    unknownRun: 'O CrewAI não conhece esta execução.',
    statusRejected: (status) =>
      `O CrewAI rejeitou a consulta de status${status === undefined ? '' : ` (${status})`}. Peça a quem administra o bot que verifique o token da crew.`,
    noStatus: (detail) =>
      `O CrewAI não respondeu à consulta de status${detail === undefined ? '' : ` (${detail})`}.`,
    programRun: (state, reason) =>
      ({
        running: 'A execução está em andamento, segundo a última informação do programa.',
        unknown: 'Nenhum programa informou sobre esta execução.',
        finished: 'A execução terminou.',
        failed: `A execução falhou${giveReasonInPortuguese(reason)}.`,
      })[state],
    flowReviewsOnly:
      'Esta crew só recebe revisões de Flows, então não posso consultar o status das execuções dela.',
  },

  actions: {
    approve: 'Aprovar',
    requestRevision: 'Solicitar revisão',
    retry: 'Tentar novamente',
    undo: 'Desfazer',
    endPermission: 'Encerrar permissão',
    readInFull: 'Ler na íntegra',
    whatChanged: 'O que mudou',
    close: 'Encerrar sem decisão',
    closeQuestion: 'Encerrar sem decisão?',
    closeWarning:
      'O CrewAI não é notificado, e a execução continua aguardando. Ninguém mais poderá decidir no Slack.',
    closeWarningProgram:
      'O programa que perguntou saberá que ninguém decidiu. Ninguém mais poderá decidir no Slack.',
    cancel: 'Cancelar',
    unreadTitle: 'Nem tudo aparece aqui',
    unread: (shown, of) => `Você viu ${formatCount(shown)} de ${formatCount(of)} caracteres.`,
    unreadAnyway: (label) => `${label} mesmo assim?`,
    send: 'Enviar',
    otherAnswer: 'Outra resposta…',
    chooseAnswer: 'Escolha uma resposta',
    chooseFirst: (shown, all) =>
      `Escolha uma das ${formatCount(shown)} primeiras de ${formatCount(all)} respostas`,
    moreAnswers: 'Mais respostas…',
    allAnswers: 'Todas as respostas',
    blankOption: '(em branco)',
    approveWithNote: 'Aprovar com observação',
    allow: 'Permitir',
    block: 'Bloquear',
    allowCall: 'Permitir a mesma chamada de novo nesta execução',
    allowTool: 'Permitir todas as chamadas desta ferramenta nesta execução',
    blockWithReason: 'Bloquear com motivo',
    edit: 'Editar e aprovar…',
    editPause: 'Editar e devolver…',
    chooseWithNote: 'Escolher com observação…',
    claim: 'Eu cuido disso',
    release: 'Deixar para outra pessoa',
    assign: 'Atribuir a…',
    details: 'Detalhes',
    runAgain: 'Executar novamente',
    status: 'Status',
    openCard: 'Abrir o cartão',
    seeCurrentCard: 'Ver o cartão atual',
    about: ({ task, round, crew }) =>
      round > 1 ? `${task || UNNAMED}, rodada ${round}, crew ${crew}` : `${task || UNNAMED}, crew ${crew}`,
    recorded: 'Registrado. Consulte de novo para ver o andamento.',
    cardFollows: 'Registrado. O cartão será atualizado em breve.',
  },

  fields: {
    asked: (option, names) => `${option} pede: ${names.join(', ')}`,
    optional: (name) => `${name} (opcional)`,
    enteredBy: (person) => `${person} informou:`,
    line: (name, value) => `*${name}*: ${value}`,
    hidden: '_não exibido_',
    nothing: '_Nenhum valor foi informado._',
    yes: 'Sim',
    no: 'Não',
    number: formatNumber,
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
      too_short: (bound) => `Informe pelo menos ${plural(bound, 'um caractere', '# caracteres')}.`,
      too_long: (bound) => `Informe no máximo ${plural(bound, 'um caractere', '# caracteres')}.`,
      too_small: (bound) => `Informe ${formatNumber(bound)} ou mais.`,
      too_large: (bound) => `Informe ${formatNumber(bound)} ou menos.`,
      too_few: (bound) => `Escolha pelo menos ${formatCount(bound)}.`,
      too_many: (bound) => `Escolha no máximo ${formatCount(bound)}.`,
    },
  },

  forms: {
    close: 'Fechar',
    send: 'Enviar',
    answerTitle: 'Aprovações',
    youWrote: 'O que você escreveu:',
    yourPeopleNote: 'Sua observação interna:',
    peopleNote: 'Observação interna',
    peopleNoteHint: 'Aparece só na thread. Os agentes não leem.',
    output: 'A saída:',
    outputEnd: (before) => `O fim da saída, depois de ${plural(before, 'um caractere', '# caracteres')}:`,

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
    tooLongToEdit: (length, most) =>
      `Esta saída tem ${formatCount(length)} caracteres, e o formulário aceita ${formatCount(most)}. Use *Solicitar revisão* e diga o que deve mudar.`,
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
  },

  reading: {
    stateTitle: 'Estado do Flow',
    detailsTitle: 'Detalhes da aprovação',
    place: (task, round, page) =>
      `${task}, rodada ${round}${page ? ` · página ${formatCount(page.number)} de ${formatCount(page.of)}` : ''}`,
    first: 'Primeira',
    back: 'Anterior',
    next: 'Próxima',
    last: 'Última',
    nothingChanged: (sinceRound) => `Nada mudou desde a rodada ${sinceRound}.`,
    onlySpacesChanged: (sinceRound) =>
      `Só espaços ou caracteres invisíveis mudaram desde a rodada ${sinceRound}.`,
    changesLegend: 'O texto *adicionado* está em negrito, e o ~removido~ está riscado.',
    unchangedParagraphs: (count) => plural(count, 'um parágrafo sem mudanças', '# parágrafos sem mudanças'),
    emptyOutput: '_A saída está vazia._',
    lostOutput: 'Esta saída não está mais disponível.',
    tooLongToCompare: 'Estas saídas são longas demais para comparar aqui. *Ler na íntegra* mostra a nova.',
    unseenCharacters: (count) =>
      plural(
        count,
        'Um caractere desta saída é invisível. Ele aparece como código, por exemplo \\u200b.',
        '# caracteres desta saída são invisíveis. Eles aparecem como códigos, por exemplo \\u200b.',
      ),
    hiddenCharacters: (count) =>
      plural(count, 'Mais um caractere não aparece aqui.', 'Mais # caracteres não aparecem aqui.'),
    hiddenRows: (count) =>
      plural(count, 'Mais uma linha não aparece aqui.', 'Mais # linhas não aparecem aqui.'),

    outputFile: (task, round) => `${task ?? 'saida'}-rodada-${round}`,
    outputFileTitle: (task, round) => `${task}, rodada ${round}`,
    outputOfCrew: (crew) => `Saída da crew ${crew}`,

    lastRounds: (shown, all) => `As últimas ${shown} de ${all} rodadas:`,
    webhookUrl: (kind: keyof WebhookUrls | 'humanInput', url: string, from: ResolvedUrl['from']) => {
      const name = { task: 'tarefa', step: 'etapa', crew: 'crew', humanInput: 'entrada humana' }[kind];
      const origin = {
        registered: 'registrada',
        meta: 'do meta da execução',
        settings: 'das configurações',
        bot: 'do próprio bot',
      }[from];
      return `${name} → ${url} (${origin})`;
    },
    sentUrls: (urls) => `URLs enviadas com a decisão: ${urls.join(' · ')}`,
    noWebhookUrl: 'Nenhuma URL de webhook é conhecida, então o CrewAI não vai dar retorno.',
    ids: (ids) =>
      [
        `Crew ${ids.crew}`,
        ids.task === undefined ? '' : `tarefa ${ids.task}`,
        ids.execution === undefined ? '' : `execução ${ids.execution}`,
        `aprovação ${ids.approval}`,
      ]
        .filter(Boolean)
        .join(' · '),
    round: (round) =>
      [
        `Rodada ${round.number}: ${round.state}`,
        ...(round.by === undefined || round.at === undefined ? [] : [`${round.by}, ${round.at}`]),
        ...(round.decision ? [`${round.decision.what}, ${round.decision.at}`] : []),
      ].join(' · '),
    received: (at, agent) =>
      agent === undefined ? `Saída recebida: ${at}` : `Saída recebida de ${agent}: ${at}`,
    alsoVoted: (people) => `Também votaram: ${people}`,
    delivery: ({ attempts, answered, continued }) =>
      [
        plural(attempts, 'Decisão enviada ao CrewAI uma vez', 'Decisão enviada ao CrewAI # vezes'),
        ...(answered ? [`o CrewAI ${answered.accepted ? 'aceitou' : 'respondeu'} (${answered.at})`] : []),
        ...(continued === undefined ? [] : [`a execução continuou (${continued})`]),
      ].join(', '),
  },

  away: {
    // "sex., 4 de dez": sentences end after it.
    day: (date) => formatDay(Date.parse(date)).replace(/\.$/, ''),

    askedInstead: (substitute, person, day) =>
      `${substitute} recebeu o pedido no lugar de ${person}, que avisou que estaria ausente até ${day}.`,
    askedThough: (person, substitute, day, why) => {
      const first = `${person} recebeu o pedido, embora tenha avisado que estaria ausente até ${day}`;
      if (why === 'by_substitute')
        return `${substitute} repassou o pedido a ${person}, que avisou que estaria ausente até ${day}.`;
      if (why === 'not_reached') return `${first}: não consegui enviar uma mensagem a ${substitute}.`;
      if (why === 'own_vote') return `${first}: ${substitute} só tem um voto.`;
      return why === 'unchecked'
        ? `${first}: não consegui verificar se ${substitute} pode decidir isso.`
        : `${first}: ${substitute} não pode substituir aqui.`;
    },

    notTold: (substitute) =>
      `Não consegui avisar ${substitute} sobre a substituição. Por favor, avise diretamente.`,

    notice: (person, day) =>
      `${person} está ausente até ${day}, inclusive, e escolheu você para a substituição.`,
    waiting: 'Já está aguardando:',
    nothingWaiting: 'Ainda não há nada aguardando.',
    notAllSeen: 'Não consegui verificar tudo o que está aguardando.',

    changed: (person, day) => `${person} agora está ausente até ${day}. Até lá, os pedidos vão para você.`,
    released: (person) => `Você não substitui mais ${person}.`,
    substituteAway: (person, day) =>
      `${person}, que substitui você, está ausente até ${day}. Até a volta, os pedidos vêm para você.`,
  },

  lists: {
    yourApprovals: 'Suas aprovações',
    waitingForYou: (count) =>
      count === 0
        ? 'Nada aguarda sua decisão'
        : plural(count, 'Uma aprovação aguarda sua decisão', '# aprovações aguardam sua decisão'),
    atLeastWaitingForYou: (count) =>
      plural(
        count,
        'Pelo menos uma aprovação aguarda sua decisão',
        'Pelo menos # aprovações aguardam sua decisão',
      ),
    waitingForOthers: (count) =>
      plural(count, 'Uma aprovação aguarda outras pessoas.', '# aprovações aguardam outras pessoas.'),
    unchecked: (count) =>
      plural(
        count,
        'Não consigo verificar mais uma aprovação agora. Talvez você possa decidir.',
        'Não consigo verificar mais # aprovações agora. Talvez você possa decidir.',
      ),
    moreForYou: (count, command) =>
      plural(
        count,
        `Mais uma aguarda sua decisão. Digite ${command} para ver.`,
        `Mais # aguardam sua decisão. Digite ${command} para ver.`,
      ),
    notAllListed: (command) => `Pode haver mais: digite ${command}.`,
    checkedOldest: (count, command) =>
      `Verifiquei só as ${formatCount(count)} aprovações mais antigas. Digite ${command} para verificar mais.`,
    ofCrewSince: (crew, date) => `Crew ${crew} · desde ${date}`,
    permissions: 'Chamadas de ferramentas que não precisam de decisão',
    recentDecisions: 'Suas decisões recentes',
    taskInState: (task, state, decided) =>
      decided ? `${task}: ${state} · ${decided.by}, ${decided.at}` : `${task}: ${state}`,

    open: 'Abrir',
    newer: 'Mais recentes',
    older: 'Mais antigas',
    nothingWaiting: (list) => {
      if (list.more) return `Mais nada aguarda decisão${nameCrewInPortuguese(list.crew)}.`;
      if (list.stopped)
        return `Até agora não encontrei nada que aguarde sua decisão${nameCrewInPortuguese(list.crew)}.`;
      return list.mine
        ? `Nada aguarda sua decisão${nameCrewInPortuguese(list.crew)}.`
        : `Nada aguarda decisão${nameCrewInPortuguese(list.crew)}.`;
    },
    waitingForYouIn: (crew) =>
      `Aguardam sua decisão${nameCrewInPortuguese(crew)}, das mais antigas às mais recentes:`,
    waiting: (count, more, crew) => {
      if (more)
        return `Mais de ${formatCount(count)} aprovações aguardam decisão${nameCrewInPortuguese(crew)}, das mais antigas às mais recentes:`;
      return plural(
        count,
        `Uma aprovação aguarda decisão${nameCrewInPortuguese(crew)}:`,
        `# aprovações aguardam decisão${nameCrewInPortuguese(crew)}, das mais antigas às mais recentes:`,
      );
    },
    decisions: (filter) =>
      `Decisões${limitDecisionsInPortuguese(filter)}, das mais recentes às mais antigas:`,
    noDecisions: (filter, more) =>
      more
        ? `Não há mais decisões${limitDecisionsInPortuguese(filter)}.`
        : `Não há decisões${limitDecisionsInPortuguese(filter)}.`,
    searched: (words, person) => {
      if (words === undefined) return person ?? '';
      return person === undefined ? `"${words}"` : `"${words}" e ${person}`;
    },
    found: (what) =>
      `Aprovações encontradas para ${what}, primeiro as que aguardam decisão, depois as mais recentes:`,
    nothingFound: (what, more) =>
      more ? `Não encontrei mais nada para ${what}.` : `Não encontrei nada para ${what}.`,
    nothingFoundYet: (what) => `Até agora não encontrei nada para ${what}.`,
    stopped: (button) => `Parei de buscar depois de um tempo. Clique em *${button}* para continuar.`,
    rowWaiting: (task, milliseconds) =>
      `${task} · aguarda há ${milliseconds < 60_000 ? 'menos de um minuto' : formatDuration(milliseconds, 1)}`,
    rowInState: (row) =>
      row.by === undefined
        ? `${row.task} · ${row.state} · ${row.at}`
        : `${row.task} · ${row.state} · ${row.by}, ${row.at}`,
    rowIds: (ids) => {
      const run = ids.run === undefined ? '' : ` · execução ${ids.run}`;
      return `${ids.crew}${run} · ${ids.approval}${ids.hasCard ? '' : ' · ainda sem cartão no Slack'}`;
    },

    approvals: (count) => plural(count, 'Uma aprovação', '# aprovações'),
    notShown: (count) => plural(count, 'Mais uma não aparece aqui.', 'Mais # não aparecem aqui.'),

    noRuns: 'Nenhuma execução foi iniciada pelo Slack.',
    runs: 'Execuções iniciadas pelo Slack, das mais recentes às mais antigas:',
    run: (id) => `execução ${id}`,
    notAsked: 'O CrewAI não foi consultado sobre esta execução.',
    reportOfCrew: (crew, report) => `${crew}: ${report}`,
    noApprovalsOfRun: 'Não encontrei aprovações desta execução.',
    andMore: (count) => `… e mais ${formatCount(count)}`,
  },

  command: {
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
      status: ['status 97eba64f', 'o que o CrewAI informa sobre uma execução'],
      runs: ['execuções press minhas', 'execuções iniciadas pelo Slack'],
      help: ['ajuda', 'esta lista'],
    },
    seeHelp: (command) => `Digite ${command} para ver todos os comandos.`,
    whereIds: (shortcut) =>
      `O ID de uma aprovação está nas listas, nas consultas e em ${shortcut}, no menu da mensagem do cartão.`,
    notInThreads: (shortcut) =>
      `Comandos de barra não funcionam em threads. Lá, use ${shortcut} no menu de uma mensagem.`,
  },

  alerts: {
    store_failed: ({ operation }) =>
      operation === 'write'
        ? 'O banco de dados está rejeitando gravações. Os webhooks recebem 503 até ele se recuperar.'
        : 'Não consigo ler o banco de dados. Nada é processado até ele se recuperar.',
    database_lost: ({ reason }) =>
      `O bot não usa mais o banco de dados. Nada é gravado até você reiniciar o bot. Motivo: ${reason}.`,
    crew_token_rejected: ({ crew, status }) =>
      `O CrewAI está rejeitando o bearer token da crew ${crew} (${status}). Corrija o token nas configurações e reinicie o bot.`,
    decisions_late: ({ crew }) =>
      `Decisões da crew ${crew} estão aguardando há mais de 10 minutos. O CrewAI não as está aceitando; o log diz por quê.`,
    callback_host_not_allowed: ({ crew, host }) =>
      `Um Flow da crew ${crew} espera a resposta em ${host}, que CALLBACK_HOSTS não permite. Responda no CrewAI ou permita o host.`,
    too_few_deciders: ({ crew, approvals }) =>
      `Não há pessoas suficientes para decidir ${plural(approvals, 'uma aprovação pendente', '# aprovações pendentes')} da crew ${crew}. Altere os aprovadores dela.`,
    slack_rate_limit: ({ channel, minutes }) =>
      `O Slack não vai aceitar mensagens do bot no canal ${channel} por ${minutes} min. Os cartões esperam até lá.`,
    slack_token_rejected: ({ reason }) =>
      `O Slack está rejeitando o token do bot (${reason}). Defina um SLACK_BOT_TOKEN válido e reinicie o bot.`,
    step_failed: () =>
      'O bot não conseguiu enviar um cartão, uma mensagem ou uma decisão e tenta de novo a cada poucos segundos. Pode haver pessoas esperando. Procure por "step failed, retrying" no log.',
    events_dropped: ({ receiver }) =>
      `Eventos foram descartados: o receptor deles ${receiver} (EVENTS_URL) não os está aceitando. O log diz por quê.`,
    channel_blocked: ({ channel, reason }) =>
      `O Slack está rejeitando cartões no canal ${channel} (${reason}). Corrija o canal ou troque-o nas configurações; o bot tenta de novo a cada hora.`,
    webhooks_rejected: ({ crew, webhook, status, answer, count }) =>
      plural(
        count,
        `Um webhook do tipo ${webhook} da crew ${crew} foi rejeitado. A execução talvez aguarde uma aprovação que não tem cartão. Resposta (${status}): ${answer}`,
        `# webhooks do tipo ${webhook} da crew ${crew} foram rejeitados. As execuções talvez aguardem aprovações que não têm cartão. Última resposta (${status}): ${answer}`,
      ),
    webhook_url_wrong: ({ crew, wrong, address }) => {
      const why = {
        secret: 'o segredo está ausente ou incorreto (401)',
        kind: 'a URL está incorreta (404, não há esse tipo de webhook)',
        flow: 'são revisões de um Flow, e FLOW_WEBHOOK_SECRETS não está definido (404)',
        path: 'a URL está incorreta (404, não há esse endpoint)',
      }[wrong];
      return `Webhooks da crew ${crew} estão sendo rejeitados: ${why}. O último veio de ${address}. Se foi o CrewAI, uma execução talvez aguarde uma aprovação que não tem cartão.`;
    },

    webhook_too_large: ({ crew, webhook }) =>
      `Um webhook do tipo ${webhook} da crew ${crew} foi rejeitado porque é grande demais. Se a execução aguarda uma aprovação, não há cartão. Verifique a execução no CrewAI.`,
    pauses_not_visible: ({ crew }) =>
      `Uma execução da crew ${crew} talvez aguarde aprovação sem que o bot saiba: foi iniciada sem \`humanInputWebhookUrl\`, e os webhooks dela pararam. Verifique a execução no CrewAI e peça a quem administra o bot que corrija o modo de iniciar as execuções.`,
  } satisfies FactTexts,
};

/** The decisions that are typed, by their English verb. */
const _COMMANDS_IN_PORTUGUESE: Readonly<Record<string, string>> = {
  approve: 'aprovar',
  revise: 'revisar',
  choose: 'escolher',
};

function nameCrewInPortuguese(crew: string | undefined): string {
  return crew === undefined ? '' : ` na crew ${crew}`;
}

function limitDecisionsInPortuguese({ by, crew, since }: DecisionFilter): string {
  const person = by === undefined ? '' : ` de ${by}`;
  return `${person}${nameCrewInPortuguese(crew)}${since === undefined ? '' : ` desde ${since}`}`;
}

/** "por @Ana", or the rule with its article. */
function nameActorInPortuguese(by: string | undefined): string {
  return by === undefined || by === RULE ? `pela ${RULE}` : `por ${by}`;
}

/** "de @Ana", or the rule with its article. */
function nameOwnerInPortuguese(by: string | undefined): string {
  return by === undefined || by === RULE ? `da ${RULE}` : `de ${by}`;
}

/**
 * "Aprovado por @Ana, hoje, 15:00". A comma or a parenthesis stands before each time, since Slack writes "hoje" or a
 * date, and only the date would need "em".
 */
function writeDecisionInPortuguese({ action, option, by, when }: DecisionWords): string {
  const what = {
    approve: 'Aprovado',
    request_revision: 'Revisão solicitada',
    choose: option === undefined ? 'Respondido' : `Resposta ${option} escolhida`,
  }[action];
  return `${what} ${nameActorInPortuguese(by)}${when === undefined ? '' : `, ${when}`}`;
}

function writeEarlierDecisionInPortuguese({ action, option, by, when }: DecisionWords): string {
  const what = {
    approve: 'Já aprovado',
    request_revision: 'Revisão já solicitada',
    choose: option === undefined ? 'Já respondido' : `Resposta ${option} já escolhida`,
  }[action];
  return `${what} ${nameActorInPortuguese(by)}${when === undefined ? '' : ` (${when})`}`;
}

function explainDecisionInPortuguese(decision: DecisionWords | undefined): string {
  return decision ? ` ${writeEarlierDecisionInPortuguese(decision)}.` : '';
}

/** `via`: CrewAI's word for how a review was answered. */
function writeResolvedInPortuguese(via: string | undefined, when?: string): string {
  const way = (via && RESOLVED_IN_PORTUGUESE[via]) || 'Esta aprovação foi resolvida em outro lugar';
  return when === undefined ? `${way}.` : `${way} (${when}).`;
}

const RESOLVED_IN_PORTUGUESE: Readonly<Record<string, string>> = {
  crewai: 'A resposta foi dada no CrewAI',
  dashboard: 'A resposta foi dada no painel do CrewAI',
  email: 'A resposta foi dada por e-mail',
  timeout: 'O prazo venceu no CrewAI, que respondeu automaticamente',
};

function nameYourDecisionInPortuguese(person: string | undefined): string {
  return person === undefined ? `A decisão da ${RULE}` : `${person}, sua decisão`;
}

/** "crew press (*draft*)" */
function nameYourRunInPortuguese(crew: string, task: string | undefined): string {
  return task === undefined ? `crew ${crew}` : `crew ${crew} (${task})`;
}

function addressInPortuguese(person: string | undefined): string {
  return person === undefined ? '' : `${person}, `;
}

function giveReasonInPortuguese(reason: Reason | undefined): string {
  if (!reason) return '';
  return reason.isSentence ? `. ${reason.text}` : `: ${reason.text}`;
}
