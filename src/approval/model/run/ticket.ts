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
const MOST_TICKETS = 50;

export function addTicketId(tickets: readonly Ticket[] = [], id: string): Ticket[] {
  return [...tickets, { id }].slice(-MOST_TICKETS);
}

export function findTicket(tickets: readonly Ticket[] = [], id: string | undefined): Ticket | undefined {
  return tickets.find((ticket) => ticket.id === id);
}

export function createTicketId(): string {
  return randomBytes(10).toString('hex');
}

/** What the URLs of the latest start or attempt carry. */
export function writeLastTicket(owner: string, tickets: readonly Ticket[] = []): string | undefined {
  const last = tickets.at(-1);
  return last && `${owner}.${last.id}`;
}

/** The parameter of a webhook URL that carries a ticket. */
export const TICKET_PARAMETER = 'run';
const LONGEST = 100;

/** Reads what `writeLastTicket` wrote; undefined for any other value. */
export function readTicket(value: unknown): { owner: string; id: string } | undefined {
  if (typeof value !== 'string' || value.length > LONGEST) return undefined;
  const [, owner, id] = /^([\w-]+)\.([0-9a-f]{20})$/.exec(value) ?? [];
  return owner !== undefined && id !== undefined ? { owner, id } : undefined;
}
