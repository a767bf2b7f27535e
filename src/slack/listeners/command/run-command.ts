import { withTimeout } from '../../../lib/deadline.ts';
import { respond } from '../../api/respond.ts';
import { buildHelp } from '../../views/lists/help.ts';
import { buildSentence, type MessageView } from '../../views/message-view.ts';
import { NOT_LOOKED_UP } from '../../views/text/sentences.ts';
import { explainStoreFailure } from '../answer-in-time.ts';
import type { ListenerContext } from '../context.ts';
import { approveByCommand } from './approve.ts';
import { chooseByCommand } from './choose.ts';
import type { CommandArgs } from './command-args.ts';
import { listApprovals, lookUpById, lookUpRuns, lookUpStats, lookUpStatus } from './look-up.ts';
import { type Command, readCommand } from './read-command.ts';
import { reviseByCommand } from './revise.ts';
import { startByCommand } from './start.ts';

/** Slack waits 3 s for the ack, and a person waits as long for what only the store has to answer. */
const ACK_TIMEOUT = 2_400;
/** CrewAI and Slack may take longer, and so may a decision: these are answered by the response_url. */
const MAY_TAKE_LONGER: ReadonlySet<Command['kind']> = new Set(['status', 'stats', 'approve', 'choose']);

type Answered = Exclude<Command, { kind: 'revise' | 'run' }>;

/** A person typed `/approvals`: answers only them. */
export async function runCommand(context: ListenerContext, args: CommandArgs): Promise<void> {
  const { clock, links } = context;
  const asked = readCommand(args.command.text, clock.now(), links.command);
  if (asked.kind === 'revise') return reviseByCommand(context, asked, args);
  if (asked.kind === 'run') return startByCommand(context, asked, args);
  const answered = answerOrExplain(context, asked, args.command.user_id);
  const early = await withTimeout(ACK_TIMEOUT, () => answered).catch(() => undefined);
  if (early) await ackWith(context, args, early);
  else if (!MAY_TAKE_LONGER.has(asked.kind)) {
    context.log.error({ command: asked.kind }, 'lookup too late');
    await ackWith(context, args, buildSentence(NOT_LOOKED_UP));
  } else {
    await args.ack();
    await respondWith(context, args, await answered);
  }
}

/** Never rejects. */
async function answerOrExplain(
  context: ListenerContext,
  asked: Answered,
  person: string,
): Promise<MessageView> {
  try {
    return await answerCommand(context, asked, person);
  } catch (error) {
    context.log.error({ error, command: asked.kind }, 'lookup failed');
    return buildSentence(
      asked.kind === 'approve' || asked.kind === 'choose'
        ? explainStoreFailure(context.log, error)
        : NOT_LOOKED_UP,
    );
  }
}

async function answerCommand(
  context: ListenerContext,
  asked: Answered,
  person: string,
): Promise<MessageView> {
  switch (asked.kind) {
    case 'list':
      return listApprovals(context, asked, person);
    case 'look':
      return lookUpById(context, asked, person);
    case 'status':
      return lookUpStatus(context, asked, person);
    case 'runs':
      return lookUpRuns(context, asked, person);
    case 'stats':
      return lookUpStats(context, asked, person);
    case 'approve':
      return buildSentence(await approveByCommand(context, asked, person));
    case 'choose':
      return buildSentence(await chooseByCommand(context, asked, person));
    case 'help':
      return buildHelp(context.links.command);
    case 'wrong':
      return buildHelp(context.links.command, asked.sentence);
  }
}

/** Acks with an answer; if Slack no longer accepts the ack, sends the answer by the response_url. */
async function ackWith(context: ListenerContext, args: CommandArgs, view: MessageView): Promise<void> {
  await args.ack({ response_type: 'ephemeral', ...view }).catch(() => respondWith(context, args, view));
}

async function respondWith(
  { log, reply }: ListenerContext,
  { command }: CommandArgs,
  view: MessageView,
): Promise<void> {
  const { user_id: user, channel_id: channel, response_url: url } = command;
  await respond(url, view).catch(async (error: unknown) => {
    log.error({ person: user, error }, 'response to command failed');
    await reply({ user, channel }, view.text);
  });
}
