import { spawn } from 'node:child_process';

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, [string, ...string[]]>>> = {
  darwin: ['open'],
  // Unlike `start`, rundll32 leaves & and % unchanged.
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Opens a URL in this machine's browser, if there is one and a person is at the terminal. */
export function openBrowser(url: string): void {
  const { DISPLAY, WAYLAND_DISPLAY, CI } = process.env;
  const opener = OPENERS[process.platform];
  if (CI || !process.stdout.isTTY || !(opener || DISPLAY || WAYLAND_DISPLAY)) return;
  const [command, ...args] = opener ?? ['xdg-open'];
  const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
