import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FEATURES } from '../../../src/features/index.ts';
import { writeListPage } from '../../../src/slack/app/button-values.ts';
import { readCommand } from '../../../src/slack/listeners/read-command.ts';
import { en } from '../../../src/slack/texts/texts.ts';
import { hostileText } from '../hostile.ts';

const DAY = 24 * 60 * 60_000;
const NOW = Date.UTC(2026, 5, 15, 12);
const COMMANDS = FEATURES.flatMap(({ commands }) => commands ?? []);
const read = (text: string) => readCommand(text, NOW, '/approvals', COMMANDS);
const list = (query: object, more: object = {}) => ({ kind: 'list', query, ...more });

describe('the text of /approvals', () => {
  test.each([
    ['', list({ kind: 'waiting' })],
    ['waiting', list({ kind: 'waiting' })],
    ['WAITING mine', list({ kind: 'waiting', mine: true })],
    ['mine', list({ kind: 'waiting', mine: true })],
    ['waiting press', list({ kind: 'waiting', crew: 'press' })],
    ['waiting mine press', list({ kind: 'waiting', crew: 'press', mine: true })],
    ['find spring  budget', list({ kind: 'find', words: 'spring budget' })],
    ['find @ben spring', list({ kind: 'find', words: 'spring' }, { named: 'ben' })],
    ['find <@U0123ABCD|ana>', list({ kind: 'find', words: '', person: 'U0123ABCD' })],
    ['find @U0123ABCD x', list({ kind: 'find', words: 'x', person: 'U0123ABCD' })],
    ['find US2026BUDGET', list({ kind: 'find', words: 'US2026BUDGET' })],
    ['history', list({ kind: 'history' })],
    ['history press', list({ kind: 'history', crew: 'press' })],
    ['history <@U0123ABCD|ana> press', list({ kind: 'history', crew: 'press', person: 'U0123ABCD' })],
    ['history UPRESSCREW', list({ kind: 'history', crew: 'UPRESSCREW' })],
    ['history @ana', list({ kind: 'history' }, { named: 'ana' })],
    ['history since 7d', list({ kind: 'history', since: NOW - 7 * DAY })],
    ['history since 2 weeks', list({ kind: 'history', since: NOW - 14 * DAY })],
    ['history since 12 h', list({ kind: 'history', since: NOW - DAY / 2 })],
    ['history since 2026-01-31', list({ kind: 'history', since: Date.UTC(2026, 0, 31) })],
    ['7XK2M9QD4T', { kind: 'look', id: '7XK2M9QD4T' }],
    ['`7XK2M9QD4T`', { kind: 'look', id: '7XK2M9QD4T' }],
    ['status 97eba64f', { kind: 'status', id: '97eba64f' }],
    ['approve 7XK2M9QD4THV9F8D', { kind: 'look', id: '7XK2M9QD4THV9F8D', decides: true }],
    ['APPROVE 7xk2m9.12 looks  good', { kind: 'look', id: '7xk2m9', decides: true }],
    ['revise `7XK2M9QD4T.3`', { kind: 'look', id: '7XK2M9QD4T', decides: true }],
    ['choose 7XK2M9QD4T publish', { kind: 'look', id: '7XK2M9QD4T', decides: true }],
    ['approve 97eba64f-1111-4222', { kind: 'look', id: '97eba64f-1111-4222', decides: true }],
    ['stat', { kind: 'look', id: 'stat', nearest: 'stats' }],
    ['97eba64f-1111', { kind: 'look', id: '97eba64f-1111' }],
    ['runs press mine', { kind: 'runs', crew: 'press', mine: true }],
    ['help', { kind: 'help' }],
    ['esperando mías press', list({ kind: 'waiting', crew: 'press', mine: true })],
    ['Minhas', list({ kind: 'waiting', mine: true })],
    ['aprovar 7XK2M9QD4T.2 Ótimo', { kind: 'look', id: '7XK2M9QD4T', decides: true }],
    ['aprobar 7XK2M9QD4T', { kind: 'look', id: '7XK2M9QD4T', decides: true }],
    ['revisar 7XK2M9QD4T', { kind: 'look', id: '7XK2M9QD4T', decides: true }],
    ['elegir 7XK2M9 publicar', { kind: 'look', id: '7XK2M9', decides: true }],
    ['escolher 7XK2M9 1', { kind: 'look', id: '7XK2M9', decides: true }],
    ['histórico desde 2 semanas', list({ kind: 'history', since: NOW - 14 * DAY })],
    ['historial press desde 7 días', list({ kind: 'history', crew: 'press', since: NOW - 7 * DAY })],
    ['execuções minhas', { kind: 'runs', mine: true }],
    ['ajuda', { kind: 'help' }],
  ])('reads %j as %j', (text, command) => {
    expect(read(text)).toEqual(command);
  });

  test.each([
    ['statsu press', /don't know this command.*`stats`/],
    ['histroy press', /`history`/],
    ['compose me a story', /^I don't know this command\.$/],
    ['find', /^Say what to find/],
    ['find @ana @ben', /^Give at most one @person, and words/],
    ['status', /^Type the ID of one run: `status /],
    ['waiting press budget', /^Name one crew at most/],
    ['history press budget', /^Give at most one crew, one @person and `since`/],
    ['history since', /^Say since when/],
    ['history since yesterday', /^Say since when/],
    ['history since 2026-02-31', /^Say since when/],
    ['approve', /^Decisions are made with the buttons/],
    ['runs press sales', /^Name one crew at most/],
  ])('answers %j with an example that works', (text, sentence) => {
    const command = read(text);
    expect(command.kind === 'wrong' && command.sentence(en)).toMatch(sentence);
  });

  test('keeps only as much of a long text as an answer and its buttons have room for', () => {
    const long = 'U'.repeat(8_000);
    expect(read(long)).toMatchObject({ id: 'U'.repeat(256) });
    expect(read(`status ${long}`)).toMatchObject({ id: 'U'.repeat(256) });
    expect(read(`find ${long}`)).toMatchObject({ query: { words: 'U'.repeat(200) } });
    expect(read(`history <@${long}>`)).toMatchObject({ query: { kind: 'history', crew: `<@${long}>` } });
    expect(read(`approve ${long}`)).toMatchObject({ id: 'U'.repeat(256), decides: true });
  });
});

const words = fc.oneof(
  fc.constantFrom(...'waiting find history status stats approve revise help since mine'.split(' ')),
  fc.constantFrom('<@U0123ABCD|ana>', '@', '@ana', '7d', '2', 'weeks', '2026-01-31', '7XK2M9QD4T.2', '`'),
  fc.string({ unit: 'binary' }),
  hostileText,
);

test('reads any text as a command, and fits each list into a button', () => {
  fc.assert(
    fc.property(fc.array(words, { maxLength: 8 }), fc.constantFrom(' ', '  ', '\n'), (parts, gap) => {
      const command = read(parts.join(gap));
      if (command.kind === 'wrong') expect(command.sentence(en).length).toBeLessThan(300);
      if (command.kind !== 'list') return;
      const { query } = command;
      if (query.kind === 'history') expect(query.person ?? '').toMatch(/^([A-Z0-9]{1,30})?$/);
      // A crew is one of the settings by the time that a page is written.
      if ('crew' in query) query.crew = 'x'.repeat(64);
      const place = '1/000001790000000/A000000001';
      const page = { query, after: place, before: Array<string>(30).fill(place) };
      expect(writeListPage(page).length).toBeLessThanOrEqual(2_000);
    }),
  );
});
