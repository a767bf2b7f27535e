import { describe, expect, it } from 'vitest';
import {
  type PageTarget,
  targetOf,
  writeChoice,
  writePage,
} from '../../../../src/slack/app/button-values.ts';
import { CALLBACKS, MENU } from '../../../../src/slack/app/ids.ts';
import { chooseFromMenu, type MenuArgs } from '../../../../src/slack/listeners/buttons/more-menu.ts';
import { openDetails } from '../../../../src/slack/listeners/buttons/open-details.ts';
import { readInFull, showChanges } from '../../../../src/slack/listeners/buttons/open-output.ts';
import { requestRevision } from '../../../../src/slack/listeners/buttons/request-revision.ts';
import { turnOutputPage } from '../../../../src/slack/listeners/buttons/turn-output-page.ts';
import { openDetailsOfMessage, type ShortcutArgs } from '../../../../src/slack/listeners/details-shortcut.ts';
import {
  NOT_A_CARD,
  NOT_LOOKED_UP,
  NOT_OPENED,
  NOT_RECORDED,
  NOT_YOUR_STATE,
  UNKNOWN_APPROVAL,
  UNKNOWN_BUTTON,
} from '../../../../src/slack/views/text/sentences.ts';
import { approval, round } from '../../records.ts';
import { buttonArgs, CARD, createFakes, refused, writeValue } from '../fakes.ts';

type Fakes = ReturnType<typeof createFakes>;
const down = new Error('The store is down.');

describe('Request revision', () => {
  it('acks first, then opens the modal of the round, whose memory says when the card was clicked', async () => {
    const fakes = createFakes();
    await requestRevision(fakes.context, buttonArgs(fakes));
    expect(fakes.acks).toHaveLength(1);
    expect(fakes.opened).toMatchObject([
      {
        callback_id: CALLBACKS.revision,
        private_metadata: `${fakes.approval.id}.1.hash@${fakes.clock.now()},UANA,${CARD.channel},${CARD.ts}`,
      },
    ]);
    expect(fakes.asked).toMatchObject([['check', { via: 'card' }, 'UANA']]);
  });

  it('opens nothing for a person who may not decide: the reply says why, and that is recorded', async () => {
    const refusal = { code: 'guest' } as const;
    const fakes = createFakes({ answer: refused(refusal) });
    await requestRevision(fakes.context, buttonArgs(fakes));
    expect([fakes.opened, fakes.texts()]).toEqual([
      [],
      ["Guests and external users can't decide here. Nothing was recorded."],
    ]);
    expect(fakes.asked.at(-1)).toMatchObject(['keepRefused', { round: 1 }, 'UANA', refusal]);
  });

  it.each([
    ['the value is not ours', { value: 'x' }, {}, UNKNOWN_APPROVAL],
    ['the store fails', {}, { answer: down }, NOT_RECORDED],
  ])('opens nothing when %s', async (_, click, world, sentence) => {
    const fakes = createFakes(world);
    await requestRevision(fakes.context, buttonArgs(fakes, click));
    expect([fakes.opened, fakes.texts()]).toEqual([[], [sentence]]);
  });

  it('is replied to without a modal when Slack does not open the modal', async () => {
    const fakes = createFakes();
    fakes.fails.views = new Error('expired_trigger_id');
    await requestRevision(fakes.context, buttonArgs(fakes));
    expect(fakes.replies).toMatchObject([{ place: { triggerId: undefined }, text: NOT_OPENED }]);
    expect(fakes.lines).toMatchObject([{ level: 'error', fact: 'modal not opened' }]);
  });
});

describe('the menu beside the buttons', () => {
  const choose = (fakes: Fakes, what: string) => {
    const selected_option = { value: writeChoice(what, targetOf(fakes.approval, 1)) };
    const args = { ...buttonArgs(fakes), action: { selected_option } } as unknown as MenuArgs;
    return chooseFromMenu(fakes.context, args);
  };

  it.each([MENU.claim, MENU.release])('records %s at once', async (what) => {
    const fakes = createFakes();
    await choose(fakes, what);
    expect(fakes.asked).toMatchObject([['claim', { round: 1, via: 'card' }, 'UANA', what]]);
    expect([fakes.acks.length, fakes.opened]).toEqual([1, []]);
  });

  it.each([
    [MENU.approveWithNote, CALLBACKS.approveWithNote],
    [MENU.assign, CALLBACKS.assign],
    [MENU.giveUp, CALLBACKS.giveUp],
  ])('opens a modal for %s', async (what, callback_id) => {
    const fakes = createFakes();
    await choose(fakes, what);
    expect([fakes.acks.length, fakes.opened]).toMatchObject([1, [{ callback_id }]]);
  });

  it('says in the modal of an approval whether CrewAI gets the note', async () => {
    const [documented, live] = [createFakes(), createFakes({ dialect: 'live' })];
    for (const fakes of [documented, live]) await choose(fakes, MENU.approveWithNote);
    expect(JSON.stringify(documented.opened)).toContain('The crew gets all of this text');
    expect(JSON.stringify(live.opened)).toContain('the note stays in the thread');
  });

  it('rejects any other choice', async () => {
    const fakes = createFakes();
    await choose(fakes, 'delegate');
    expect([fakes.acks.length, fakes.texts()]).toEqual([1, [UNKNOWN_BUTTON]]);
  });
});

