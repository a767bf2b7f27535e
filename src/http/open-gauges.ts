import { Gauge, type Registry } from 'prom-client';

/** Approvals of a crew that wait for a person, by state. */
export interface OpenFigures {
  crew: string;
  states: Readonly<Record<string, number>>;
  /** Milliseconds since the oldest began to wait. */
  oldest: number;
}

/** However often the metrics are read, open approvals are counted once in this time, in milliseconds. */
const COUNTED_EVERY = 5_000;

/** Adds the gauges of open approvals. While the store cannot be read they are absent, and other metrics are served. */
export function addOpenGauges(
  registry: Registry,
  countOpen: () => Promise<OpenFigures[]>,
  now: () => number,
): void {
  const figures = new CachedFigures(countOpen, now);
  const registers = [registry];
  new Gauge({
    name: 'crew_approvals_open',
    help: 'Approvals that wait for a person, the oldest 1,000 of a crew',
    labelNames: ['crew', 'state'],
    registers,
    async collect() {
      const read = await figures.read();
      this.reset();
      for (const { crew, states } of read)
        for (const [state, number] of Object.entries(states)) this.set({ crew, state }, number);
    },
  });
  new Gauge({
    name: 'crew_approvals_oldest_open_seconds',
    help: 'How long the oldest of them has waited',
    labelNames: ['crew'],
    registers,
    async collect() {
      const read = await figures.read();
      this.reset();
      for (const { crew, oldest } of read) this.set({ crew }, oldest / 1_000);
    },
  });
}

class CachedFigures {
  private readonly countOpen: () => Promise<OpenFigures[]>;
  private readonly now: () => number;
  private cached: { at: number; figures: Promise<OpenFigures[]> } | undefined;

  constructor(countOpen: () => Promise<OpenFigures[]>, now: () => number) {
    this.countOpen = countOpen;
    this.now = now;
  }

  /** No figures while the store cannot be read. */
  read(): Promise<OpenFigures[]> {
    const at = this.now();
    if (!this.cached || at - this.cached.at >= COUNTED_EVERY)
      this.cached = { at, figures: this.countOpen().catch(() => []) };
    return this.cached.figures;
  }
}
