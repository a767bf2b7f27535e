import type { Scene, ShownMessage, WireEntry } from '../../../src/sandbox/page/scene.ts';

export const said = (fields: Partial<ShownMessage> = {}): ShownMessage => ({
  ts: '1700000000.000100',
  text: 'Hello',
  user: 'UANA',
  edited: false,
  onlyForYou: false,
  files: [],
  ...fields,
});

export const wire = (fields: Partial<WireEntry>): WireEntry => ({
  id: 'request-1',
  at: 1_700_000_000_000,
  from: 'bot',
  method: 'POST',
  url: 'http://127.0.0.1:1/resume',
  headers: {},
  body: {},
  status: 200,
  answer: {},
  ...fields,
});

export const scene = (fields: Partial<Scene> = {}): Scene => ({
  viewpoint: { as: 'UANA', at: 'C1', pane: 'slack' },
  language: 'en',
  personas: [
    { id: 'UANA', name: 'Ana', role: 'approver' },
    { id: 'UBEN', name: 'Ben', role: 'approver' },
    { id: 'UCAT', name: 'Cat', role: 'may not approve' },
  ],
  channels: [{ id: 'C1', name: 'approvals', purpose: 'To decide' }],
  app: { id: 'U0BOT', name: 'Crew Approvals' },
  shortcuts: [],
  conversation: [],
  errors: {},
  crews: [{ name: 'press', runs: [] }],
  flow: { name: 'newsletter', about: 'It asks', outcomes: ['Send', 'Rework'], runs: [] },
  wire: [],
  command: 'curl http://127.0.0.1:3000',
  dialect: 'live',
  bot: { state: 'running', pid: 1, story: [] },
  failing: { crewai: 0, slack: 0, killAtDecision: false },
  failures: [],
  waiting: [],
  guide: { text: 'Do something' },
  ...fields,
});
