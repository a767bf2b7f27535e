import { randomBytes } from 'node:crypto';
import { z } from 'zod';

/**
 * A ticket travels with each start and each attempt of a decision, in the bot's own webhook URLs (`run=<owner>.<id>`; owner: the
 * approval or the start). Later webhooks find their run by it, even if CrewAI's answer with the new id was lost.
 */
export const ticketSchema = z.object({
  id: z.string(),
  /** CrewAI's answer to the attempt is known: no other id belongs to the ticket. */
  answered: z.literal(true).optional(),
  /** Id of the run whose webhook brought the ticket. */
  usedBy: z.string().optional(),
});
export type Ticket = z.infer<typeof ticketSchema>;

/** Most tickets to keep for an approval or a start. */
const MAX_TICKETS = 50;

export function addTicketId(tickets: readonly Ticket[] = [], id: string): Ticket[] {
  return [...tickets, { id }].slice(-MAX_TICKETS);
}

export function findTicket(tickets: readonly Ticket[] = [], id: string | undefined): Ticket | undefined {
  return tickets.find((ticket) => ticket.id === id);
}

export function createTicketId(): string {
  return randomBytes(10).toString('hex');
}

/** Writes the ticket of the latest start or attempt for webhook URLs. */
export function formatLastTicket(owner: string, tickets: readonly Ticket[] = []): string | undefined {
  const lastTicket = tickets.at(-1);
  return lastTicket && `${owner}.${lastTicket.id}`;
}

/** Parameter of webhook URLs that carries a ticket. */
export const TICKET_PARAMETER = 'run';
const LONGEST_TICKET = 100;

/** Reads a ticket that `formatLastTicket` wrote; undefined: any other value. */
export function readTicket(value: unknown): { owner: string; id: string } | undefined {
  if (typeof value !== 'string' || value.length > LONGEST_TICKET) return undefined;
  const [, owner, id] = /^([\w-]+)\.([0-9a-f]{20})$/.exec(value) ?? [];
  return owner !== undefined && id !== undefined ? { owner, id } : undefined;
}
