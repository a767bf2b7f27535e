import type { Crew } from '../approval/model/crew/crew.ts';

/** What is closed at a stop, and when the start fails: the last first. */
export type Closers = (() => unknown)[];
export type Crews = ReadonlyMap<string, Crew>;
