import type { Feature } from '../slack/feature.ts';
import { absences } from './absences/index.ts';
import { feedback } from './feedback/index.ts';
import { report } from './report/index.ts';
import { several } from './several/index.ts';
import { starts } from './starts/index.ts';
import { stats } from './stats/index.ts';

/** The features of the product, in the order of the Home tab. */
export const FEATURES: readonly Feature[] = [stats, report, several, feedback, starts, absences];
