import { currentRound } from '../../approval/model/approval.ts';
import { respond } from '../api/respond.ts';
import { buildHelp } from '../views/lists/help.ts';
import { buildApprovalView, buildFoundApprovals } from '../views/lists/look-up.ts';
import { buildRunStatus } from '../views/lists/run-status.ts';
import { buildStats } from '../views/lists/stats.ts';
import type { MessageView } from '../views/message-view.ts';
import { buildSentence } from '../views/message-view.ts';
import {
  describeLookUpRefusal,
  describeNotFound,
  describeUnknownPerson,
  NOT_LOOKED_UP,
} from '../views/text/sentences.ts';
import type { CommandArgs } from './command-args.ts';
import { type Command, readCommand } from './command-words.ts';
import { failureSentence, type ListenerContext } from './context.ts';
import { createListPages } from './list-pages.ts';
import { createTypedDecisions } from './typed-decisions.ts';

/** Slack waits 3 s for the ack, and so does a person for what only the store has to say. */
const ACKED_WITHIN = 2_400;
/** CrewAI and Slack may take longer, and so may a decision: their answer comes by the response_url. */
const MAY_TAKE_LONGER = new Set<Command['kind']>(['status', 'stats', 'approve']);

/** `/approvals`: what waits, one approval, history, figures, and decisions without a card. Only the asker sees the answer. */
export function createApprovalsCommand(context: ListenerContext) {
  const { service, deciders, lookUps, links, clock, log } = context;
  const pages = createListPages(context);
  const typed = createTypedDecisions(context);

  type Asked = Exclude<Command, { kind: 'revise' }>;

  async function answer(command: Asked, person: string): Promise<MessageView> {
    switch (command.kind) {
      case 'list':
        return list(command, person);
      case 'look':
        return look(command, person);
      case 'status': {
        const report = await lookUps.status(person, command.id);
        return 'code' in report
          ? buildSentence(describeLookUpRefusal(report))
          : buildRunStatus(report, links);
      }
      case 'stats': {
        const found = await lookUps.stats(person, command.days);
        return 'code' in found ? buildSentence(describeLookUpRefusal(found)) : buildStats(found);
      }
      case 'approve':
        return typed.approve(command, person);
      case 'help':
        return buildHelp(links.command);
      case 'wrong':
        return buildHelp(links.command, command.sentence);
    }
  }

  async function list({ query, named }: Extract<Command, { kind: 'list' }>, person: string) {
    if (named !== undefined) return buildSentence(describeUnknownPerson(named));
    return pages.view(person, { query, before: [] });
  }

  async function look({ id, nearest }: Extract<Command, { kind: 'look' }>, person: string) {
    const approvals = await lookUps.named(person, id);
    if (!Array.isArray(approvals)) return buildSentence(describeLookUpRefusal(approvals));
    const [only, ...others] = approvals;
    if (!only) {
      const meant = nearest ? ` Did you mean \`${nearest}\`?` : '';
      // A word without a digit is hardly an id.
      return nearest || !/\d/.test(id)
        ? buildHelp(links.command, `${describeNotFound(id)}${meant}`)
        : buildSentence(describeNotFound(id));
    }
    if (others.length > 0) return buildFoundApprovals(approvals, links);
    const output = (await deciders.maySee(only, person))
      ? await service.output(only, currentRound(only))
      : undefined;
    return buildApprovalView(only, output, links);
  }

  return async (args: CommandArgs): Promise<void> => {
    const { ack, command } = args;
    const asked = readCommand(command.text, clock.now(), links.command);
    if (asked.kind === 'revise') return typed.revise(asked, args);
    const answered = answer(asked, command.user_id).catch((error: unknown): MessageView => {
      log.error({ error, command: asked.kind }, 'a look-up failed');
      return buildSentence(asked.kind === 'approve' ? failureSentence(log, error) : NOT_LOOKED_UP);
    });
    let cancel = () => {};
    const late = new Promise<undefined>((resolve) => {
      cancel = clock.after(ACKED_WITHIN, () => resolve(undefined));
    });
    const early = await Promise.race([answered, late]);
    cancel();
    const respondWith = (view: MessageView) =>
      respond(command.response_url, view).catch((error: unknown) =>
        log.error({ person: command.user_id, error }, 'a person could not be told what they asked for'),
      );
    const ackWith = (view: MessageView) =>
      ack({ response_type: 'ephemeral', ...view }).catch(() => respondWith(view));
    if (early) await ackWith(early);
    else if (!MAY_TAKE_LONGER.has(asked.kind)) {
      log.error({ command: asked.kind }, 'a look-up took too long');
      await ackWith(buildSentence(NOT_LOOKED_UP));
    } else {
      await ack();
      await respondWith(await answered);
    }
  };
}
