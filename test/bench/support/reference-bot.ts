import { App, type BlockAction, type ButtonAction, ExpressReceiver } from '@slack/bolt';
import axios from 'axios';

/** Common parts of the Bolt bots beside which the product is measured. */
const { SLACK_BOT_TOKEN = '', SLACK_SIGNING_SECRET = '', SLACK_API_URL = '', ...others } = process.env;
const { CREWAI_BASE_URL = '', CREWAI_BEARER_TOKEN = '', PORT } = others;
export const { APPROVAL_CHANNEL = '', APPROVERS = '', SECRET = '', DATABASE = '' } = others;

export interface Webhook {
  kickoff_id: string;
  name: string;
  output: string;
  meta?: { channel?: string };
}
export type Click = BlockAction<ButtonAction>;

export const receiver = new ExpressReceiver({
  signingSecret: SLACK_SIGNING_SECRET,
  endpoints: '/slack/events',
});
export const app = new App({
  token: SLACK_BOT_TOKEN,
  receiver,
  clientOptions: { slackApiUrl: SLACK_API_URL },
});
receiver.router.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));

export const start = () => app.start(Number(PORT));

const section = (text: string) => ({ type: 'section' as const, text: { type: 'mrkdwn' as const, text } });

/** Posts the card of a webhook. */
export function postCard({ kickoff_id: value, name, output, meta }: Webhook) {
  const text = { type: 'plain_text' as const, text: 'Approve' };
  const approve = { type: 'button' as const, action_id: 'approve', text, value };
  return app.client.chat.postMessage({
    channel: meta?.channel ?? APPROVAL_CHANNEL,
    text: `${name} waits`,
    blocks: [section(output.slice(0, 2_900)), { type: 'actions', elements: [approve] }],
  });
}

export const sendApproval = (execution_id: string, task_id: string) =>
  axios.post(
    `${CREWAI_BASE_URL}/resume`,
    { execution_id, task_id, human_feedback: 'Approved', is_approve: true },
    { headers: { authorization: `Bearer ${CREWAI_BEARER_TOKEN}` }, timeout: 8_000 },
  );

/** Shows on the card who has approved. */
export function showApproval(name: string, by: string, card: { channel: string; ts: string }) {
  const text = `${name} was approved by <@${by}>`;
  return app.client.chat.update({ ...card, text, blocks: [section(text)] });
}

export const cardOf = ({ channel, message }: Click) => ({
  channel: channel?.id ?? '',
  ts: message?.ts ?? '',
});