describe('Approval details', () => {
  const shortcut = (fakes: Fakes, message: object) =>
    openDetailsOfMessage(fakes.context, {
      ack: fakes.ack,
      client: fakes.client,
      shortcut: { user: { id: 'UANA' }, channel: { id: CARD.channel }, message, trigger_id: 'trigger' },
    } as unknown as ShortcutArgs);
  const blocks = (fakes: Fakes) => [
    { type: 'actions', elements: [{ value: 'x' }, { value: writeValue(fakes) }] },
  ];

  it('of a list and of a message open a modal about the approval', async () => {
    const fakes = createFakes();
    await openDetails(fakes.context, buttonArgs(fakes));
    await shortcut(fakes, { ts: CARD.ts, blocks: blocks(fakes) });
    expect(fakes.opened).toHaveLength(2);
    expect(JSON.stringify(fakes.opened[1])).toContain(fakes.approval.id);
    expect(fakes.asked).toEqual(Array(2).fill(['named', 'UANA', fakes.approval.id]));
  });

  it('of a message that is not a card opens nothing, and the reply stands in its thread', async () => {
    const fakes = createFakes();
    await shortcut(fakes, { ts: CARD.ts, thread_ts: '1.0', blocks: [{ type: 'divider' }, null] });
    expect(fakes.replies).toMatchObject([
      { place: { threadTs: '1.0', triggerId: undefined }, text: NOT_A_CARD },
    ]);
  });

  it.each([
    ['the store fails', down, NOT_LOOKED_UP],
    ['the person may not look', { code: 'may_not_look' }, /^Only approvers and members/],
    ['it is not found', [], /^I found no approval/],
  ])('opens nothing when %s', async (_, found, sentence) => {
    const fakes = createFakes({ found });
    await openDetails(fakes.context, buttonArgs(fakes));
    expect([fakes.opened, fakes.texts()]).toEqual([[], [expect.stringMatching(sentence)]]);
  });
});

describe('an output in a modal', () => {
  const turn = (fakes: Fakes, what: PageTarget['what'] = 'output') => {
    const { approval: of } = fakes;
    const value = writePage({ target: targetOf(of, of.rounds.length), what, page: 0 });
    const body = { view: { id: 'V1', hash: 'h', title: { text: 'Read in full' } } };
    return turnOutputPage(fakes.context, buttonArgs(fakes, { value, body }));
  };
  const twoRounds = () =>
    createFakes({ approval: approval([round({ status: 'revision_requested' }), round({ number: 2 })]) });

  it('opens whole, and as what changed', async () => {
    const fakes = twoRounds();
    await readInFull(fakes.context, buttonArgs(fakes));
    await showChanges(fakes.context, buttonArgs(fakes));
    expect(fakes.opened).toHaveLength(2);
    expect(fakes.asked.map(([what]) => what)).toEqual(['read', 'read']);
  });

  it('opens nothing for a value that is not ours', async () => {
    const fakes = twoRounds();
    await readInFull(fakes.context, buttonArgs(fakes, { value: 'x' }));
    expect([fakes.opened, fakes.texts()]).toEqual([[], [UNKNOWN_APPROVAL]]);
  });

  it('turns to a page of the output, and of what changed', async () => {
    const fakes = twoRounds();
    await turn(fakes);
    await turn(fakes, 'changes');
    expect(fakes.updated.map(({ title }) => title.text)).toEqual(['Read in full', 'What changed']);
  });

  it.each([
    ['the person may not read it', 'output', refused({ code: 'guest' }), "Guests and external users can't"],
    ['the store fails', 'output', down, NOT_LOOKED_UP],
    ['the person may not decide', 'state', refused({ code: 'not_approver' }), NOT_YOUR_STATE],
    ['who may decide is not known', 'state', refused({ code: 'cannot_check' }), "I can't check who"],
  ] as const)('shows a sentence instead of the page when %s: %s', async (_, what, answer, sentence) => {
    const fakes = createFakes({ answer });
    await turn(fakes, what);
    expect(JSON.stringify(fakes.updated)).toContain(sentence);
    expect(fakes.asked.map(([asked]) => asked)).toEqual([what === 'state' ? 'readState' : 'read']);
  });

  it('turns to a page of the state of a Flow', async () => {
    const review = { options: ['publish'], stateHash: 'json:state' };
    const fakes = createFakes({ approval: approval([round({ review })]) });
    await turn(fakes, 'state');
    expect(fakes.updated.map(({ title }) => title.text)).toEqual(['State of the Flow']);
    expect(JSON.stringify(fakes.updated)).toContain('The state.');
  });

  it('replies when Slack refuses the page, and not when an earlier click has turned it', async () => {
    const fakes = twoRounds();
    fakes.fails.views = Object.assign(new Error(), {
      code: 'slack_webapi_platform_error',
      data: { error: 'hash_conflict' },
    });
    await turn(fakes);
    expect(fakes.replies).toEqual([]);
    fakes.fails.views = new Error('not_found');
    await turn(fakes);
    expect(fakes.texts()).toEqual([NOT_LOOKED_UP]);
  });

  it('replies to a page that is not ours', async () => {
    const fakes = twoRounds();
    await turnOutputPage(fakes.context, buttonArgs(fakes, { value: 'x' }));
    expect([fakes.updated, fakes.texts()]).toEqual([[], [NOT_LOOKED_UP]]);
  });
});
