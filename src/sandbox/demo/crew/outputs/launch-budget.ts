import { applyFixes } from '../feedback/fixes.ts';
import type { Writer } from '../feedback/revise.ts';

const USUAL = { photography: 6_200, press_event: 9_400, paid_social: 12_000, translation: 1_850 };
const CHEAPER = { ...USUAL, photography: 3_900, press_event: 5_500 };
const DETAILS = 'photography in two harbours, three days; the press event in Porto, 40 guests';
const SOURCES = 'offers of 20 July; price list of the network, July 2026';

/** Writes the budget: JSON, in euros. */
export const launchBudget: Writer = {
  possibleWishes: ['cheaper', 'shorter', 'longer', 'sources'],
  parts: ['translation', 'photography', 'press event', 'paid social'],
  lengths: { shortest: -1, longest: 1 },
  write({ length, hasSources, isCheaper, parts, fixes }) {
    const allItems = Object.entries(isCheaper ? CHEAPER : USUAL);
    const remainingItems = allItems.filter(([item]) => parts[item.replace('_', ' ')] ?? true);
    // Fixes apply here too, so that the total includes them.
    const costs = applyFixes(Object.fromEntries(remainingItems), fixes);
    return {
      campaign: 'Tide',
      currency: 'EUR',
      ...(length >= 0 && costs),
      total: Object.values(costs).reduce((sum, cost) => sum + cost, 0),
      first_payment: '2026-08-31',
      ...(length > 0 && { details: DETAILS }),
      ...(hasSources && { sources: SOURCES }),
    };
  },
};
