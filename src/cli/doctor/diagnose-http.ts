import { randomUUID } from 'node:crypto';
import axios from 'axios';
import express from 'express';
import { buildHealthRouter, signNonce } from '../../http/health.ts';
import { closeServer, listen } from '../../http/server.ts';
import { AppError, summarizeError } from '../../lib/errors.ts';
import { type Finding, failed, ok, warning } from './finding.ts';

const TIMEOUT = 8_000;

/**
 * Asks PUBLIC_URL for a proof that this bot answers there. When the bot is not running, the doctor answers on its port.
 * Never rejects.
 */
export async function diagnosePublicUrl({
  publicUrl,
  host,
  port,
  botToken,
}: {
  publicUrl: string | undefined;
  host: string;
  port: number;
  botToken: string;
}): Promise<Finding> {
  const about = 'PUBLIC_URL';
  if (publicUrl === undefined)
    return warning(about, 'is not set: a run whose webhook URLs are unknown sends nothing after a decision.');
  const { server, running } = await openPort(host, port, botToken);
  const who = running ? 'the running bot' : 'the port of the bot, which is not running';
  const nonce = randomUUID();
  try {
    const { status, data } = await axios.get<unknown>(`${publicUrl.replace(/\/+$/, '')}/healthz`, {
      params: { nonce },
      timeout: TIMEOUT,
      maxRedirects: 0,
      validateStatus: () => true,
    });
    const { proof } = (data ?? {}) as { proof?: unknown };
    if (proof === signNonce(botToken, nonce)) return ok(about, `reaches ${who}.`);
    return failed(
      about,
      status === 200
        ? 'does not reach this bot: check the tunnel or the proxy.'
        : `answers ${status}, not as this bot: check the tunnel, the proxy and its path.`,
    );
  } catch (error) {
    return failed(
      about,
      `cannot be reached (${summarizeError(error)}): check the tunnel, the proxy and DNS.`,
    );
  } finally {
    if (server) await closeServer(server, 0);
  }
}

async function openPort(host: string, port: number, botToken: string) {
  try {
    const server = await listen(express().use(buildHealthRouter({ botToken, checks: {} })), host, port);
    return { server, running: false };
  } catch (error) {
    if (error instanceof AppError && error.code === 'port_taken') return { server: undefined, running: true };
    throw error;
  }
}
