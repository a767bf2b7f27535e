import { inLanes } from './support/cards.ts';
import type { Measurement } from './support/measurement.ts';
import { pause } from './support/process.ts';
import { figure, type Row, row } from './support/report.ts';
import { ASK_SECRET, PROGRAMS, withBot } from './support/world.ts';

const TASKS = 1_000;
const TASKS_QUICK = 200;
const CONNECTIONS = 16;
/** Pauses of a client between two requests about its task, in milliseconds: at first, and after ten minutes. */
const POLL_INTERVALS = [5_000, 20_000];
/** Time in which the bot posts the cards, which is not measured, in milliseconds. */
const WARM_UP = 60_000;
const MEASURED = 30_000;
const MEASURED_QUICK = 10_000;

const EXTENSION = 'io.modelcontextprotocol/tasks';
const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': { extensions: { [EXTENSION]: {} } },
};

/** Measures the processor time that MCP tasks take while their questions wait and each client polls its own. */
export const tasks: Measurement = async ({ built, quick, progress }) => {
  const count = quick ? TASKS_QUICK : TASKS;
  const channels = 20;
  return withBot(built, { asks: true, channels }, async (_world, bot) => {
    const call = async (method: string, name: string, params: object) => {
      const response = await fetch(`${bot.url}/crews/${PROGRAMS}/mcp`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${ASK_SECRET}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': '2026-07-28',
          'mcp-method': method,
          'mcp-name': name,
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: ENVELOPE } }),
      });
      const { result, error } = (await response.json()) as {
        result?: { taskId: string; status: string };
        error?: unknown;
      };
      if (!result) throw new Error(`${method}: ${JSON.stringify(error)}`);
      return result;
    };
    progress(`${count} questions`);
    const ids: string[] = [];
    await inLanes(CONNECTIONS, [...Array(count).keys()], async (index) => {
      const args = { title: `Ship build ${index}?`, text: 'All 312 tests passed.' };
      ids.push((await call('tools/call', 'ask_human', { name: 'ask_human', arguments: args })).taskId);
    });
    await pause(WARM_UP);
    const idle = await measure(bot, quick, async () => {});
    const rows: Row[] = [];
    for (const interval of POLL_INTERVALS) {
      const every = `each polled every ${interval / 1_000} s`;
      progress(`${count} tasks, ${every}`);
      let [polls, working] = [0, 0];
      const pollAll = async (end: AbortSignal) => {
        const requests: Promise<void>[] = [];
        const begun = performance.now();
        for (let sent = 0; !end.aborted; sent += 1) {
          const id = ids[sent % count] as string;
          requests.push(
            call('tasks/get', id, { taskId: id }).then(({ status }) => {
              polls += 1;
              if (status === 'working') working += 1;
            }),
          );
          await pause(Math.max(0, begun + ((sent + 1) * interval) / count - performance.now()));
        }
        await Promise.all(requests);
      };
      // The first poll of a task reads its question.
      await during(interval * 1.2, pollAll);
      [polls, working] = [0, 0];
      const busy = await measure(bot, quick, pollAll);
      if (working !== polls) throw new Error(`${polls - working} of ${polls} tasks did not wait`);
      const rate = figure(polls / ((quick ? MEASURED_QUICK : MEASURED) / 1_000));
      rows.push(
        row(`${figure(count)} MCP tasks that wait, ${every}: share of a core`, [busy], '%', {
          below: 10,
          reference: `${rate} requests a second; without polls ${figure(idle)} %`,
        }),
      );
    }
    return rows;
  });
};

async function during(milliseconds: number, work: (end: AbortSignal) => Promise<void>): Promise<void> {
  const end = new AbortController();
  await Promise.all([work(end.signal), pause(milliseconds).then(() => end.abort())]);
}

/** Returns the share of a core that the bot took meanwhile, in percent. */
async function measure(
  bot: { cpu(): number },
  quick: boolean,
  work: (end: AbortSignal) => Promise<void>,
): Promise<number> {
  const [begun, before] = [performance.now(), bot.cpu()];
  await during(quick ? MEASURED_QUICK : MEASURED, work);
  return ((bot.cpu() - before) / (performance.now() - begun)) * 100;
}
