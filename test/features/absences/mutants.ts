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
      'able.size + voters.length >= required) return standIn;',
      'required > 0) return standIn;',
      'features/absences/world',
    ],
    [
      'everyone.has(id) && !hasDecidedSince(approval, id, since)',
      'everyone.has(id) && since > 0',
      'features/absences/world',
    ],
    ['return members.length > LARGE_AUDIENCE ? [] : members;', 'return members;', 'features/absences/world'],
    [
      'const outsiders = substitutes.filter((id) => id !== channel);',
      'const outsiders: string[] = [];',
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
      "if (!decidableRows.some(({ substituteRight }) => substituteRight === 'yes')) return { code: 'not_able' };",
      '',
      'features/absences/world',
    ],
    [
      "if (substituteAbsence) return { code: 'substitute_away', day: substituteAbsence.day };",
      '',
      'features/absences/world',
    ],
    [
      'since: awayById.get(person)?.since ?? app.clock.now()',
      'since: app.clock.now()',
      'features/absences/world',
    ],
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
      'away.get(to)?.substitute === about && away.has(about) ? [notice] : []',
      '[notice]',
      'features/absences/world',
    ],
    ['if (sentNotice?.day !== notice.day)', 'if (sentNotice === undefined)', 'features/absences/world'],
    ["what === 'stands_in' && until > now &&", "what === 'stands_in' &&", 'features/absences/world'],
    ['now - endedAt >= END_NOTICE_DELAY', 'now >= endedAt', 'features/absences/world'],
    ['other.until > now && !isSameNotice(other, notice)', 'other.until > now', 'features/absences/world'],
  ],
};
