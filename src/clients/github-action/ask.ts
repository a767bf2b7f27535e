// Asks people in Slack whether a job of GitHub Actions may continue, and ends with 0 only if they chose the one answer that was named.
// With the argument `withdraw`, withdraws the question: its job was cancelled.
// ask.mjs is bundled from this file: npx vitest run test/clients/github-action.test.ts --update
import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { isRejectionStatus } from '../bot-calls.ts';
import { type BotUnavailable, CrewApprovals, type ProgramQuestion } from '../client.ts';

/** An end without the named answer; the message is for the job's log. */
class Failure extends Error {}

const { env } = process;
try {
  const client = openClient();
  if (process.argv[2] === 'withdraw') await withdraw(client);
  else await ask(client);
} catch (error) {
  writeLog(error instanceof Error ? error.message : String(error), '::error::');
  process.exitCode = 1;
}

function openClient(): CrewApprovals {
  const { BOT_URL: url = '', CREW: crew = '', ASK_SECRET: secret = '' } = env;
  if (secret === '')
    throw new Failure(
      'secret is empty: set it to the ask secret of the crew. Pull requests from forks get no secrets.',
    );
  const client: CrewApprovals = new CrewApprovals({
    ...{ url, crew, secret },
    onRetry(failure: BotUnavailable) {
      // A proxy can also answer like this, while the bot restarts.
      if (isRejectionStatus(failure) && !client.bot.isAccepted) throw failure;
      const seconds = Math.ceil(failure.retryIn);
      writeLog(`The bot cannot be reached (${failure.message}). Asking again in ${seconds} s.`);
    },
  });
  return client;
}

/** The same for one attempt of a job: under the id of an earlier attempt, the question would get its answer. */
function buildId(): string {
  const names = [env.GITHUB_REPOSITORY, env.GITHUB_RUN_ID, env.GITHUB_RUN_ATTEMPT, env.NAME];
  return `github-${createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 40)}`;
}

async function ask(client: CrewApprovals): Promise<void> {
  const { CONTINUE_WITH: continueWith, GITHUB_OUTPUT: output } = env;
  const question = readQuestion();
  if (!question.options?.some((option) => option?.id === continueWith))
    throw new Failure(`continue-with is ${JSON.stringify(continueWith)}, which is not the id of an option.`);
  const id = buildId();
  await client.put(id, question);
  writeLog('The question is in Slack. This step waits for an answer.');
  const { option, by, text } = await client.ask(question, { id });
  // Without `by`, the answer is not a person's: a rule may have answered at the deadline.
  const isByPerson = typeof by === 'string' && by !== '';
  if (output) appendFileSync(output, `option=${option}\nby=${isByPerson ? by : ''}\n`);
  const who = isByPerson ? `Slack user ${by}` : 'The rule for the deadline';
  const said = `${who} chose "${option}".${text ? ` ${text}` : ''}`;
  if (option !== continueWith || !isByPerson) throw new Failure(said);
  writeLog(said);
}

function readQuestion(): ProgramQuestion {
  const { TITLE = '', TEXT = '', OPTIONS = '', APPROVERS, CHANNEL } = env;
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT, GITHUB_SHA } = env;
  const run = `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`;
  return {
    ...{ title: TITLE, text: TEXT, options: readOptions(OPTIONS), agent: 'GitHub Actions' },
    message: `${GITHUB_REPOSITORY}, commit ${GITHUB_SHA}, attempt ${GITHUB_RUN_ATTEMPT}: ${run}`,
    ...(APPROVERS ? { approvers: APPROVERS.split(',').map((approver) => approver.trim()) } : {}),
    ...(CHANNEL ? { channel: CHANNEL } : {}),
  };
}

function readOptions(text: string): NonNullable<ProgramQuestion['options']> {
  try {
    const options: unknown = JSON.parse(text);
    if (Array.isArray(options)) return options;
  } catch {}
  throw new Failure('options must be a JSON list.');
}

async function withdraw(client: CrewApprovals): Promise<void> {
  const { status } = await client.withdraw(buildId());
  writeLog(status === 'withdrawn' ? 'The question is withdrawn.' : 'The question was already over.');
}

/** Writes one line. The runner carries out commands in text that it gets: `::` at the start of a line, `##[` anywhere in it. */
function writeLog(text: string, command = ''): void {
  const line = text.replaceAll(/\s+/g, ' ').replaceAll('##[', '## [');
  console.log(command === '' ? line : `${command}${line.replaceAll('%', '%25')}`);
}
