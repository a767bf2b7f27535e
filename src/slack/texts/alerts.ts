import { english } from './languages/english.ts';
import { portuguese } from './languages/portuguese.ts';
import { spanish } from './languages/spanish.ts';
import type { FactTexts } from './words.ts';

/** Adds the article to a noun that begins a sentence. */
function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'An' : 'A'} ${noun}`;
}

const en = {
  store_failed: ({ operation }): string =>
    operation === 'write'
      ? 'The database rejects writes. Webhooks get 503 until it recovers.'
      : "The database can't be read. No work is done until it recovers.",
  database_lost: ({ reason }) =>
    `The bot no longer uses its database. Nothing is stored until you restart the bot. Reason: ${reason}.`,
  crew_token_rejected: ({ crew, status }) =>
    `CrewAI rejects the bearer token of the crew ${crew} (${status}). Correct it in the settings and restart the bot.`,
  decisions_late: ({ crew }) =>
    `Decisions for the crew ${crew} have been waiting for over 10 minutes. CrewAI doesn't accept them; the log says why.`,
  callback_host_not_allowed: ({ crew, host }) =>
    `A Flow of ${crew} expects its answer at ${host}, which CALLBACK_HOSTS doesn't allow. Answer it in CrewAI, or allow the host.`,
  too_few_deciders: ({ crew, approvals }) =>
    `Too few people are left to decide ${english.plural(approvals, 'one waiting approval', '# waiting approvals')} of the crew ${crew}. Change its approvers.`,
  slack_rate_limit: ({ channel, minutes }) =>
    `Slack accepts no messages from the bot in the channel ${channel} for ${minutes} min. Its cards wait until then.`,
  slack_token_rejected: ({ reason }) =>
    `Slack rejects the bot's token (${reason}). Set a valid SLACK_BOT_TOKEN and restart the bot.`,
  step_failed: () =>
    'The bot failed to send a card, a message or a decision, and tries again every few seconds. People may be waiting for it. Look for "step failed, retrying" in the log.',
  events_dropped: ({ receiver }) =>
    `Events were dropped: their receiver ${receiver} (EVENTS_URL) doesn't accept them. The log says why.`,
  channel_blocked: ({ channel, reason }) =>
    `Slack rejects cards in the channel ${channel} (${reason}). Fix the channel or change it in the settings; the bot tries again every hour.`,
  /** `answer`: message of the bot's HTTP response. */
  webhooks_rejected: ({ crew, webhook, status, answer, count }) =>
    english.plural(
      count,
      `${withArticle(webhook)} webhook of the crew ${crew} was rejected. Its run may be waiting for an approval that has no card. Answer (${status}): ${answer}`,
      `# ${webhook} webhooks of the crew ${crew} were rejected. Their runs may be waiting for approvals that have no card. Last answer (${status}): ${answer}`,
    ),
  webhook_url_wrong: ({ crew, wrong, address }) => {
    const why = {
      secret: 'their secret is missing or wrong (401)',
      kind: 'their URL is wrong (404, no such kind of webhook)',
      flow: 'they are reviews of a Flow, and FLOW_WEBHOOK_SECRETS is not set (404)',
      path: 'their URL is wrong (404, no such endpoint)',
    }[wrong];
    return `Webhooks for the crew ${crew} are rejected: ${why}. The last one came from ${address}. If CrewAI sent it, a run may be waiting for an approval that has no card.`;
  },

  webhook_too_large: ({ crew, webhook }) =>
    `${withArticle(webhook)} webhook of ${crew} was rejected because it is too large. If its run is waiting for an approval, there is no card. Check the run in CrewAI.`,
  pauses_not_visible: ({ crew }) =>
    `A run of ${crew} may be waiting for approval without the bot knowing: it was started without \`humanInputWebhookUrl\`, and its webhooks have stopped. Check the run in CrewAI, and ask the bot's admin to correct how its runs are started.`,
} satisfies FactTexts;

const ptBR: typeof en = {
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
    `Não há pessoas suficientes para decidir ${portuguese.plural(approvals, 'uma aprovação pendente', '# aprovações pendentes')} da crew ${crew}. Altere os aprovadores dela.`,
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
    portuguese.plural(
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
} satisfies FactTexts;

const es: typeof en = {
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
    `Quedan muy pocas personas para decidir ${spanish.plural(approvals, 'una aprobación pendiente', '# aprobaciones pendientes')} del crew ${crew}. Cambia sus aprobadores.`,
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
    spanish.plural(
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
};

/** Messages to operators in OPS_CHANNEL, and to a crew's channel about runs without a card. */
export const alertsTexts = { en, 'pt-BR': ptBR, es };
