import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { currentRound, RECORD_VERSION } from '../../src/approval/model/approval.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { readAuditTrail } from '../../src/store/audit.ts';
import { checkStoredHistory } from '../../src/store/check-history.ts';
import { OLDEST_FORMAT } from '../../src/store/formats/formats.ts';
import { askSecretOf, type Manifest } from '../fixtures/stores/story.ts';
import { createMemoryRecords } from '../support/memory-records.ts';
import { crewsFileOf } from './fixture-store.ts';
import { ResumedStory } from './resumed-story.ts';
import { MINUTE, SECOND } from './world.ts';

const FORMATS = Array.from({ length: RECORD_VERSION - OLDEST_FORMAT + 1 }, (_, n) => OLDEST_FORMAT + n);
const ACCEPTED = ['sent', 'continued'];
type Named = Manifest['approvals'][string];
const log = { info() {}, warn() {}, error() {} };

/** A person's click on each card that does not say who, or where it takes another button. */
const BY: Readonly<Record<string, string>> = { question_for_ana: 'UANA', assigned: 'UCAT' };
/** Its decision is closed by the program that asked, not by CrewAI. */
const isQuestion = (name: string) => name.startsWith('question_');

/** Programs fetch the answer of the last round: what they are told. */
async function fetchAnswer(story: ResumedStory, { id, crew }: { id: string; crew: string }) {
  const { question } = currentRound(story.approval(id));
  return story.request(`crews/${crew}/questions/${question?.id}`, 'GET', askSecretOf(crew));
}

/** A decision has arrived once: CrewAI has it, and the card says so; a program is told it. */
async function expectArrived(story: ResumedStory, name: string, sentBefore: number): Promise<void> {
  const approval = story.manifest.approvals[name] as Named;
  if (isQuestion(name)) {
    const { status, data } = await fetchAnswer(story, approval);
    expect([status, data.status], name).toEqual([200, 'answered']);
    return;
  }
  expect(story.sent(approval).length, `${name}: calls`).toBe(sentBefore + 1);
  expect(ACCEPTED, name).toContain(story.card(approval).state);
}

/** Who may decide does so on the card. */
async function decide(story: ResumedStory, name: string): Promise<void> {
  const approval = story.manifest.approvals[name] as Named;
  const before = story.sent(approval).length;
  const user = BY[name] ?? 'UBEN';
  const { buttons } = story.card(approval);
  // Each of the three voted for another one.
  if (name === 'question_tied') await story.click('UANA', 'choose_2', approval);
  else
    await story.click(
      user,
      ['approve', 'choose_1', 'choose_2'].find((one) => buttons.includes(one)) ?? '',
      approval,
    );
  // What can be undone for ten minutes is sent after them.
  if (approval.crew === 'slow') await story.world.pass(11 * MINUTE);
  await expectArrived(story, name, before);
}

