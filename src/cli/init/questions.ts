import { parse } from 'yaml';
import type { ANSWER_CHECKS } from './check-answers.ts';

/** Number of manual steps outside init. */
const STEPS = 4;

/** Writes the heading of a manual step. */
export const heading = (step: number) => `\nBy hand, ${step} of ${STEPS}: `;

export interface InitQuestion {
  setting: keyof typeof ANSWER_CHECKS;
  /** Instructions to follow before answering. */
  explanation: string;
  question: string;
  secret?: boolean;
  /** An empty answer is allowed; `first`: only until a wrong answer, which an empty answer then repeats. */
  optional?: boolean | 'first';
  /** The question is asked only if this other question has an answer that is not empty. */
  needs?: keyof typeof ANSWER_CHECKS;
  /** Question to ask again first if the answer is wrong. */
  backTo?: keyof typeof ANSWER_CHECKS;
}

/**
 * Lists the questions of init in order. `appLink`: link with which Slack creates the app; `manifest`: path of the manifest to
 * paste if Slack rejects the link; `port`: the bot's port.
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

/** Builds the link with which Slack creates an app from a manifest. `manifest`: the text of manifest.yml. */
export function buildSlackAppLink(manifest: string): string {
  const compact = JSON.stringify(parse(manifest));
  return `https://api.slack.com/apps?new_app=1&manifest_json=${encodeURIComponent(compact)}`;
}
