import { z } from 'zod';
import { time } from '../round.ts';

/** A step of an agent: what it called a tool with, and what came of it; each cut. */
const agentStepSchema = z.object({
  at: time,
  tool: z.string(),
  input: z.string(),
  result: z.string(),
});
export const agentStepsSchema = z.array(agentStepSchema);
export type AgentStep = z.infer<typeof agentStepSchema>;

/** So many of a run are kept, and so many characters of them. */
const MOST_STEPS = 30;
const MOST_CHARACTERS = 20_000;

/** The last steps of a run, with one more. Pure. */
export function addAgentStep(steps: readonly AgentStep[], step: AgentStep): AgentStep[] {
  const last = [...steps, step].slice(-MOST_STEPS);
  while (last.length > 1 && last.reduce((sum, one) => sum + sizeOf(one), 0) > MOST_CHARACTERS) last.shift();
  return last;
}

function sizeOf({ tool, input, result }: AgentStep): number {
  return tool.length + input.length + result.length;
}