describe.each(FORMATS)('a store of format %i goes on:', (format) => {
  const begin = () => ResumedStory.begin(format);

  test('people decide what waits', async () => {
    const story = await begin();
    const names = story.listWith('decide').map(([name]) => name);
    expect(names.length).toBeGreaterThan(25);
    // Its program has to say within minutes that it is alive; the undo window takes ten.
    const last = (name: string) => (name === 'question_leased' ? -1 : name === 'undone' ? 1 : 0);
    for (const name of names.toSorted((a, b) => last(a) - last(b))) await decide(story, name);
  });

  test('one more vote decides', async () => {
    const story = await begin();
    expect(story.listWith('vote')).toHaveLength(2);
    for (const [name, approval] of story.listWith('vote')) {
      const before = story.sent(approval).length;
      await story.click('UBEN', 'approve', approval);
      await expectArrived(story, name, before);
    }
  });

  test('a card that Slack did not take is posted, and decides', async () => {
    const story = await begin();
    expect(story.listWith('card')).toHaveLength(1);
    for (const [name] of story.listWith('card')) await decide(story, name);
  });

  test('a decision is undone, or sent after its ten minutes', async () => {
    for (const isUndone of [true, false]) {
      const story = await begin();
      const [[, approval]] = story.listWith('undo') as [[string, Named]];
      if (isUndone) await story.click('UBEN', 'undo', approval);
      await story.world.pass(11 * MINUTE);
      expect(story.sent(approval)).toHaveLength(isUndone ? 0 : 1);
      const { state } = story.card(approval);
      expect(ACCEPTED.includes(state) ? 'accepted' : state).toBe(isUndone ? 'waiting' : 'accepted');
    }
  });

  test('what CrewAI did not answer is sent again, once', async () => {
    const story = await begin();
    await story.world.pass(5 * MINUTE);
    const approvals = story.listWith('send');
    expect(approvals).toHaveLength(4);
    for (const [name, { crew, run, id }] of approvals) {
      expect(ACCEPTED, name).toContain(story.card({ id }).state);
      expect(story.sent({ crew, run }), name).toHaveLength(1);
    }
    const [[, start]] = story.listStartsWith('send') as [[string, Manifest['starts'][string]]];
    expect(story.sent({ crew: start.crew, run: '/kickoff' })).toHaveLength(1);
    expect(story.start(start.id)).toMatchObject({ status: 'running', executionId: 'press-started' });
  });

  test('what was not delivered is sent again or closed by a person', async () => {
    for (const button of ['retry', 'give_up']) {
      const story = await begin();
      expect(story.listWith('retry')).toHaveLength(2);
      for (const [name, approval] of story.listWith('retry')) {
        const before = story.sent(approval).length;
        await story.click('UANA', button, approval);
        if (button === 'retry') await expectArrived(story, name, before);
        else expect(story.card(approval).state, name).toBe('closed');
      }
    }
  });

  test('the next webhook of a run confirms what was accepted', async () => {
    const story = await begin();
    expect(story.listWith('confirm')).toHaveLength(5);
    for (const [name, { id, crew, run }] of story.listWith('confirm')) {
      const tickets = currentRound(story.approval(id)).delivery?.tickets;
      const ticket = `${id}.${tickets?.at(-1)?.id}`;
      const path = tickets ? `task?run=${ticket}` : 'task';
      const body = { kickoff_id: `${run}-next`, name: 'publish', output: `Published ${run}` };
      const { status } = await story.hook(crew, path, body);
      expect(status, name).toBe(202);
    }
    // The cards that look different now are drawn as fast as Slack allows.
    await story.world.pass(2 * MINUTE);
    for (const [name, { id }] of story.listWith('confirm'))
      expect(story.card({ id }).state, name).toBe('continued');
  });

  test('programs fetch their answers and their starts', async () => {
    const story = await begin();
    expect(story.listWith('fetch')).toHaveLength(4);
    for (const [name, approval] of story.listWith('fetch')) {
      const { status, data } = await fetchAnswer(story, approval);
      const said = Object.values(story.manifest.questions).find((one) => one.approval === approval.id);
      // Formats before 9 do not say what people were shown.
      const unknown = data.answer.seen.map(({ by }: { by: string }) => ({
        by,
        place: 'unknown',
      }));
      const body = said?.body as { answer?: object } | undefined;
      const answer = { seen: unknown, ...body?.answer };
      expect([status, data], name).toEqual([
        said?.status,
        { ...body, answer, asked_at: expect.stringMatching(/^2026-/) },
      ]);
      const path = `crews/${approval.crew}/questions/${data.id}/received`;
      expect(await story.request(path, 'PUT', askSecretOf(approval.crew)), name).toMatchObject({
        status: 200,
      });
      expect(currentRound(story.approval(approval.id)).status, name).toBe(
        name === 'question_edited' ? 'approved' : 'answered',
      );
    }
    const starts = story.listStartsWith('fetch');
    expect(starts).toHaveLength(2);
    const fetched: string[] = [];
    for (const _ of starts) {
      await story.world.pass(2 * MINUTE);
      const { data } = await story.request('crews/tools/starts', 'GET', askSecretOf('tools'));
      fetched.push(data.start.id);
      const answer = { status: 'started', run: `of-${data.start.id}` };
      await story.request(`crews/tools/starts/${data.start.id}`, 'PUT', askSecretOf('tools'), answer);
      expect(story.start(data.start.id)).toMatchObject({ status: 'running' });
    }
    expect(fetched.toSorted()).toEqual(starts.map(([, { id }]) => id).toSorted());
  });

  test('a tool that was allowed for its run is called again without a question', async () => {
    const story = await begin();
    const [[, approval]] = story.listWith('call') as [[string, Named]];
    expect((await fetchAnswer(story, approval)).data).toMatchObject({ status: 'answered' });
    const cards = story.world.cards().length;
    const call = { kind: 'tool', title: 'send_mail', output: { to: 'cat@example.com' } };
    const ask = (id: string, run: string) =>
      story.request(`crews/tools/questions/${id}`, 'PUT', askSecretOf('tools'), { ...call, run });
    expect((await ask('tool-once-more', 'program-3')).data.approval).toBe(approval.id);
    const read = await story.request('crews/tools/questions/tool-once-more', 'GET', askSecretOf('tools'));
    expect(read.data).toMatchObject({ status: 'answered', answer: { option: 'allow', by: 'UBEN' } });
    expect(story.world.cards()).toHaveLength(cards);
    expect((await ask('tool-of-another-run', 'program-33')).data.approval).not.toBe(approval.id);
    expect(story.world.cards()).toHaveLength(cards + 1);
  });

  test('of what is done nothing is sent; it is looked up, and its history is exported', async () => {
    const story = await begin();
    await story.world.pass(30 * SECOND);
    const approvals = story.listWith('look');
    for (const [name, { id, crew, run, rounds }] of approvals) {
      expect(
        story.approval(id).rounds.map(({ status }) => status),
        name,
      ).toEqual(rounds);
      expect(story.sent({ crew, run }), name).toEqual([]);
      expect(await story.world.type('UBEN', id), name).not.toBe('');
      expect(JSON.stringify(story.world.workspace.ephemerals('UBEN').at(-1)), name).toContain(id);
    }
    for (const [name, { id, status }] of story.listStartsWith('look'))
      expect(story.start(id).status, name).toBe(status);
    const { records } = createMemoryRecords();
    await records.commit({ compare: [], puts: story.world.records.all(), deletes: [] });
    const told = new Set<string>();
    const whole = { since: 0, until: Number.MAX_SAFE_INTEGER };
    const trail = readAuditTrail(records, createApprovalStore(records, log), whole, expect.unreachable);
    for await (const { approval, kickoff } of trail) told.add(String(kickoff ?? approval));
    const all = [...Object.values(story.manifest.approvals), ...Object.values(story.manifest.starts)];
    expect(all.filter(({ id }) => !told.has(id))).toEqual([]);
    expect(await checkStoredHistory(records)).toMatchObject({ faults: [], unreadable: [] });
  });
});

