import { buildAnswers } from './answers.ts';
import { buildCardsByOutput, buildCardsByStatus } from './cards.ts';
import type { GalleryPart } from './gallery-view.ts';
import { buildHomeTabs } from './home-tabs.ts';
import { buildLookUps } from './look-ups.ts';
import { buildDecisionModals, buildReadingModals } from './modals.ts';
import { buildNotes } from './notes.ts';
import { buildRuns } from './runs.ts';

/**
 * Every state of what people see in Slack. The doctor sends these views to `blocks.validate`, `npm run gallery` draws
 * them.
 */
export function listGalleryParts(): GalleryPart[] {
  return [
    { title: 'Cards by status', views: buildCardsByStatus() },
    { title: 'Cards by output', views: buildCardsByOutput() },
    { title: 'Modals to decide in', views: buildDecisionModals() },
    { title: 'Modals to read in', views: buildReadingModals() },
    { title: 'Home tab', views: buildHomeTabs() },
    { title: 'Look-ups', views: buildLookUps() },
    { title: 'Notes in the thread', views: buildNotes() },
    { title: 'Runs started from Slack', views: buildRuns() },
    { title: 'Answers to one person', views: buildAnswers() },
  ];
}
