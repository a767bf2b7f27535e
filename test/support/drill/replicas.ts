import { join } from 'node:path';
import { BUILT } from '../build.ts';
import { freePort } from '../free-port.ts';
import { type LogLine, type Running, run } from '../spawn-bot.ts';
import type { Chance } from './chance.ts';

/** A replica from a start to its end. */
export interface Life {
  replica: number;
  port: number;
  running: Running;
  killedAt?: number;
}

export type Replicas = Awaited<ReturnType<typeof startReplicas>>;

/** Starts two bots with the same settings, as separate processes. Each keeps its port. */
export async function startReplicas(settings: Record<string, string>, cwd: string, onDeath: () => void) {
  const lives: Life[] = [];
  const current: Life[] = [];
  const faults: string[] = [];

  function start(replica: number, port: number): Life {
    const running = run(join(BUILT, 'main.js'), { ...settings, PORT: String(port) }, { cwd });
    const life: Life = { replica, port, running };
    lives.push(life);
    current[replica] = life;
    void running.ended.then(({ code, signal, stderr }) => {
      onDeath();
      if (life.killedAt === undefined && code !== 0)
        faults.push(`replica ${replica} ended by itself (${code ?? signal}): ${stderr}`);
      if (stderr !== '') faults.push(`replica ${replica} wrote to stderr: ${stderr}`);
    });
    return life;
  }

  async function kill(replica: number): Promise<void> {
    const life = current[replica] as Life;
    life.killedAt = Date.now();
    life.running.signal('SIGKILL');
    await life.running.ended;
  }

  const ready = ({ running }: Life) => running.logs('ready', ({ msg }) => msg === 'ready', 20_000);
  const ports = [await freePort(), await freePort()];
  for (const [replica, port] of ports.entries()) await ready(start(replica, port));

  return {
    current,
    lives,
    faults,
    kills: () => lives.filter(({ killedAt }) => killedAt !== undefined).length,
    logged: (): (LogLine & { life: Life })[] =>
      lives.flatMap((life) => life.running.logged.map((line) => ({ ...line, life }))),
    /**
     * Kills a random replica with kill -9 and starts it again, until stopped. The other replica runs or is starting.
     */
    accidents(chance: Chance, [low, high]: readonly [number, number]) {
      let ended = false;
      async function happen(): Promise<void> {
        await chance.while(low, high);
        while (!ended) {
          const victim = chance.pick([0, 1]);
          await kill(victim);
          await chance.while(0, 1_500);
          start(victim, ports[victim] as number);
          await chance.while(low, high);
        }
      }
      const happened = happen();
      return async () => {
        ended = true;
        await happened;
      };
    },
    /** Ends both replicas as a deployment would. */
    async stop(): Promise<void> {
      await Promise.all(current.map(ready));
      for (const { running } of current) running.signal('SIGTERM');
      await Promise.all(current.map(({ running }) => running.ended));
    },
  };
}
