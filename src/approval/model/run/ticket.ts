import { randomBytes } from 'node:crypto';
import { z } from 'zod';

/**
 * Goes with each start and each attempt of a decision, in the bot's own webhook URLs (`run=<owner>.<id>`; owner: the
 * approval or the start): what follows finds its run, also when CrewAI's answer was lost and with it the new id.
 */
export const ticketSchema = z.object({
  id: z.string(),
  /** CrewAI's answer to its attempt is known: no other id belongs to it. */
  answered: z.literal(true).optional(),
  /** The id of the run whose webhook brought it. */
  usedBy: z.string().optional(),
});
export type Ticket = z.infer<typeof ticketSchema>;

/** Of an approval's or a start's tickets, so many are known. */
export const MOST_TICKETS = 20;

export function createTicketId(): string {
  return randomBytes(10).toString('hex');
}

export function writeTicket(owner: string, id: string): string {
  return `${owner}.${id}`;
}

/** The parameter of a webhook URL that carries a ticket. */
export const TICKET_PARAMETER = 'run';
const LONGEST = 100;

/** Reads what `writeTicket` wrote; undefined for any other value. */
export function readTicket(value: unknown): { owner: string; id: string } | undefined {
  if (typeof value !== 'string' || value.length > LONGEST) return undefined;
  const [, owner, id] = /^([\w-]+)\.([0-9a-f]{20})$/.exec(value) ?? [];
  return owner !== undefined && id !== undefined ? { owner, id } : undefined;
}
