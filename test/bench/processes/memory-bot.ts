import { App, type BlockAction, type ButtonAction, ExpressReceiver } from '@slack/bolt';
import axios from 'axios';
import express from 'express';

/** The reference: a Bolt bot of the least that approves at all. It keeps everything in memory, and checks nobody. */
const {
  SLACK_BOT_TOKEN = '',
  SLACK_SIGNING_SECRET = '',
  SLACK_API_URL = '',
  CREWAI_BASE_URL = '',
  CREWAI_BEARER_TOKEN = '',
  APPROVAL_CHANNEL = '',
  PORT,
} = process.env;

interface Webhook {
  kickoff_id: string;
  name: string;
  output: string;
  meta?: { channel?: string };
}

const waiting = new Map<string, Webhook>();
const receiver = new ExpressReceiver({ signingSecret: SLACK_SIGNING_SECRET, endpoints: '/slack/events' });
const app = new App({ token: SLACK_BOT_TOKEN, receiver, clientOptions: { slackApiUrl: SLACK_API_URL } });
const section = (text: string) => ({ type: 'section' as const, text: { type: 'mrkdwn' as const, text } });

receiver.router.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
receiver.router.post('/webhooks/:crew/:kind', express.json(), (request, response) => {
  response.status(202).json({ status: 'created' });
  if (request.params.kind !== 'task') return;
  const webhook = request.body as Webhook;
  waiting.set(webhook.kickoff_id, webhook);
  const approve = {
    type: 'button' as const,
    action_id: 'approve',
    text: { type: 'plain_text' as const, text: 'Approve' },
    value: webhook.kickoff_id,
  };
  app.client.chat
    .postMessage({
      channel: webhook.meta?.channel ?? APPROVAL_CHANNEL,
      text: `${webhook.name} waits`,
      blocks: [section(webhook.output.slice(0, 2_900)), { type: 'actions', elements: [approve] }],
    })
    .catch(() => {});
});

app.action<BlockAction<ButtonAction>>('approve', async ({ ack, action, body, client }) => {
  await ack();
  const webhook = waiting.get(action.value ?? '');
  if (!webhook) return;
  waiting.delete(webhook.kickoff_id);
  await axios.post(
    `${CREWAI_BASE_URL}/resume`,
    { execution_id: webhook.kickoff_id, task_id: webhook.name, human_feedback: 'Approved', is_approve: true },
    { headers: { authorization: `Bearer ${CREWAI_BEARER_TOKEN}` } },
  );
  const text = `${webhook.name} was approved by <@${body.user.id}>`;
  const [channel, ts] = [body.channel?.id ?? '', body.message?.ts ?? ''];
  await client.chat.update({ channel, ts, text, blocks: [section(text)] });
});

await app.start(Number(PORT));
