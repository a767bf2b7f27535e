import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildAnswers } from './answers.ts';
import { buildCardsByOutput, buildCardsByStatus } from './cards.ts';
import type { GalleryPart } from './gallery-view.ts';
import { buildHomeTabs, buildLookUps } from './look-ups.ts';
import { buildDecisionModals, buildReadingModals } from './modals.ts';
import { buildNotes } from './notes.ts';
import { buildRuns } from './runs.ts';

const FEATURES = join(import.meta.dirname, '..', 'features');

/** Galleries of the product's features. Each lies beside the feature's tests. */
const ofFeatures = await Promise.all(
  readdirSync(FEATURES)
    .map((name) => join(FEATURES, name, 'gallery.ts'))
    .filter((file) => existsSync(file))
    .map((file) => import(file) as Promise<{ buildGalleryPart: () => GalleryPart }>),
);

/** Lists every state of what people see in Slack. */
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
    ...ofFeatures.map(({ buildGalleryPart }) => buildGalleryPart()),
  ];
}
