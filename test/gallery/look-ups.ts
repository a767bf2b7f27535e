import type { HomeView } from '@slack/types';
import { type Approval, currentRound } from '../../src/approval/model/approval.ts';
import type { Inbox } from '../../src/approval/queries/inbox.ts';
import type { Listing, ListQuery } from '../../src/approval/queries/look-up.ts';
import { FEATURES } from '../../src/features/index.ts';
import { buildHelp } from '../../src/slack/views/lists/help.ts';
import { buildHome, buildHomeBeginning } from '../../src/slack/views/lists/home.ts';
import { buildList } from '../../src/slack/views/lists/list.ts';
import { buildApprovalView } from '../../src/slack/views/lists/look-up.ts';
import { buildFoundApprovals, buildRunStatus } from '../../src/slack/views/lists/runs.ts';
import type { CardLinks } from '../../src/slack/views/message-view.ts';
import { describeNotFound } from '../../src/slack/views/text/sentences.ts';
import { drawListing } from '../slack/views/draw.ts';
import { spoken } from '../support/spoken.ts';
import { makeAllowedTool } from './cards.ts';
import { type GalleryView, showMessage, showView } from './gallery-view.ts';
import {
  AT,
  addIds,
  FLAT_JSON,
  LINKS,
  LONG_REPORT,
  makeDecision,
  makeDelivery,
  makeInStatus,
  makePressApproval,
  makePressRound,
  makePressRoundIn,
  makeRoundSentBack,
  makeTwoRounds,
  makeWaiting,
  NESTED_JSON,
  RELEASE,
  REPORT_WITH_TABLE,
  RUN_STATUSES,
  SHORTER_RELEASE,
} from './samples.ts';

const COMMANDS = FEATURES.flatMap(({ commands }) => commands ?? []);

const NONE: Inbox = {
  waiting: [],
  others: 0,
  unchecked: 0,
  decided: [],
  permissions: [],
  away: { standsInFor: [] },
};
const WAITING_OUTPUTS = [RELEASE, SHORTER_RELEASE, LONG_REPORT, FLAT_JSON, NESTED_JSON, REPORT_WITH_TABLE];

const sentBack = makeRoundSentBack({
  decision: makeDecision({ action: 'request_revision', feedback: 'Shorter' }),
});
const approved = makePressRoundIn('approved', { continuedAt: AT });
const DECIDED_TODAY: Inbox['decided'] = [
  { approval: makePressApproval([sentBack]), round: sentBack },
  { approval: makePressApproval([approved], { runEndedAt: AT }), round: approved },
];

const { approval: permitting } = makeAllowedTool();
const PERMISSION: Inbox['permissions'][number] = { approval: permitting, round: currentRound(permitting) };

const AWAY = { day: '2026-12-04', since: AT, until: AT, substitute: 'UBEN' };

/** Draws the Home tab of an inbox, with the beginnings of its outputs. */
export function drawHome({ waiting, ...inbox }: Inbox, links: CardLinks): HomeView {
  const drawn = waiting.map(({ approval, output, deciders }) => ({
    approval,
    deciders,
    beginning: output && buildHomeBeginning(spoken(), approval, output),
  }));
  return buildHome(spoken(), { ...inbox, waiting: drawn }, links, FEATURES);
}

/** Draws a person's Home tab, from empty to full. */
export function buildHomeTabs(): GalleryView[] {
  const one = { approval: makeWaiting(), output: RELEASE, deciders: { names: ['Ana', 'Ben'], others: 0 } };
  const two = { approval: makePressApproval(makeTwoRounds()), output: SHORTER_RELEASE };
  const tabs: Record<string, Inbox> = {
    empty: NONE,
    'someone who may start a crew': { ...NONE, starts: true },
    'only decided': { ...NONE, others: 1, decided: DECIDED_TODAY },
    'tools run without a decision': { ...NONE, permissions: [PERMISSION] },
    'one waits': { ...NONE, waiting: [one], others: 3, decided: DECIDED_TODAY },
    'round 2 waits': { ...NONE, waiting: [two] },
    away: { ...NONE, away: { ownAbsence: AWAY, standsInFor: [{ person: 'UCAT', day: '2026-12-24' }] } },
    full: makeFullInbox(),
    'nothing could be checked': { ...NONE, unchecked: 4 },
  };
  return Object.entries(tabs).map(([name, inbox]) => showView(`home ${name}`, drawHome(inbox, LINKS)));
}

/** Builds an inbox of a large workspace with more than the tab shows. */
function makeFullInbox(): Inbox {
  const approvals = addIds(
    Array.from({ length: 30 }, (_, index) =>
      makePressApproval(
        index % 5 === 4
          ? makeTwoRounds()
          : [
              index === 1
                ? makePressRound({ claim: { by: 'UBEN', until: AT }, assignee: 'UCAT', expiredAt: AT })
                : makePressRound(),
            ],
      ),
    ),
  );
  return {
    waiting: approvals.map((approval, index) => ({
      approval,
      output: WAITING_OUTPUTS[index % WAITING_OUTPUTS.length] ?? RELEASE,
    })),
    others: 1_234,
    unchecked: 2,
    checkedCount: 1_000,
    decided: Array.from({ length: 12 }, () => DECIDED_TODAY).flat(),
    permissions: Array.from({ length: 7 }, () => PERMISSION),
    away: { standsInFor: [] },
  };
}

const HOUR = 3_600_000;
const NOW = AT + 3 * HOUR;
const ACCEPTED = makeDelivery({ acceptedAt: AT, dialect: 'documented' });
const NEXT = '0/000000000000001/A000000001';

