import type { Persona } from '../../page/scene.ts';
import { BOT } from '../../slack/state.ts';

/** People of the demo. A visitor acts as one of them. */
export const PERSONAS: readonly Persona[] = [
  { id: 'UANA', name: 'Ana', role: 'approver' },
  { id: 'UBEN', name: 'Ben', role: 'approver' },
  { id: 'UCAT', name: 'Cat', role: 'may not approve' },
];

export const APPROVERS = ['UANA', 'UBEN'];

/** The bot's app, with its name in manifest.yml. */
export const APP = { id: BOT.userId, name: 'Crew Approvals' };

export const CHANNELS = [
  {
    id: 'CAPPROVALS',
    name: 'approvals',
    purpose:
      'A crew on CrewAI prepares the launch of a rain jacket. When a person has to decide, it pauses, and its output appears here with buttons. The bot is real; Slack and CrewAI are simulated on this machine.',
  },
  { id: 'CLAUNCH', name: 'tide-launch', purpose: 'Another channel: the bot can be asked here too.' },
];
