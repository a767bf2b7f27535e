import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../../src/approval/model/crew/language.ts';
import { readFingerprint } from '../../../src/approval/model/round.ts';
import { type DrawnPlace, PLACES } from '../../../src/approval/model/seen.ts';
import type { Target } from '../../../src/approval/read-round.ts';
import { LIMITS } from '../../../src/sandbox/slack/limits.ts';
import {
  buildTarget,
  modalTarget,
  readChoiceValue,
  readModalTarget,
  readPage,
  readTarget,
  writeChoice,
  writePage,
  writeTarget,
} from '../../../src/slack/app/button-values.ts';
import { MENU } from '../../../src/slack/app/ids.ts';
import { approval, round } from '../records.ts';

const AT = 1_790_000_000_000;
const openedOn = { by: 'UANA', at: AT, channel: 'CPRESS', ts: '1700000000.000001' };
const CLICK = 'UANA,CPRESS,1700000000.000001';
const anyClick = fc.record({
  at: fc.integer({ min: 0, max: 999_999_999_999_999 }),
  by: fc.stringMatching(/^U[A-Z0-9]{1,20}$/),
  channel: fc.stringMatching(/^[CDG][A-Z0-9]{1,20}$/),
  ts: fc.stringMatching(/^\d{10}\.\d{6}$/),
});
const drawn: fc.Arbitrary<DrawnPlace> = fc.record(
  {
    place: fc.constantFrom(...PLACES.filter((place) => place !== 'look_up')),
    language: fc.constantFrom(...LANGUAGES),
    hash: fc.stringMatching(/^[A-Za-z0-9_-]{12}$/),
    part: fc
      .tuple(fc.nat(2_097_152), fc.nat(2_097_152))
      .map(([one, other]) => ({ shown: Math.min(one, other), of: Math.max(one, other) })),
  },
  { requiredKeys: ['place', 'language'] },
);
const target: fc.Arbitrary<Target> = fc.record(
  {
    // Ids of 0.1.0 have ten characters, later ones sixteen.
    approvalId: fc.stringMatching(/^(?:[0-9A-HJKMNP-TV-Z]{10}|[0-9A-HJKMNP-TV-Z]{16})$/),
    round: fc.integer({ min: 1, max: 999_999 }),
    output: fc.stringMatching(/^\w{1,8}$/),
    drawn,
    openedOn: anyClick,
  },
  { requiredKeys: ['approvalId', 'round'] },
);

