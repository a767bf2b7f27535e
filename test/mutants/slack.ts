import type { Mutants } from './mutant.ts';

export const mutants: Mutants = {
  'src/slack/api/clicked-cards.ts': [['const VALIDITY = 25 * 60_000;', 'const VALIDITY = 45 * 60_000;']],
  'src/slack/api/home.ts': [["if (priority === 'background' && viewJson === tab.shown) return false;", '']],
  'src/slack/api/ops-channel.ts': [['sentAt.delete(cause);', '']],
  'src/slack/api/reply.ts': [
    [
      'threadTs ? [postEphemeral, respondByUrl] : [respondByUrl, postEphemeral]',
      '[respondByUrl, postEphemeral]',
    ],
  ],
  'src/slack/app/late-clicks.ts': [['Math.max(length, previousLength)', 'length']],
  'src/slack/app/request-gate.ts': [
    ['if (largeBodies >= MAX_LARGE_BODIES)', 'if (largeBodies > MAX_LARGE_BODIES)'],
    ["response.once('close', endReading);", ''],
  ],
  'src/slack/app/slack-time.ts': [['ended - began > SLOWEST_ANSWER', 'ended - began > 2 * SLOWEST_ANSWER']],
  'src/slack/directory/members.ts': [['isMember || (list.complete ? false : undefined)', 'isMember']],
  'src/slack/directory/people.ts': [['is_ultra_restricted || user.is_stranger', 'is_ultra_restricted']],
  'src/slack/views/modals/decision-modals.ts': [["|| via === 'look_up')", ')', 'slack/views/unread-box']],
  'src/slack/views/lists/look-up.ts': [
    ["      'look_up',\n    ),", "      'home',\n    ),", 'slack/views/unread-box'],
  ],
  'src/slack/listeners/click.ts': [
    ["{ via: 'modal', ...readCardClick(modal) }", "{ via: 'modal' }", 'world/last-page'],
    ['if (place.isEphemeral || isElsewhere)', 'if (place.isEphemeral)', 'slack/listeners/clicks'],
    ['unsure ? refusals.perhapsRecorded : refusals', 'refusals', 'slack/listeners/clicks'],
  ],
  'src/slack/listeners/forms.ts': [
    [
      "action: 'approve',\n      ...(forPeople ? { note: feedback } : { feedback, note }),",
      "action: 'approve', feedback, note,",
    ],
  ],
  'src/slack/listeners/submit-form.ts': [
    ["  'superseded',\n", '', 'slack/listeners/forms'],
    ["view.previous_view_id ? ack({ response_action: 'clear' }) : ack()", 'ack()', 'world/last-page'],
  ],
  'src/slack/listeners/reading.ts': [
    ['else if (clock.now() > until)', 'else if (clock.now() > until + 200)'],
    ["if (readSlackError(error) === 'hash_conflict') return;", ''],
  ],
  'src/slack/texts/runs.ts': [["'1 more input'", "'One more input'", 'slack/texts/en']],
  'src/slack/views/card/state.ts': [
    ['\n      if (isNotWaiting) return [texts.state.notWaiting(endDate)];', '', 'slack/views/card'],
  ],
  'src/slack/views/lists/list.ts': [
    ["(query.kind === 'history' || person)", "query.kind === 'history'", 'slack/views/lists'],
    ['labels.length <= LONGEST_OPTIONS', 'labels.length < 2 * LONGEST_OPTIONS', 'slack/views/lists'],
  ],
  'src/slack/views/text/truncate.ts': [
    ['fence === undefined ? dropTrailingHeading(beginning) : beginning', 'beginning', 'slack/views/mrkdwn'],
  ],
};
