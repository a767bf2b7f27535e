import express from 'express';
import {
  app,
  type Click,
  cardOf,
  postCard,
  receiver,
  sendApproval,
  showApproval,
  start,
  type Webhook,
} from '../support/reference-bot.ts';

/** The reference: a minimal Bolt bot that approves. It keeps everything in memory and checks no one's rights. */
const waiting = new Map<string, Webhook>();

receiver.router.post('/webhooks/:crew/:kind', express.json(), (request, response) => {
  response.status(202).json({ status: 'created' });
  if (request.params.kind !== 'task') return;
  const webhook = request.body as Webhook;
  waiting.set(webhook.kickoff_id, webhook);
  postCard(webhook).catch(() => {});
});

app.action<Click>('approve', async ({ ack, action, body }) => {
  await ack();
  const webhook = waiting.get(action.value ?? '');
  if (!webhook) return;
  waiting.delete(webhook.kickoff_id);
  await sendApproval(webhook.kickoff_id, webhook.name);
  await showApproval(webhook.name, body.user.id, cardOf(body));
});

await start();
