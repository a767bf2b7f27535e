import { readFileSync } from 'node:fs';

/**
 * Loaded before a command. Before the command ends, reports its peak of resident memory in MB and its processor time in
 * seconds.
 */
process.once('beforeExit', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ peak: readPeak(), cpu: (user + system) / 1e6 });
});

/**
 * Reads the peak of resident memory; undefined if the system does not report it. The maximum in resourceUsage() can be
 * that of the parent process.
 */
function readPeak(): number | undefined {
  try {
    const [, kilobytes] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
    return Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}
