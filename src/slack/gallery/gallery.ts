import { answers } from './answers.ts';
import { cardsByOutput, cardsByStatus } from './cards.ts';
import { decisionForms, readingForms } from './forms.ts';
import type { GalleryPart } from './gallery-view.ts';
import { homeTabs } from './home-tabs.ts';
import { lookUps } from './look-ups.ts';
import { notes } from './notes.ts';

/**
 * Every state of what people see in Slack. The doctor sends these views to `blocks.validate`, `npm run gallery` draws
 * them.
 */
export function galleryParts(): GalleryPart[] {
  return [
    { title: 'Cards by status', views: cardsByStatus() },
    { title: 'Cards by output', views: cardsByOutput() },
    { title: 'Modals to decide in', views: decisionForms() },
    { title: 'Modals to read in', views: readingForms() },
    { title: 'Home tab', views: homeTabs() },
    { title: 'Look-ups', views: lookUps() },
    { title: 'Notes in the thread', views: notes() },
    { title: 'Answers to one person', views: answers() },
  ];
}
