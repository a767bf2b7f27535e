import { listChannels } from '../approval/model/crew/crew.ts';
import { isUserId } from '../approval/model/crew/slack-ids.ts';
import { listNamedPeople } from '../approval/model/crew/task-rules.ts';
import type { AlertRelay } from '../approval/notify/alert-relay.ts';
import type { Log } from '../approval/ports.ts';
import type { Config } from '../config/config.ts';
import { clientOptions, createClient } from '../slack/api/client.ts';
import { createAnnounce, createOpsChannel } from '../slack/api/ops-channel.ts';
import { createSlackLogger } from '../slack/app/logger.ts';
import { describeClockSkew, SlackTime } from '../slack/app/slack-time.ts';
import { SlackPeople } from '../slack/directory/people.ts';
import { UserGroups } from '../slack/directory/user-groups.ts';
import { Workspace } from '../slack/directory/workspace.ts';
import type { Closers, Crews } from './shared.ts';
import type { Storage } from './storage.ts';

/** The client of Slack's Web API, and what is known of the workspace. */
export function connectSlack(
  { slack, opsChannel }: Config,
  log: Log,
  {
    crews,
    alerts,
    storage,
    closers,
  }: { crews: Crews; alerts: AlertRelay; storage: Storage; closers: Closers },
) {
  const { clock, meter } = storage;
  const logger = createSlackLogger(log);
  const slackTime = new SlackTime({
    onSkew: (ahead) => {
      log.warn({ aheadInMs: Math.round(ahead) }, "host clock differs from Slack's");
      alerts.alert('clock skew', describeClockSkew(ahead) ?? '');
    },
  });
  const options = clientOptions(slack.apiUrl, logger, slackTime.fetch);
  const client = createClient(slack.botToken, options, meter.called);
  const alert = createOpsChannel({ client, channel: opsChannel, clock, log });
  alerts.connect(alert);
  const workspace = new Workspace({ client, command: slack.command, clock, log });
  const approvers = [...crews.values()].flatMap((crew) => [
    ...listNamedPeople(crew),
    ...(crew.starters ?? []),
  ]);
  const groups = new UserGroups({ client, approvers, clock, log });
  const people = new SlackPeople({
    client,
    groups,
    // Members of a channel are mentioned there, others get a direct message.
    channels: [...new Set([...crews.values()].flatMap(listChannels))].filter((id) => !isUserId(id)),
    team: workspace.identity,
    clock,
    log,
  });
  closers.push(
    () => people.close(),
    () => groups.close(),
    () => workspace.close(),
  );
  const announce = createAnnounce({ client, log });
  return { client, options, logger, slackTime, alert, announce, workspace, groups, people };
}
export type Slack = ReturnType<typeof connectSlack>;
