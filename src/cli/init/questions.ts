import { parse } from 'yaml';
import type { ANSWER_CHECKS } from './check-answers.ts';

/** How many steps a person does outside init. */
const STEPS = 4;

/** The heading of a step that is done by hand, outside init. */
export const heading = (step: number) => `\nBy hand, ${step} of ${STEPS}: `;

export interface InitQuestion {
  setting: keyof typeof ANSWER_CHECKS;
  /** What to do before the answer is there. */
  explanation: string;
  question: string;
  secret?: boolean;
  /** An empty answer is one too; `first`: unless another one was wrong, which it repeats. */
  optional?: boolean | 'first';
  /** It is asked only where this question has an answer that is not empty. */
  needs?: keyof typeof ANSWER_CHECKS;
  /** When the answer is wrong, this question is asked again first. */
  backTo?: keyof typeof ANSWER_CHECKS;
}

/**
 * What init asks for, in this order. `appLink`: the link with which Slack creates the app; `manifest`: the path of the
 * manifest in it; `port`: of the bot.
 */
export function listQuestions(appLink: string, manifest: string, port = '3000'): readonly InitQuestion[] {
  return [
    {
      setting: 'SLACK_BOT_TOKEN',
      explanation: `${heading(1)}create the Slack app. Open this link, choose your workspace, and click Next, Create and Install to Workspace.\n\n${appLink}\n\nIf Slack rejects the manifest, open https://api.slack.com/apps instead, click Create New App and From a manifest, and paste ${manifest} without the lines that Slack names. If Slack asks to request the installation, an admin of the workspace has to approve it first.\n\nThe token is then under OAuth & Permissions, as Bot User OAuth Token.`,
      question: 'Bot token (xoxb-…, not shown)',
      secret: true,
    },
    {
      setting: 'SLACK_APP_TOKEN',
      explanation: `${heading(2)}under Basic Information → App-Level Tokens, generate a token with the scope connections:write.`,
      question: 'App-level token (xapp-…, not shown)',
      secret: true,
    },
    {
      setting: 'APPROVAL_CHANNEL',
      explanation: `${heading(3)}type /invite @Crew Approvals in the Slack channel for the cards.`,
      question: 'Channel (its name, ID or link)',
    },
    {
      setting: 'APPROVERS',
      explanation: '',
      question:
        'Who can decide: e-mail addresses, or IDs of users and user groups, separated by commas (Enter: anyone in the channel except guests and external users; tool calls of your own programs need names)',
      optional: true,
    },
    {
      setting: 'UNDO_WINDOW',
      explanation: '',
      question: 'How long a decision can be undone before it is sent (Enter: 10 s; 0 s: not at all)',
      optional: true,
    },
    {
      setting: 'LANGUAGE',
      explanation: '',
      question: 'Language of the messages: en, pt-BR or es (Enter: en)',
      optional: true,
    },
    {
      setting: 'CREWAI_BASE_URL',
      explanation: '\nCrewAI AMP shows the URL and the bearer token on the page of the deployed crew.',
      question:
        'URL of the crew (https://….crewai.com; Enter: programs of your own ask, such as self-hosted crews)',
      optional: 'first',
    },
    {
      setting: 'CREWAI_BEARER_TOKEN',
      explanation: '',
      question: 'Bearer token of the crew (not shown)',
      secret: true,
      needs: 'CREWAI_BASE_URL',
      backTo: 'CREWAI_BASE_URL',
    },
    {
      setting: 'PUBLIC_URL',
      explanation: `\nCrewAI sends its webhooks to this bot. Its URL is that of your server, or of a tunnel to port ${port} of this machine (cloudflared tunnel --url http://localhost:${port}).`,
      question: 'URL at which CrewAI reaches this bot (Enter: later)',
      needs: 'CREWAI_BASE_URL',
      optional: true,
    },
  ];
}

/** The link with which Slack creates an app from this manifest. `manifest`: the text of manifest.yml. */
export function buildSlackAppLink(manifest: string): string {
  const compact = JSON.stringify(parse(manifest));
  return `https://api.slack.com/apps?new_app=1&manifest_json=${encodeURIComponent(compact)}`;
}
