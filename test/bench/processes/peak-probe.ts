import { readFileSync } from 'node:fs';

/** Loaded before a command: tells, before it ends, the most resident memory that it had, in MB, and its processor time, in seconds. */
process.once('beforeExit', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ peak: readPeak(), cpu: (user + system) / 1e6 });
});

/** Undefined where the system does not tell it. The maximum of resourceUsage() can be that of the process that started this one. */
function readPeak(): number | undefined {
  try {
    const [, kilobytes] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
    return Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}
