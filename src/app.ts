import type { AddressInfo } from 'node:net';
import { listChannels } from './approval/model/crew/crew.ts';
import { AlertRelay } from './approval/notify/alert-relay.ts';
import { notifiesNobody } from './approval/notify/audience.ts';
import type { Log } from './approval/ports.ts';
import { closeServer, listen } from './http/server.ts';
import { buildDomain } from './parts/domain.ts';
import type { Closers, Crews } from './parts/shared.ts';
import { connectSlack } from './parts/slack.ts';
import { openStorage } from './parts/storage.ts';
import { buildWeb } from './parts/web.ts';
import { buildCrew } from './settings/build-crew.ts';
import { logAdvice } from './settings/log-advice.ts';
import type { Settings } from './settings/settings.ts';
import { checkChannels } from './slack/directory/channels.ts';
import type { SlackPeople } from './slack/directory/people.ts';

const STOP_WITHIN = 10_000;
export interface App {
  /** The port that it listens on. */
  port: number;
  /** Takes nothing new, finishes what is under way within 10 s, closes the store, which waits for its disk. */
  stop(): Promise<void>;
}

/**
 * Builds the bot from its parts and starts it. Rejects with an AppError in one sentence when the store cannot be opened,
 * Slack rejects the token, or the port is taken; it starts while Slack is out of reach. `restored`: the store comes from a
 * backup, so that a person is asked about every decision that was being sent then.
 */
export async function startApp(
  settings: Settings,
  log: Log,
  { restored = false }: { restored?: boolean } = {},
): Promise<App> {
  const closers: Closers = [];
  try {
    const crews = new Map(settings.crews.map((crew) => [crew.name, buildCrew(crew, settings)]));
    const alerts = new AlertRelay();
    const storage = await openStorage(settings, log, alerts, { restored, closers });
    const slack = connectSlack(settings, log, { crews, alerts, storage, closers });
    const domain = buildDomain(settings, log, { crews, storage, slack, closers });
    const web = buildWeb(settings, log, { crews, storage, slack, domain, closers });
    logAdvice(settings, crews.values(), log);

    // The port first: webhooks are received while Slack is still being reached.
    const server = await listen(web.express, settings.host, settings.port);
    closers.push(() => closeServer(server, 0));
    await Promise.all([slack.workspace.connect(), web.bolt.connect()]);
    slack.groups.start();
    void slack.people.start().then(() => warnOfUnnotified(crews, slack.people, log));
    void checkChannels({ client: slack.client, log }, listConfiguredChannels(settings, crews));
    domain.worker.start();
    domain.kickoffs.start();
    await domain.dialects.start();
    domain.retention.start();
    domain.deciderCount.start();
    const { port } = server.address() as AddressInfo;
    const unreached = slack.workspace.identity() ? {} : { slack: 'not reached yet' };
    log.info({ port, crews: [...crews.keys()], ...unreached }, 'ready');

    return {
      port,
      async stop() {
        log.info({}, 'stopping');
        domain.kickoffs.stop();
        await Promise.all([closeServer(server, STOP_WITHIN), web.bolt.close(), domain.worker.stop()]);
        await closeAll(closers);
      },
    };
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

async function closeAll(closers: Closers): Promise<void> {
  let failure: { error: unknown } | undefined;
  for (const close of closers.splice(0).reverse()) {
    try {
      await close();
    } catch (error) {
      failure ??= { error };
    }
  }
  if (failure) throw failure.error;
}

function listConfiguredChannels({ opsChannel }: Settings, crews: Crews): string[] {
  const channels = [...crews.values()].flatMap(listChannels);
  return [...new Set(opsChannel === undefined ? channels : [...channels, opsChannel])];
}

function warnOfUnnotified(crews: Crews, people: SlackPeople, log: Log): void {
  for (const crew of crews.values())
    if (notifiesNobody(crew, people))
      log.warn(
        { crew: crew.name, channel: crew.channel },
        'nobody is notified of cards: set NOTIFY or APPROVERS',
      );
}
