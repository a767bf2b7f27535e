import type { Mutants } from './mutant.ts';

export const mutants: Mutants = {
  'src/approval/notify/stand-ins.ts': [
    ['!away.has(substitute) &&', 'away.has(id) &&', 'world/away'],
    ['!taken.has(substitute) &&', 'away.has(id) &&', 'world/away'],
    ['canDecideNow(app, approval, substitute, run)', 'run !== undefined', 'world/away'],
    [
      'everyone.has(id) && !hasDecidedSince(approval, id, since)',
      'everyone.has(id) && since > 0',
      'world/away',
    ],
  ],
  'src/approval/away.ts': [
    ["if (!all.includes('yes')) return { code: 'not_able' };", '', 'world/away'],
    ['(all) => all.get(substitute) ?? all.set(person, away)', '(all) => all.set(person, away)', 'world/away'],
    ['const zone = people.timeZone(person) ?? ', 'const zone = ', 'world/away'],
    ['all.set(person, { ...away, told: true })', 'all', 'world/away'],
  ],
  'src/approval/decide.ts': [
    [
      "return via !== 'modal' && (!onCard || round.question?.isLong === true);",
      'return false;',
      'world/tools',
    ],
    ['(!onCard || round.question?.isLong === true)', '!onCard', 'slack/listeners/clicks'],
  ],
  'src/approval/signed-events.ts': [
    ["(type === 'approval.opened' && fact.at !== round.receivedAt)", 'false', 'world/events'],
    [
      '...(withTexts ? describeTexts(type, round, outputs) : {}),',
      '...describeTexts(type, round, outputs),',
      'world/events',
    ],
  ],
  'src/events/event-sender.ts': [
    ['clock.now() - event.at > DROPPED_AFTER', 'false', 'world/events'],
    [
      "if (outcome.kind === 'unavailable') this.#down",
      "if (outcome.kind !== 'gone') this.#down",
      'world/events',
    ],
    ['this.#runs.get(run)?.until ?? 0', '0', 'world/events'],
  ],
  'src/events/send-event.ts': [
    ["redirect: 'manual'", "redirect: 'follow'"],
    ["if (status === 410) return { kind: 'gone' };", '', 'world/events'],
  ],
  'src/slack/api/cards.ts': [['speak(languageOf(crew), ', "speak('en', ", 'world/languages']],
  'src/slack/app/languages.ts': [
    ['people.language(person) ?? fallback', 'fallback', 'world/languages'],
    ['await withTimeout(LEARN_TIMEOUT', 'void withTimeout(LEARN_TIMEOUT', 'world/languages'],
  ],
  'src/slack/listeners/click.ts': [
    ['if (!answer.done) await app.languages.learn(by);', '', 'world/languages'],
  ],
  'src/slack/views/modals/reading-modals.ts': [
    ['offered: page > 1 && !stepwise', 'offered: page > 1', 'world/tools'],
    ['const isLast = place.page === place.of - 1;', 'const isLast = true;', 'world/tools'],
  ],
  'src/store/chain.ts': [
    ['let last = head ?? opening;', "let last = head ?? '';", 'store/history'],
    ['link.hash !== computed ||', '', 'store/history'],
    ['else if (head !== undefined && entries.every', 'else if (false && entries.every', 'store/history'],
  ],
};
