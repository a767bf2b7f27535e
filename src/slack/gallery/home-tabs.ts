import type { Inbox } from '../../approval/queries/inbox.ts';
import { buildHome } from '../views/lists/home.ts';
import { type GalleryView, showView } from './gallery-view.ts';
import {
  FLAT_JSON,
  LONG_REPORT,
  NESTED_JSON,
  RELEASE,
  REPORT_WITH_TABLE,
  SHORTER_RELEASE,
} from './outputs.ts';
import { AT, makeDecision } from './records.ts';
import {
  addIds,
  LINKS,
  makePressApproval,
  makePressRound,
  makePressRoundIn,
  makeRoundSentBack,
  makeTwoRounds,
  makeWaiting,
} from './samples.ts';

const NONE: Inbox = { waiting: [], others: 0, unchecked: 0, decided: [] };
const OUTPUTS = [RELEASE, SHORTER_RELEASE, LONG_REPORT, FLAT_JSON, NESTED_JSON, REPORT_WITH_TABLE];

const sentBack = makeRoundSentBack({
  decision: makeDecision({ action: 'request_revision', feedback: 'Shorter' }),
});
const approved = makePressRoundIn('approved', { continuedAt: AT });
const DECIDED: Inbox['decided'] = [
  { approval: makePressApproval([sentBack]), round: sentBack },
  { approval: makePressApproval([approved], { runEndedAt: AT }), round: approved },
];

/** The home tab of a person, from empty to full. */
export function buildHomeTabs(): GalleryView[] {
  const one = { approval: makeWaiting(), output: RELEASE };
  const two = { approval: makePressApproval(makeTwoRounds()), output: SHORTER_RELEASE };
  const tabs: Record<string, Inbox> = {
    empty: NONE,
    'someone who may start a crew': { ...NONE, starts: true },
    'only decided': { ...NONE, others: 1, decided: DECIDED },
    'one waits': { ...NONE, waiting: [one], others: 3, decided: DECIDED },
    'round 2 waits': { ...NONE, waiting: [two] },
    full: makeFullInbox(),
    'nothing could be checked': { ...NONE, unchecked: 4 },
  };
  return Object.entries(tabs).map(([name, inbox]) => showView(`home ${name}`, buildHome(inbox, LINKS)));
}

/** More than the tab shows, of all that waits in a large workspace. */
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
      output: OUTPUTS[index % OUTPUTS.length] ?? RELEASE,
    })),
    others: 1_234,
    unchecked: 2,
    lookedAt: 1_000,
    decided: Array.from({ length: 12 }, () => DECIDED).flat(),
  };
}
