import { buildCardFacts } from '../../approval/card-facts.ts';
import { currentRound, findRound } from '../../approval/model/approval.ts';
import { LOST_OUTPUT, type Output, readOutput } from '../../approval/model/output.ts';
import { buildCard } from '../views/card/card.ts';
import { CARD_FORMS } from '../views/output/output-blocks.ts';
import { type CardState, type GalleryView, nameVariant, showMessage } from './gallery-view.ts';
import { OPEN_CARDS } from './open-cards.ts';
import {
  BLANK,
  FLAT_JSON,
  JSON_ROWS,
  LONG_JSON,
  LONG_REPORT,
  NESTED_JSON,
  ONE_LINE,
  RELEASE,
  REPORT_WITH_TABLE,
} from './outputs.ts';
import { LINKS, makeWaiting } from './samples.ts';
import { SETTLED_CARDS } from './settled-cards.ts';

/** A card in each state of a round. */
export function buildCardsByStatus(): GalleryView[] {
  return Object.entries({ ...OPEN_CARDS, ...SETTLED_CARDS }).flatMap(([status, states]) =>
    Object.entries(states).map(([variant, state]) => showCard(nameVariant(`card ${status}`, variant), state)),
  );
}

const OUTPUTS: Readonly<Record<string, Output>> = {
  'of one line': ONE_LINE,
  'of a report with a table': REPORT_WITH_TABLE,
  'of a long output': LONG_REPORT,
  'of a blank output': BLANK,
  'of a flat JSON object': FLAT_JSON,
  'of JSON rows': JSON_ROWS,
  'of nested JSON': NESTED_JSON,
  'of long JSON': LONG_JSON,
  'of a number': readOutput(42),
  'of an output that the store lost': LOST_OUTPUT,
};

/** A waiting card with each kind of output, and in the forms for outputs that Slack refuses. */
export function buildCardsByOutput(): GalleryView[] {
  const approval = makeWaiting();
  return [
    ...Object.entries(OUTPUTS).map(([what, output]) => showCard(`card ${what}`, { approval, output })),
    ...CARD_FORMS.flatMap((form) =>
      form === 'full'
        ? []
        : [
            showCard(`card in its ${form} form`, { approval, form }),
            showCard(`card in its ${form} form, JSON`, { approval, output: NESTED_JSON, form }),
          ],
    ),
  ];
}

function showCard(
  name: string,
  { approval, round, output = RELEASE, form = 'full' }: CardState,
): GalleryView {
  const shown = round === undefined ? currentRound(approval) : findRound(approval, round);
  if (!shown) throw new Error(`${name}: no round ${round}`);
  return showMessage(name, buildCard({ facts: buildCardFacts(approval, shown), output }, LINKS, form));
}
