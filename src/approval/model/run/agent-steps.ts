import { z } from 'zod';
import { time } from '../round.ts';

/** A step of an agent: a tool call and its result, each text shortened. */
const agentStepSchema = z.object({
  at: time,
  tool: z.string(),
  input: z.string(),
  result: z.string(),
});
export const agentStepsSchema = z.array(agentStepSchema);
export type AgentStep = z.infer<typeof agentStepSchema>;

/** Most steps of a run to keep, and most characters of them. */
const MAX_STEPS = 30;
const MAX_CHARACTERS = 20_000;

/** Adds a step and keeps the last ones of the run. Pure. */
export function addAgentStep(steps: readonly AgentStep[], step: AgentStep): AgentStep[] {
  const lastSteps = [...steps, step].slice(-MAX_STEPS);
  while (
    lastSteps.length > 1 &&
    lastSteps.reduce((sum, lastStep) => sum + measureStep(lastStep), 0) > MAX_CHARACTERS
  )
    lastSteps.shift();
  return lastSteps;
}

function measureStep({ tool, input, result }: AgentStep): number {
  return tool.length + input.length + result.length;
}
