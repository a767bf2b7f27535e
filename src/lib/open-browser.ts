import { spawn } from 'node:child_process';

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, [string, ...string[]]>>> = {
  darwin: ['open'],
  // Unlike `start`, it takes & and % as they are.
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Opens a URL in the browser of this machine, if there is one and a person sits in front of it. */
export function openBrowser(url: string): void {
  const { DISPLAY, WAYLAND_DISPLAY, CI } = process.env;
  const opener = OPENERS[process.platform];
  if (CI || !process.stdout.isTTY || !(opener || DISPLAY || WAYLAND_DISPLAY)) return;
  const [command, ...args] = opener ?? ['xdg-open'];
  const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