describe('which round a button or a modal is about', () => {
  it('is read back as it was written, with what the click on the card proves', () => {
    const shown = fc.constantFrom('output' as const, 'changes' as const);
    fc.assert(
      fc.property(target, shown, fc.nat(99_999), fc.nat(99_999), (of, content, page, opened) => {
        const { openedOn: _, ...onCard } = of;
        expect(readModalTarget(writeTarget(of))).toEqual(of);
        expect(readTarget(writeTarget(of)), 'a value outside our modals proves nothing').toEqual(onCard);
        expect(readChoiceValue(writeChoice('assign', of))).toEqual({ what: 'assign', target: onCard });
        const read = { target: of, content, page, opened };
        expect(readPage(writePage(read))).toEqual(read);
        const earlier = `${content}:${writeTarget(of)}:${page}`;
        expect(readPage(earlier), 'an earlier build counts no pages').toEqual({ ...read, opened: 0 });
        // The narrowest place is an option of the card's menu, which has no card to name.
        for (const entry of Object.values(MENU))
          expect(writeChoice(entry, onCard).length).toBeLessThanOrEqual(LIMITS.optionValue);
      }),
    );
  });

  it.each([
    ['33S00E0EDM.1', { approvalId: '33S00E0EDM', round: 1 }],
    ['33S00E0EDM.2.79bafd01', { approvalId: '33S00E0EDM', round: 2, output: '79bafd01' }],
    [
      '33S00E0EDM.2.79bafd01/look_up',
      { approvalId: '33S00E0EDM', round: 2, output: '79bafd01', via: 'look_up' },
    ],
    ['33S00E0EDM12AB34.2.79bafd01', { approvalId: '33S00E0EDM12AB34', round: 2, output: '79bafd01' }],
    [
      '33S00E0EDM.2.79bafd01/ceVq3kXW0a9fQz.15i.1aao!',
      {
        ...{ approvalId: '33S00E0EDM', round: 2, output: '79bafd01' },
        drawn: {
          place: 'card',
          language: 'en',
          hash: 'Vq3kXW0a9fQz',
          part: { shown: 1_494, of: 60_000 },
          asked: true,
        },
      },
    ],
    [
      '33S00E0EDM.2.79bafd01/upVq3kXW0a9fQz',
      {
        ...{ approvalId: '33S00E0EDM', round: 2, output: '79bafd01', via: 'look_up' },
        drawn: { place: 'look_up', language: 'pt-BR', hash: 'Vq3kXW0a9fQz' },
      },
    ],
    [
      '33S00E0EDM.2.79bafd01/psVq3kXW0a9fQz*c',
      {
        ...{ approvalId: '33S00E0EDM', round: 2, output: '79bafd01' },
        drawn: { place: 'last_page', language: 'es', hash: 'Vq3kXW0a9fQz', pages: 12 },
      },
    ],
    [`33S00E0EDM.1.79@${AT},${CLICK}`, { approvalId: '33S00E0EDM', round: 1, output: '79', openedOn }],
    [`33S00E0EDM12AB34.1@${AT},${CLICK}`, { approvalId: '33S00E0EDM12AB34', round: 1, openedOn }],
  ])('reads %s', (value, read) => {
    expect(readModalTarget(value)).toEqual(read);
  });

  it.each([
    ...[undefined, '', '33S00E0ED.1', '33S00E0EDM12AB345.1', '33s00e0edm.1', '33S00E0EDM.1.79bafd01@'],
    `33S00E0EDM.1.79bafd01@soon,${CLICK}`,
    `33S00E0EDM.1@${AT}`,
    '33S00E0EDM.1.79bafd01/card',
    '33S00E0EDM.1.79bafd01/zeVq3kXW0a9fQz',
    '33S00E0EDM.1.79bafd01/ceVq3kXW0a9fQz.1aao.15i',
    `33S00E0EDM.1@-${AT},${CLICK}`,
    `33S00E0EDM.1@${AT}.5,${CLICK}`,
    `33S00E0EDM.1@${AT},${CLICK}@${AT},${CLICK}`,
    `33S00E0EDM.1@${'9'.repeat(16)},${CLICK}`,
    `33S00E0EDM@${AT},${CLICK}.1`,
    `33S00E0EDM.1\n@${AT},${CLICK}`,
  ])('does not read %j, which is not ours', (value) => {
    expect(readModalTarget(value)).toBeUndefined();
    expect(readTarget(value)).toBeUndefined();
  });

  it('keeps a time that has fractions of a millisecond as a whole number', () => {
    const opened = { ...openedOn, at: AT + 0.75 };
    const written = writeTarget({ approvalId: '33S00E0EDM', round: 1, openedOn: opened });
    expect(readModalTarget(written)?.openedOn).toEqual(openedOn);
  });

  it('of a modal proves a click only where there was one', () => {
    const made = round({ hashes: ['79bafd0123'] });
    const of = approval([made]);
    const shown = { approvalId: of.id, round: 1, output: readFingerprint(made) };
    expect([buildTarget(of, 1), modalTarget(of, { round: 1 })]).toEqual([shown, shown]);
    expect(modalTarget(of, { round: 1, openedOn })).toEqual({ ...shown, openedOn });
    expect(writeTarget(modalTarget(of, { round: 1 }))).not.toContain('@');
  });
});
