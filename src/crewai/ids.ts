import { z } from 'zod';

/** Longest id of a run or a task, in characters. */
const LONGEST_ID = 255;

/** An id that CrewAI gave to a run or a task. */
export const idSchema = z
  .string({ error: (issue) => (issue.input === undefined ? 'is missing' : 'must be a text') })
  .min(1, 'must not be empty')
  .max(LONGEST_ID, `must be at most ${LONGEST_ID} characters long`)
  .refine((id) => id.isWellFormed(), 'must be well-formed Unicode');
