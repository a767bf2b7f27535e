import type { RequestHandler } from 'express';
import type { Answer } from '../../../src/sandbox/crewai/answers.ts';
import type { Contract, Runs } from '../../../src/sandbox/crewai/contract.ts';
import type { Dialect } from '../../../src/sandbox/crewai/dialect.ts';
import type { Run } from '../../../src/sandbox/crewai/run.ts';
import { describeTask } from '../../../src/sandbox/crewai/webhook-bodies.ts';
import type { WebhookTargets } from '../../../src/sandbox/crewai/webhook-targets.ts';

/** Changes a contract so that a kickoff requires only these inputs of those that the platform names. */
export function requireOnly(contract: Contract, required: readonly string[]): Contract {
  return { ...contract, readKickoff: (body) => contract.readKickoff(body, required) };
}

/** Adds these names to the answer to GET /inputs, as the platform does since November 2026. */
export function nameRequired(required: readonly string[]): RequestHandler {
  return (req, res, next) => {
    const json = res.json.bind(res);
    if (req.path === '/inputs')
      res.json = (body) => json(body.inputs ? { ...body, required_inputs: required } : body);
    next();
  };
}

/** Makes kickoffs fail with 424: tools of the crew use apps that no one has connected. No source shows the body. */
export function refuseApps(contract: Contract, dialect: Dialect, apps: readonly string[]): Contract {
  const message = 'This crew uses apps that are not connected';
  const code = 'apps_not_connected';
  const body =
    dialect === 'live' ? { detail: { code, message, apps } } : { error: code, message, details: { apps } };
  return {
    ...contract,
    readKickoff(given, needed) {
      const kickoff = contract.readKickoff(given, needed);
      return 'refused' in kickoff ? kickoff : { refused: { status: 424, body } };
    },
  };
}

/** Removes `meta` from the webhooks after a /resume. */
export function forgetMeta(contract: Contract): Contract {
  return {
    ...contract,
    answerResume(body, runs): Answer {
      const answer = contract.answerResume(body, runs);
      const { executionId, execution_id } = Object(body) as Record<string, unknown>;
      const run = runs.get(String(executionId ?? execution_id));
      // Only a /resume that settled a pause has an effect afterwards.
      if (run && answer.afterwards) run.meta = undefined;
      return answer;
    },
  };
}

/** Finds the webhook URLs for what follows the last /resume. */
export function urlsOf({ environment, named }: Run): WebhookTargets {
  return environment.findTargets(
    named.map(({ targets }) => targets),
    named.length - 1,
  );
}

/**
 * Creates a function to call after each change. It sends a task webhook with `status: "error"` for the task of each
 * failed run.
 */
export function createFailedTaskWebhooks(runs: () => Runs): () => void {
  const reportedRuns = new Set<Run>();
  return () => {
    for (const run of runs().values()) {
      const { execution, environment, position, done, meta } = run;
      if (execution.status !== 'error' || reportedRuns.has(run)) continue;
      reportedRuns.add(run);
      const task = environment.tasks.slice(position).find(({ name }) => !done.has(name));
      const url = urlsOf(run).taskWebhookUrl;
      if (!task || !url) continue;
      const runFields = { kickoff_id: execution.kickoffId, ...(meta && { meta }) };
      run.send({ kind: 'task', url, body: { ...describeTask(task), status: 'error', ...runFields } });
    }
  };
}
