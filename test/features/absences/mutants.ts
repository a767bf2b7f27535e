import type { Mutants } from '../../mutants/mutant.ts';

export const mutants: Mutants = {
  'src/approval/notify/stand-ins.ts': [
    [
      "away.has(substitute) ? 'no' : await checkRight(app, approval, substitute)",
      'await checkRight(app, approval, substitute)',
      'features/absences/world',
    ],
    [
      "right === 'yes' ? { asked: true as const }",
      "right !== 'cannot_check' ? { asked: true as const }",
      'features/absences/world',
    ],
    [
      'able.size + voted.length >= required) return one;',
      'required > 0) return one;',
      'features/absences/world',
    ],
    [
      'everyone.has(id) && !hasDecidedSince(approval, id, since)',
      'everyone.has(id) && since > 0',
      'features/absences/world',
    ],
    ['return all.length > LARGE_AUDIENCE ? [] : all;', 'return all;', 'features/absences/world'],
    [
      'const others = substitutes.filter((id) => id !== channel);',
      'const others: string[] = [];',
      'features/absences/world',
    ],
    ['.filter((id) => !hasVoted(approval, id)),', ',', 'features/absences/world'],
    [
      'if (MAY_BE_ASKED.has(await checkRight(app, approval, id))) able.add(id);',
      'able.add(id);',
      'features/absences/world',
    ],
  ],
  'src/approval/away.ts': [
    [
      "if (!own.some(({ other }) => other === 'yes')) return { code: 'not_able' };",
      '',
      'features/absences/world',
    ],
    ["if (other) return { code: 'substitute_away', day: other.day };", '', 'features/absences/world'],
    ['since: all.get(person)?.since ?? app.clock.now()', 'since: app.clock.now()', 'features/absences/world'],
  ],
  'src/approval/worker/absence-notices.ts': [
    ['NOTICE_LEASE) > now', 'NOTICE_LEASE) > now && false', 'features/absences/world'],
    ['if (!isRejected(failure)) return false;', '', 'features/absences/world'],
  ],
  'src/approval/notify/post-note.ts': [
    [', ...askThemselves(app, approval, note)', '', 'features/absences/world'],
  ],
  'src/approval/model/away.ts': [
    [
      'away.get(to)?.substitute === about && away.has(about) ? [one] : []',
      '[one]',
      'features/absences/world',
    ],
    ['if (known?.day !== one.day)', 'if (known === undefined)', 'features/absences/world'],
    ["what === 'stands_in' && until > now &&", "what === 'stands_in' &&", 'features/absences/world'],
    ['now - endedAt >= ENDS_AFTER', 'now >= endedAt', 'features/absences/world'],
    ['one.until > now && !isSameNotice(one, sent)', 'one.until > now', 'features/absences/world'],
  ],
};
