import { parseArgs } from 'node:util';
import { clicks } from './clicks.ts';
import { drain } from './drain.ts';
import { memory, starts } from './footprint.ts';
import { holds } from './holds.ts';
import { longRuns } from './long-runs.ts';
import { lookUpTimes } from './look-ups.ts';
import { reports } from './reports.ts';
import { slowDisk } from './slow-disk.ts';
import { soak } from './soak.ts';
import { clickVisible, homeStorm, settleStorm } from './storms.ts';
import { build } from './support/build.ts';
import { loads, machine } from './support/machine.ts';
import type { Measurement } from './support/measurement.ts';
import { killAll } from './support/process.ts';
import { type Row, table } from './support/report.ts';
import { removeStores } from './support/stores.ts';
import { removeFolders } from './support/world.ts';
import { tasks } from './tasks.ts';
import { upgrade } from './upgrade.ts';
import { walk } from './walk.ts';
import { webhooks } from './webhooks.ts';

const MEASUREMENTS: Readonly<Record<string, Measurement>> = {
  webhooks,
  clicks,
  'slow-disk': slowDisk,
  holds,
  walk,
  'long-runs': longRuns,
  'look-ups': lookUpTimes,
  drain,
  'settle-storm': settleStorm,
  'home-storm': homeStorm,
  'click-visible': clickVisible,
  starts,
  memory,
  upgrade,
  report: reports,
  tasks,
  soak,
};

const USAGE = `npm run bench -- [--only ${Object.keys(MEASUREMENTS).join('|')}]… [--input 'a part of its name']… [--quick] [--soak] [--list] [--json]`;

const flag = { type: 'boolean', default: false } as const;
const only = { type: 'string', multiple: true, default: Object.keys(MEASUREMENTS) } as const;
const input = { type: 'string', multiple: true, default: [] as string[] } as const;
const flags = { quick: flag, soak: flag, list: flag, json: flag, help: flag };
const { values: options } = parseArgs({ options: { only, input, ...flags } });
const unknown = options.only.filter((name) => !(name in MEASUREMENTS));
if (options.help || unknown.length > 0) {
  console.log(unknown.length > 0 ? `There is no measurement ${unknown.join(', ')}.\n${USAGE}` : USAGE);
  process.exit(unknown.length > 0 ? 1 : 0);
}

const built = build();
function cleanUp(): void {
  killAll();
  removeFolders();
  built.remove();
}

let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // A signal may arrive twice: from the terminal, and handed on by npm and tsx.
  process.on(signal, async () => {
    if (stopping) return;
    stopping = true;
    cleanUp();
    await removeStores();
    process.exit(1);
  });
}

try {
  const environment = await machine();
  const rows: (Row & { part: string })[] = [];
  for (const part of options.only) {
    const progress = (text: string) => process.stderr.write(`${part}: ${text}\n`);
    progress('begins');
    const measured = (await MEASUREMENTS[part]?.({ built, ...options, progress })) ?? [];
    rows.push(...measured.map((row) => ({ part, ...row })));
  }
  environment['load average'] += `; ${loads()} after it (1, 5 and 15 minutes)`;
  if (options.json) console.log(JSON.stringify({ about: environment, options, rows }, undefined, 2));
  else {
    for (const [name, value] of Object.entries(environment)) console.log(`${name}: ${value}`);
    console.log(`\n${table(rows)}`);
    for (const { what, list } of rows) if (list) console.log(`\n${[what, ...list].join('\n')}`);
  }
} finally {
  cleanUp();
}
