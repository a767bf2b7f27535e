import type { Mutants } from './mutant.ts';

export const mutants: Mutants = {
  'src/slack/api/clicked-cards.ts': [['const VALID_FOR = 25 * 60_000;', 'const VALID_FOR = 45 * 60_000;']],
  'src/slack/api/home.ts': [["if (priority === 'tidy' && shown === tab.shown) return false;", '']],
  'src/slack/api/ops-channel.ts': [['sentAt.delete(cause);', '']],
  'src/slack/api/reply.ts': [
    [
      'return threadTs ? [postEphemeral, respondByUrl] : [respondByUrl, postEphemeral];',
      'return [respondByUrl, postEphemeral];',
    ],
  ],
  'src/slack/app/late-clicks.ts': [['Math.max(length, before)', 'length']],
  'src/slack/app/request-gate.ts': [
    ['if (reading >= MAX_LARGE)', 'if (reading > MAX_LARGE)'],
    ["response.once('close', finish);", ''],
  ],
  'src/slack/app/slack-time.ts': [['ended - began > SLOWEST_ANSWER', 'ended - began > 2 * SLOWEST_ANSWER']],
  'src/slack/directory/members.ts': [
    ['return found || (list.complete ? false : undefined);', 'return found;'],
  ],
  'src/slack/directory/people.ts': [
    [
      'user.is_restricted || user.is_ultra_restricted || user.is_stranger',
      'user.is_restricted || user.is_ultra_restricted',
    ],
  ],
  'src/slack/listeners/click.ts': [
    ['if (place.isEphemeral || isElsewhere)', 'if (place.isEphemeral)', 'slack/listeners/clicks'],
    [
      'return unsure ? texts.refusals.perhapsRecorded : texts.refusals.notRecorded;',
      'return texts.refusals.notRecorded;',
      'slack/listeners/clicks',
    ],
  ],
  'src/slack/listeners/forms.ts': [
    ['...(forPeople ? { note: feedback } : { feedback, note }),', 'feedback, note,'],
    ["  'superseded',\n", ''],
  ],
  'src/slack/listeners/listeners.ts': [
    ['isDecision(readCommand(text, 0))', "readCommand(text, 0).kind === 'approve'", 'slack/app/late-clicks'],
  ],
  'src/slack/listeners/reading.ts': [
    ['else if (clock.now() > until)', 'else if (clock.now() > until + 200)'],
    ["if (slackErrorOf(error) === 'hash_conflict') return;", ''],
  ],
  'src/slack/texts/en.ts': [
    ["plural(more, '1 more input', '# more inputs')", "plural(more, 'One more input', '# more inputs')"],
  ],
  'src/slack/views/card/state.ts': [
    [
      "case 'resolved_elsewhere':\n      if (isNotWaiting) return [texts.card.notWaiting(end)];",
      "case 'resolved_elsewhere':",
      'slack/views/card',
    ],
  ],
  'src/slack/views/lists/home.ts': [
    [
      "inbox.starts ? [button(ACTIONS.startCrew, texts.forms.startTitle, 'start')] : []",
      '[]',
      'slack/api/home',
    ],
  ],
  'src/slack/views/lists/list.ts': [
    [
      "decided && (query.kind === 'history' || person) ? decided",
      "decided && query.kind === 'history' ? decided",
      'slack/views/lists',
    ],
    ['labels.length <= LONGEST_OPTIONS', 'labels.length < 2 * LONGEST_OPTIONS', 'slack/views/lists'],
  ],
  'src/slack/views/runs/start-form.ts': [
    [
      'const optional = isOptional(known, name) && !isMissing;',
      'const optional = isOptional(known, name);',
      'slack/views/start-form',
    ],
  ],
  'src/slack/views/text/truncate.ts': [
    [
      'const kept = endsInFence(whole) ? whole : dropTrailingHeading(whole);',
      'const kept = whole;',
      'slack/views/mrkdwn',
    ],
  ],
};
