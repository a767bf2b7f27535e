import { describe, expect, test } from 'vitest';
import { happen, playRun, review, type Story, tell } from './played-run.ts';
import { MINUTE } from './world.ts';

const FIRST = '1 review: waiting';
const escalation = { event_type: 'escalation' };
const second = { id: 'review-2', output: 'Another' };
const minutesAgo = (n: number) => ({
  created_at: new Date(Date.UTC(2026, 10, 2, 12) - n * MINUTE).toISOString(),
});

describe('a review of a Flow', () => {
  // biome-ignore format: a table
  test.each<Story>([
    ['opens a card', [review()], [FIRST]],
    ['with the same request is a redelivery, whatever it brings',
      [review(), review({ output: 'Another', emit: ['x'] })], [FIRST]],
    ['with another request is the next round', [review(), review(second)],
      ['1 review: superseded', '1 review (round 2): waiting']],
    ['that was asked before the newest one, and comes after it, opens nothing',
      [review({ ...second, ...minutesAgo(1) }), review(minutesAgo(2)),
      review({ ...escalation, ...minutesAgo(2) })], [FIRST]],
    ['of the same moment is the next round', [review({ ...second, ...minutesAgo(1) }), review(minutesAgo(1))],
      ['1 review: superseded', '1 review (round 2): waiting']],
    ['without a time is the next round',
      [review({ ...second, ...minutesAgo(1) }), review({ created_at: undefined })],
      ['1 review: superseded', '1 review (round 2): waiting']],
    ['in another run, or of another method, is another approval', [review(),
      review({ ...second, flow_execution_id: 'run-2' }), review({ id: 'review-3', method_name: 'check' })],
      [FIRST, '2 review: waiting', expect.stringMatching(/^3 check: waiting/)]],
    ['as an escalation that is not known opens a card', [review(escalation)], [FIRST]],
    ['as an escalation asks once more, and opens nothing', [review(), review(escalation), review(escalation)],
      [FIRST], { notes: [expect.stringContaining('still waiting')] }],
    ['whose run is not named has a card of its own while another one waits',
      [review({ flow_execution_id: undefined }), review({ ...second, flow_execution_id: undefined })],
      [FIRST, '2 review: waiting']],
    ['whose run is not named is known again by its request', [review({ flow_execution_id: undefined }),
      review({ ...second, flow_execution_id: undefined }),
      review({ ...second, flow_execution_id: undefined })], [FIRST, '2 review: waiting']],
  ])('%s', async (...story) => {
    await tell(story, { flow: true });
  });

  test('shows its question, its output and its options', async () => {
    const run = await happen(
      await playRun({ flow: true }),
      review({ default_outcome: 'discard', state: { draft: 2 } }),
    );
    for (const words of ['Is it ready?', 'A report', 'publish', 'discard', 'Without an answer: discard'])
      expect(run.card().text).toContain(words);
  });

  test('is in the channel of its method, and needs as many people as that says', async () => {
    const tasks = JSON.stringify([{ match: 'legal*', channel: 'CPRESS', approvals_required: 2 }]);
    const run = await playRun({ flow: true, settings: { TASKS: tasks } });
    await run.review({ method_name: 'legal_check' });
    expect(run.cards('CPRESS')).toHaveLength(1);
    expect(run.world.card('CPRESS').text).toContain('2 people have to choose the same');
  });

  test('cannot be answered while its host is not allowed', async () => {
    const run = await happen(
      await playRun({ flow: true, settings: { CALLBACK_HOSTS: 'other.test' } }),
      review(),
    );
    expect(run.card().buttons).not.toContain('choose_1');
    expect(run.card().text).toContain('played.test');
  });

  test('reminds people when CrewAI expects an answer, and escalates then to people who are named', async () => {
    const run = await happen(await playRun({ flow: true }), review({ sla_target_minutes: 30 }));
    await run.pass(29 * MINUTE);
    expect(run.notes()).toEqual([]);
    await run.pass(2 * MINUTE);
    expect(run.notes()).toEqual([expect.stringContaining('still waiting')]);
    expect(run.card().text).toContain('Answer by');
    const settings = { ESCALATE_TO: 'UCAT', ESCALATE_AFTER: '90 min', REMIND_AFTER: '10 min' };
    const asked = await happen(await playRun({ flow: true, settings }), review({ sla_target_minutes: 30 }));
    await asked.pass(11 * MINUTE);
    expect(asked.notes()).toHaveLength(1);
    await asked.pass(20 * MINUTE);
    expect(asked.notes().at(-1)).toContain('You can decide now');
  });

  test('is for the people whom CrewAI names only where it enforces that, for nobody where it names none', async () => {
    const routing = (emails: string[], enforced: boolean) => ({
      routing: { effective_responders: emails.map((email) => ({ email })), enforce_routing_rules: enforced },
    });
    const run = await playRun({ flow: true });
    await run.review(routing(['somebody@example.com'], false));
    await run.world.click('UANA', 'choose_1', run.card());
    expect(run.cards()[0]).not.toContain('waiting');
    await run.review({ ...second, flow_execution_id: 'run-2', ...routing(['somebody@example.com'], true) });
    await run.world.click('UANA', 'choose_1', run.card());
    expect(run.cards()[1]).toContain('waiting');
    await run.review({ id: 'review-3', flow_execution_id: 'run-3', ...routing([], true) });
    expect(run.card().text).toContain('There is no one left who can decide this.');
  });
});
