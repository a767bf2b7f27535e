import { createHash, timingSafeEqual } from 'node:crypto';
import { DatabaseSync } from '@photostructure/sqlite';
import express from 'express';
import {
  APPROVAL_CHANNEL,
  APPROVERS,
  app,
  type Click,
  cardOf,
  DATABASE,
  postCard,
  receiver,
  SECRET,
  sendApproval,
  showApproval,
  start,
  type Webhook,
} from '../support/reference-bot.ts';

/**
 * The reference: a Bolt bot as a careful engineer writes it in a day. Each webhook and each decision is on disk
 * (SQLite, synchronous=FULL, as in the product) before it is answered. A decision is accepted once, from an approver,
 * and sent again after a restart. The bot has no rounds, revisions, reminders, look-ups, rate limiting or second
 * replica.
 */
const approvers = new Set(APPROVERS.split(','));

interface Stored {
  id: string;
  webhook: string;
  decided_by: string;
}

const db = new DatabaseSync(DATABASE);
db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
db.exec(`CREATE TABLE IF NOT EXISTS approvals (
  id TEXT PRIMARY KEY, webhook TEXT NOT NULL, status TEXT NOT NULL, decided_by TEXT, channel TEXT, ts TEXT) STRICT`);
db.exec('CREATE INDEX IF NOT EXISTS by_status ON approvals (status)');
const insert = db.prepare(
  "INSERT INTO approvals (id, webhook, status) VALUES (?, ?, 'new') ON CONFLICT DO NOTHING",
);
const posted = db.prepare(
  "UPDATE approvals SET status = 'waiting', channel = ?, ts = ? WHERE id = ? AND status = 'new'",
);
const decide = db.prepare(
  "UPDATE approvals SET status = 'decided', decided_by = ? WHERE id = ? AND status IN ('new', 'waiting')",
);
const sent = db.prepare("UPDATE approvals SET status = 'sent' WHERE id = ?");
const select = db.prepare('SELECT id, webhook, decided_by FROM approvals WHERE id = ?');
const withStatus = db.prepare('SELECT id, webhook, decided_by FROM approvals WHERE status = ?');

const digest = (text: string) => createHash('sha256').update(text).digest();

receiver.router.post('/webhooks/:crew/:kind', express.json({ limit: '1mb' }), (request, response) => {
  const token = typeof request.query.token === 'string' ? request.query.token : '';
  if (!timingSafeEqual(digest(token), digest(SECRET)))
    return void response.status(401).json({ error: 'unauthorized' });
  if (request.params.kind !== 'task') return void response.status(202).json({ status: 'noted' });
  const webhook = request.body as Partial<Webhook>;
  if (
    typeof webhook.kickoff_id !== 'string' ||
    typeof webhook.name !== 'string' ||
    typeof webhook.output !== 'string'
  )
    return void response.status(422).json({ error: 'invalid' });
  const { changes } = insert.run(webhook.kickoff_id, JSON.stringify(webhook));
  response.status(202).json({ status: changes === 0 ? 'duplicate' : 'created' });
  if (changes > 0) post(webhook as Webhook).catch(console.error);
});

async function post(webhook: Webhook): Promise<void> {
  const { channel = '', ts = '' } = await postCard(webhook);
  posted.run(channel, ts, webhook.kickoff_id);
}

async function resume({ id, webhook, decided_by }: Stored, card: { channel: string; ts: string }) {
  const { name } = JSON.parse(webhook) as Webhook;
  await sendApproval(id, name);
  sent.run(id);
  await showApproval(name, decided_by, card);
}

app.action<Click>('approve', async ({ ack, action, body, respond }) => {
  const allowed = approvers.has(body.user.id);
  const decided = allowed && decide.run(body.user.id, action.value ?? '').changes === 1;
  await ack();
  if (!decided) {
    const text = allowed ? 'Someone has decided this already.' : 'You may not decide this.';
    return void (await respond({ response_type: 'ephemeral', replace_original: false, text }));
  }
  const stored = select.get(action.value ?? '') as unknown as Stored;
  await resume(stored, cardOf(body));
});

// The listener also keeps the connection from being garbage collected, which the driver's statements do not.
process.once('SIGTERM', () => {
  db.close();
  process.exit(0);
});
await start();
for (const stored of withStatus.all('decided') as unknown as Stored[])
  resume(stored, { channel: APPROVAL_CHANNEL, ts: '' }).catch(console.error);
for (const { webhook } of withStatus.all('new') as unknown as Stored[])
  post(JSON.parse(webhook)).catch(console.error);
