import { onTestFinished } from 'vitest';
import type { Alert } from '../../../src/approval/alerts.ts';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { type DialectStore, LearnedDialects } from '../../../src/crewai/dialects/learn-dialects.ts';
import { createDialectStore } from '../../../src/store/dialect-store.ts';
import { collectingLog, handClock } from '../../slack/stage.ts';
import { createMemoryRecords } from '../../support/memory-records.ts';
import { crew, endpointsOf } from '../records.ts';

interface Options {
  format?: Crew['resumeFormat'];
  store?: DialectStore;
  name?: string;
  countCall?: (crew: string, outcome: string) => void;
}

/** Creates a learner of dialects for a bot with a crew at this address. */
export function learner(
  baseUrl: string,
  { format = 'auto', store, name = 'press', countCall = () => {} }: Options = {},
) {
  const { clock, waiting, ring } = handClock();
  const alarms: Alert[] = [];
  const learned: string[] = [];
  const { log, lines } = collectingLog();
  const endpoints = endpointsOf({ ...crew, name, resumeFormat: format }, baseUrl);
  const dialectStore = store ?? createDialectStore(createMemoryRecords().records);
  const dialects = new LearnedDialects({
    endpoints,
    store: dialectStore,
    clock,
    log,
    countCall,
    alert: (alert) => void alarms.push(alert),
    onLearned: (of, dialect) => void learned.push(`${of} ${dialect}`),
  });
  onTestFinished(() => dialects.close());
  return { endpoints, store: dialectStore, waiting, ring, alarms, learned, dialects, lines };
}
