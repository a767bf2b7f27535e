import { randomUUID } from 'node:crypto';
import axios from 'axios';
import express from 'express';
import { buildHealthRouter, signNonce } from '../../http/health.ts';
import { closeServer, listen } from '../../http/server.ts';
import { AppError, summarizeError } from '../../lib/errors.ts';
import type { Settings } from '../../settings/settings.ts';
import { failed, note, ok, type Result } from './result.ts';

const TIMEOUT = 8_000;

/** Asks PUBLIC_URL for a proof that this bot answers there. If the bot is not running, the doctor answers on its port. */
export async function checkPublicUrl(
  { publicUrl, host, port }: Pick<Settings, 'publicUrl' | 'host' | 'port'>,
  botToken: string,
): Promise<Result> {
  const about = 'PUBLIC_URL';
  if (publicUrl === undefined)
    return note(
      about,
      "is not set. If the bot does not know a run's webhook URLs, it sends none with a decision, and CrewAI reports nothing more",
    );
  const health = express().use(buildHealthRouter({ botToken, checks: {} }));
  const server = await listen(health, host, port).catch((error: unknown) => {
    // The port cannot be opened, probably because the bot is running.
    if (error instanceof AppError && error.code === 'port_taken') return undefined;
    throw error;
  });
  const nonce = randomUUID();
  try {
    const { status, data } = await axios.get<{ proof?: unknown } | null>(
      `${publicUrl.replace(/\/+$/, '')}/healthz`,
      { params: { nonce }, timeout: TIMEOUT, maxRedirects: 0, validateStatus: () => true },
    );
    if (data?.proof === signNonce(botToken, nonce))
      return ok(about, `reaches ${server ? 'the port of the bot, which is not running' : 'the running bot'}`);
    return status === 200
      ? failed(about, 'does not reach this bot', 'Check the tunnel or the proxy')
      : failed(about, `answers ${status}, not as this bot`, 'Check the tunnel, the proxy and its path');
  } catch (error) {
    const fix = 'Check the tunnel, the proxy and DNS';
    return failed(about, `cannot be reached (${summarizeError(error)})`, fix);
  } finally {
    if (server) await closeServer(server, 0);
  }
}
