// Asks people in Slack whether a job of GitHub Actions may continue, and ends with 0 only if they chose the one answer that was named.
// With the argument `withdraw`, withdraws the question: its job was cancelled. Runs without any package.
import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Seconds that the bot holds a request until there is an answer, and within which a request must be answered beyond that. */
const [WAIT, CALL_TIMEOUT] = [25, 15];
/** Seconds before a failed request is sent again: doubled each time. */
const [FIRST_RETRY, LONGEST_RETRY] = [1, 60];

class Failure extends Error {}

try {
  const question = readAddress(process.env);
  if (process.argv[2] === 'withdraw') await withdraw(question);
  else await ask(question, readQuestion(process.env));
} catch (error) {
  // A workflow command ends at its line.
  console.log(`::error::${String(error instanceof Failure ? error.message : error).replaceAll(/\s+/g, ' ')}`);
  process.exitCode = 1;
}

function readAddress({ BOT_URL = '', CREW = '', ASK_SECRET = '', NAME = '', ...github }) {
  if (ASK_SECRET === '')
    throw new Failure(
      'secret is empty: set it to the ask secret of the crew. Pull requests from forks get no secrets.',
    );
  if (CREW === '') throw new Failure('crew is empty.');
  // Under the id of an earlier run, the question would get its answer.
  const names = [github.GITHUB_REPOSITORY, github.GITHUB_RUN_ID, github.GITHUB_RUN_ATTEMPT, NAME];
  const id = `github-${createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 40)}`;
  return {
    address: `${readUrl(BOT_URL)}/crews/${encodeURIComponent(CREW)}/questions/${id}`,
    headers: { authorization: `Bearer ${ASK_SECRET}`, 'content-type': 'application/json' },
  };
}

function readQuestion({ TITLE, TEXT, OPTIONS = '', CONTINUE_WITH = '', APPROVERS, CHANNEL, ...github }) {
  const options = readOptions(OPTIONS);
  if (!options.some((option) => option?.id === CONTINUE_WITH))
    throw new Failure(`continue-with is ${JSON.stringify(CONTINUE_WITH)}, which is not the id of an option.`);
  const { GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT, GITHUB_SHA, GITHUB_SERVER_URL } = github;
  const run = `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`;
  const body = {
    ...{ title: TITLE, text: TEXT, options, agent: 'GitHub Actions' },
    message: `${GITHUB_REPOSITORY}, commit ${GITHUB_SHA}, attempt ${GITHUB_RUN_ATTEMPT}: ${run}`,
    ...(APPROVERS ? { approvers: APPROVERS.split(',').map((approver) => approver.trim()) } : {}),
    ...(CHANNEL ? { channel: CHANNEL } : {}),
  };
  return { body: JSON.stringify(body), continueWith: CONTINUE_WITH };
}

function readUrl(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.username !== '' || !['https:', 'http:'].includes(url.protocol))
    throw new Failure('url must be the address of the bot, such as https://approvals.example.com.');
  if (url.protocol === 'http:' && !['localhost', '127.0.0.1', '[::1]'].includes(url.hostname))
    throw new Failure('url must begin with https: the secret would be sent in plain text.');
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function readOptions(text) {
  try {
    const options = JSON.parse(text);
    if (Array.isArray(options)) return options;
  } catch {}
  throw new Failure('options must be a JSON list.');
}

async function ask(question, { body, continueWith }) {
  await call(question, 'PUT', '', body);
  console.log('The question is in Slack. This step waits for an answer.');
  let state;
  do state = await call(question, 'GET', `?wait=${WAIT}`);
  while (state.status === 'waiting');
  const { status, answer, reason = '' } = state;
  if (status !== 'answered' || typeof answer?.option !== 'string')
    throw new Failure(`The question was closed without an answer. ${reason}`);
  await call(question, 'PUT', '/received');
  const { option, by = '', text = '' } = answer;
  if (process.env.GITHUB_OUTPUT) appendFileSync(process.env.GITHUB_OUTPUT, `option=${option}\nby=${by}\n`);
  const who = by === '' ? 'The rule for the deadline' : `Slack user ${by}`;
  const said = `${who} chose "${option}".${text === '' ? '' : ` ${text}`}`;
  if (option !== continueWith || by === '') throw new Failure(said);
  // A person's text could begin a line with a command to the runner.
  console.log(said.replaceAll(/\s+/g, ' '));
}

async function withdraw(question) {
  await call(question, 'DELETE', '');
  console.log('The question is withdrawn.');
}

/** Sends a request until the bot has answered it. Throws a Failure for an answer that does not change. */
async function call({ address, headers }, method, path, body) {
  for (let pause = FIRST_RETRY; ; pause = Math.min(pause * 2, LONGEST_RETRY)) {
    let problem;
    try {
      const response = await fetch(`${address}${path}`, {
        ...{ method, headers, redirect: 'manual' },
        ...(body === undefined ? {} : { body }),
        signal: AbortSignal.timeout((WAIT + CALL_TIMEOUT) * 1_000),
      });
      const { status, ok } = response;
      const answer = await response.json().catch(() => undefined);
      if (ok && answer) return answer;
      problem = `${status} ${answer?.message ?? ''}`.trim();
      if (status < 500 && status !== 408 && status !== 429 && !ok)
        throw new Failure(`The bot answered ${problem}`);
    } catch (error) {
      if (error instanceof Failure) throw error;
      problem ??= error.cause?.code ?? error.name;
    }
    console.log(`The bot cannot be reached (${problem}). Asking again in ${pause} s.`);
    await sleep(pause * 1_000);
  }
}