/** What format 7 guessed of the task, by the approvals that wait and have it. */
const GUESSED: Readonly<Record<string, string>> = {
  openedUnnamed: 'waiting_unnamed',
  chained: 'waiting_second_round',
  namedByEvents: 'waiting_named_by_events',
};

test.each(Object.entries(GUESSED))(
  'a round of format 7 with %s is decided by the strictest rules of all tasks',
  async (field, name) => {
    const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-world-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const crews = join(folder, 'crews.yml');
    const own = [
      'tasks:',
      '  - {match: draft, approvers: [UANA, UBEN, UCAT]}',
      '  - {match: publish, approvers: [UBEN, UCAT], approvals_required: 2, undo_window: 2 min}',
    ];
    const former = readFileSync(crewsFileOf(7), 'utf8');
    writeFileSync(
      crews,
      former.replace('  docs:\n', `${own.map((line) => `    ${line}\n`).join('')}  docs:\n`),
    );
    const story = await ResumedStory.begin(7, { crews });
    const approval = story.manifest.approvals[name] as Named;
    const raw = story.before.find(({ key }) => key === `approval/${approval.id}`)?.raw;
    expect(raw).toContain(`"${field}":`);
    await story.click('UANA', 'approve', approval);
    expect(story.card(approval).state, 'Ana may decide on one of the tasks only').toBe('waiting');
    expect(currentRound(story.approval(approval.id)).votes).toEqual([]);
    await story.click('UBEN', 'approve', approval);
    expect(story.card(approval).state, 'one of the tasks takes two').toBe('waiting');
    const before = story.sent(approval).length;
    await story.click('UCAT', 'approve', approval);
    await story.world.pass(MINUTE);
    expect(story.sent(approval).length, 'one of the tasks can be undone for two minutes').toBe(before);
    await story.world.pass(2 * MINUTE);
    await expectArrived(story, name, before);
  },
);
