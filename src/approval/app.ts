import type { GiveWay } from '../lib/time.ts';
import type { AlertOperators, AnnounceInChannel } from './alerts.ts';
import type { Approval } from './model/approval.ts';
import type { Crew } from './model/crew/crew.ts';
import type { Dialects } from './model/crew/dialect.ts';
import type { Start } from './model/run/start.ts';
import type { Mentions } from './notify/mentions.ts';
import type {
  AbsenceNotices,
  AnswerPushes,
  ApprovalStore,
  Cards,
  Clock,
  CrewAI,
  CrewStarts,
  DescribeShown,
  HistoryReader,
  Log,
  Meter,
  PeopleDirectory,
  RunMessages,
  SlackQueue,
} from './ports.ts';
import type { RateLimits } from './worker/rate-limits.ts';

/** Dependencies of the domain, built once at the start: the first argument of each function that touches the world. */
export interface App {
  /** Unique among all processes that ever used this store. */
  name: string;
  /** Only this process uses the store: other owners of leases are earlier processes, which no longer run. */
  sole: boolean;
  /** When the store was last restored from a backup. Changes made after the backup are not known. */
  restoredAt?: number | undefined;
  clock: Clock;
  log: Log;
  random: () => number;
  /** Runs long work piece by piece, each in its own turn of the event loop: a click waits for one piece at most. */
  giveWay: GiveWay;
  store: ApprovalStore;
  history: HistoryReader;
  crews: ReadonlyMap<string, Crew>;
  dialects: Dialects;
  crewAI: CrewAI & CrewStarts;
  answers: AnswerPushes;
  people: PeopleDirectory;
  cards: Cards;
  runMessages: RunMessages;
  absenceNotices: AbsenceNotices;
  describeShown: DescribeShown;
  mentions: Mentions;
  rateLimits: RateLimits;
  slackQueue: SlackQueue;
  recordStepLag: Meter['recordStepLag'];
  alert: AlertOperators;
  announce: AnnounceInChannel;
  /** Called with each approval that was stored. `clicked`: a person waits for its card. */
  wake: (approval: Approval, options?: { clicked: boolean }) => void;
  /** Called with each start of a run that was stored. */
  wakeStart: (start: Start) => void;
  /** Called when the worker has recorded an outcome. */
  changed: () => void;
  /**
   * Returns the record with the first attempt at CrewAI marked as begun; undefined: it cannot begin at once. The caller stores the
   * record, then calls `start`, which calls CrewAI. Never rejects.
   */
  beginDelivery: (decided: Approval) => Promise<{ record: Approval; start: () => void } | undefined>;
  /** Runs work with the same key (a run, a question, a person) one after another: a change is planned from what is stored. */
  serialize: <T>(key: string, work: () => Promise<T>) => Promise<T>;
}
