import type { App } from '../app.ts';
import { buildCardFacts, hashCardFacts } from '../card-facts.ts';
import { forgetShown, freezeCard, recordCard, removeCard } from '../lifecycle/lanes.ts';
import { addNote } from '../lifecycle/rounds.ts';
import { applyEvent } from '../lifecycle/transitions.ts';
import type { Approval } from '../model/approval.ts';
import { isUserId } from '../model/crew/slack-ids.ts';
import { resolveRules } from '../model/crew/task-rules.ts';
import type { Card, Round } from '../model/round.ts';
import { type Audience, findAssignee, findCardAudience } from '../notify/audience.ts';
import { buildFurtherNotices, loadOutput } from '../notify/post-note.ts';
import type { CardContent, CardFailure } from '../ports.ts';
import { describeSlackFailure, readCardFailure } from './slack-failure.ts';
import type { StepOutcome } from './work.ts';

export async function postCard(app: App, approval: Approval, asked: Round): Promise<StepOutcome<Approval>> {
  const waits = asked.status === 'waiting';
  const assignee = waits ? await findAssignee(app, approval, asked) : undefined;
  const round = assignee === undefined ? asked : { ...asked, assignee };
  const audience: Audience = waits
    ? await findCardAudience(app, approval, round)
    : { mention: [], direct: [] };
  const { now: mentioned, later } = app.mentions.admit(approval.channel, audience.mention, audience.always);
  const crew = app.crews.get(approval.crew);
  const broadcast = waits && crew !== undefined && resolveRules(crew, approval)[0]?.rounds !== 'thread';
  try {
    const { nobody } = audience;
    const posted = { ...round, mentioned, ...(nobody ? { unnotified: nobody } : {}) };
    const content = await loadContent(app, approval, posted);
    const shown = hashCardFacts(buildCardFacts(approval, posted));
    const where = await app.cards.post(content, { broadcast });
    app.mentions.remember(approval.channel, mentioned);
    const notices = buildFurtherNotices(
      app.clock,
      round.number,
      { direct: audience.direct, later },
      'waiting',
    );
    const apply = (current: Approval) => {
      const posted = recordCard(current, round.number, { ...where, shown }, app.clock.now(), {
        mentioned,
        nobody,
        assignee,
      });
      return notices.reduce(addNote, posted);
    };
    return {
      apply,
      failed: false,
      fact: 'card posted',
      about: { round: round.number, channel: where.channel },
    };
  } catch (error) {
    const failure = readCardFailure(error);
    return moveCardToChannel(app, approval, failure) ?? describeSlackFailure(app, approval, 'card', failure);
  }
}
/** A direct message that Slack rejects goes to the crew's channel. */
function moveCardToChannel(
  app: App,
  approval: Approval,
  failure: CardFailure,
): StepOutcome<Approval> | undefined {
  const channel = app.crews.get(approval.crew)?.channel;
  const refused = failure.kind === 'blocked' && failure.of === 'channel';
  if (!refused || !isUserId(approval.channel) || channel === undefined) return undefined;
  const why = failure.reason;
  const apply = (current: Approval) =>
    applyEvent(current, { type: 'dm_rejected', at: app.clock.now(), channel, why });
  const about = { to: approval.channel, channel, reason: why };
  return { apply, failed: true, fact: 'direct message rejected, card goes to the channel', about };
}
export async function updateCard(
  app: App,
  approval: Approval,
  round: Round,
  card: Card,
): Promise<StepOutcome<Approval>> {
  const shown = hashCardFacts(buildCardFacts(approval, round));
  const about = { round: round.number, status: round.status };
  try {
    await app.cards.update(await loadContent(app, approval, round), card);
    const apply = (current: Approval) =>
      recordCard(current, round.number, { ...card, shown }, app.clock.now());
    return { apply, failed: false, fact: 'card updated', about };
  } catch (error) {
    const failure = readCardFailure(error);
    if (failure.kind === 'frozen') {
      const apply = (current: Approval) => freezeCard(current, round.number, card, shown, app.clock.now());
      return { apply, failed: true, fact: 'card no longer editable', about };
    }
    if (failure.kind !== 'gone') {
      const failed = describeSlackFailure(app, approval, 'card', failure);
      return { ...failed, apply: (current) => failed.apply(forgetShown(current, round.number, card)) };
    }
    const apply = (current: Approval) => removeCard(current, round.number, card, shown);
    return { apply, failed: true, fact: 'card deleted in Slack', about };
  }
}
async function loadContent(app: App, approval: Approval, round: Round): Promise<CardContent> {
  const preview = app.crews.get(approval.crew)?.preview;
  return { approval, round, output: await loadOutput(app, approval, round), preview };
}