const WAITING = [
  makeWaiting(),
  makePressApproval(makeTwoRounds()),
  makeWaiting({ claim: { by: 'UBEN', until: AT }, card: undefined }),
];
const DECIDED = [
  makeInStatus('approved', { continuedAt: AT }),
  makePressApproval(makeTwoRounds()),
  makeInStatus('refused', { decision: makeDecision({ by: 'UCAT' }) }),
  makeInStatus('given_up', { settledAt: AT, givenUpBy: 'UCAT' }),
];

/** Draws the answers of `/approvals`, which only the asker sees. */
export function buildLookUps(): GalleryView[] {
  return [...buildLists(), ...buildSingleApprovals(), ...buildRunStatuses(), ...buildHelpViews()];
}

function buildLists(): GalleryView[] {
  const all = addIds([...WAITING, ...DECIDED]);
  const [waiting, decided] = [all.slice(0, WAITING.length), all.slice(WAITING.length)];
  const outputs = new Map(
    waiting.slice(0, 2).map(({ id }, index) => [id, index === 0 ? LONG_REPORT : SHORTER_RELEASE]),
  );
  const firstPage = { approvals: waiting, outputs, total: { count: 3, more: false } };
  const tenRows = addIds(Array.from({ length: 10 }, () => makeWaiting()));
  return [
    showList('waiting', { kind: 'waiting' }, firstPage),
    showList(
      'waiting, a page of many',
      { kind: 'waiting', crew: 'press' },
      {
        approvals: tenRows,
        outputs: new Map(tenRows.map(({ id }, index) => [id, index % 2 === 0 ? RELEASE : NESTED_JSON])),
        deciders: new Map(tenRows.slice(1).map(({ id }) => [id, { names: ['Ana', 'Ben'], others: 4 }])),
        total: { count: 100, more: true },
        next: NEXT,
        stopped: true,
      },
      [null],
    ),
    showList('waiting for me, nothing', { kind: 'waiting', mine: true }),
    showList('waiting, nothing more', { kind: 'waiting' }, { total: { count: 3, more: false } }, [null]),
    showList('history', { kind: 'history' }, { approvals: decided, next: NEXT }),
    showList(
      'history of one person',
      { kind: 'history', crew: 'press', person: 'UBEN', since: AT },
      { approvals: decided.slice(1, 2), stopped: true, next: NEXT },
    ),
    showList('history, nothing', { kind: 'history', person: 'UCAT', since: AT }),
    showList('find', { kind: 'find', words: 'linen', person: 'UBEN' }, { approvals: all }),
    showList('find, nothing', { kind: 'find', words: '<budget> & costs' }),
  ];
}

function showList(
  name: string,
  query: ListQuery,
  more: Partial<Listing> = {},
  before: (string | null)[] = [],
): GalleryView {
  const listing: Listing = { approvals: [], outputs: new Map(), stopped: false, ...more };
  return showMessage(
    `list ${name}`,
    buildList(
      spoken(),
      drawListing(listing),
      { query, before },
      { links: LINKS, now: NOW, features: FEATURES },
    ),
  );
}

function buildSingleApprovals(): GalleryView[] {
  const waiting = makeWaiting();
  const several = Array.from({ length: 8 }, (_, index) =>
    makePressApproval([index % 2 === 0 ? makePressRound() : makePressRoundIn('approved')]),
  );
  return [
    showApproval('waiting', waiting),
    showApproval('long output', waiting, LONG_REPORT),
    showApproval('round 2', makePressApproval(makeTwoRounds()), SHORTER_RELEASE),
    showApproval(
      'settled',
      makePressApproval([
        makeRoundSentBack({ delivery: ACCEPTED }),
        makePressRoundIn('approved', { number: 2, continuedAt: AT, delivery: ACCEPTED }),
      ]),
    ),
    showMessage(
      'one approval, output not for the reader',
      buildApprovalView(spoken(), waiting, undefined, LINKS),
    ),
    showMessage('several approvals of one run', buildFoundApprovals(spoken(), addIds(several), LINKS)),
  ];
}

function showApproval(name: string, approval: Approval, output = RELEASE): GalleryView {
  return showMessage(`one approval, ${name}`, buildApprovalView(spoken(), approval, output, LINKS));
}

function buildRunStatuses(): GalleryView[] {
  const executionId = '97eb0c2a-3f1b-4a8f-9a41-0d6f5a2f7f11';
  const approvals = [makeWaiting()];
  return [
    ...Object.entries(RUN_STATUSES).map(([name, status]) =>
      showMessage(
        `run status ${name}`,
        buildRunStatus(spoken(), { executionId, said: [{ crew: 'press', status }], approvals }, LINKS),
      ),
    ),
    showMessage(
      'run status, several crews',
      buildRunStatus(
        spoken(),
        {
          executionId,
          said: [
            { crew: 'press', status: RUN_STATUSES.running },
            { crew: 'research', status: RUN_STATUSES.not_found },
          ],
          approvals: [],
        },
        LINKS,
      ),
    ),
  ];
}

function buildHelpViews(): GalleryView[] {
  return [
    showMessage('help', buildHelp(spoken(), LINKS.command, COMMANDS)),
    showMessage(
      'help, after a mistyped word',
      buildHelp(
        spoken(),
        LINKS.command,
        COMMANDS,
        `${describeNotFound(spoken(), 'waitng')} Did you mean \`waiting\`?`,
      ),
    ),
  ];
}
