import { z } from 'zod';
import { CREW } from './crew/crew.ts';
import { PAYMENTS } from './crew/payments.ts';
import { CHANNELS, PERSONAS } from './crew/people.ts';

const id = z.string().min(1).max(255);
const by = {
  as: z
    .string()
    .transform((personId) => PERSONAS.find((person) => person.id === personId)?.id ?? PERSONAS[0]?.id ?? ''),
  channel: z.string().transform((channelId) => CHANNELS.find((channel) => channel.id === channelId)?.id),
};
const element = {
  ...by,
  actionId: id,
  blockId: id,
  selected: z.string().max(255).optional(),
  label: z.string().max(75).optional(),
};

const entry = z.string().max(40_000);
const values = z.record(id, z.record(id, z.union([entry, z.array(entry).max(100)])));

const action = z.discriminatedUnion('do', [
  z.object({ do: z.literal('click'), ts: z.string().max(30), ...element }),
  z.object({ do: z.literal('click_in_view'), ...element, values: values.optional() }),
  z.object({ do: z.literal('shortcut'), ts: z.string().max(30), ...by, how: id }),
  z.object({ do: z.literal('submit'), ...by, values }),
  z.object({ do: z.literal('close_modal'), ...by }),
  z.object({ do: z.literal('open_home'), ...by }),
  z.object({
    do: z.literal('write'),
    ...by,
    text: z.string().max(4_000),
    thread: z.string().max(30).optional(),
  }),
  z.object({ do: z.literal('start_run'), ...by, how: z.enum([CREW, PAYMENTS]) }),
  z.object({ do: z.literal('start_flow'), ...by }),
  z.object({ do: z.literal('answer_in_dashboard'), ...by, how: id }),
  z.object({ do: z.literal('crewai_fails'), ...by, how: z.enum(['500', '503', 'answer_lost']) }),
  z.object({ do: z.literal('slack_fails'), ...by, how: z.enum(['503', 'rate_limited']) }),
  z.object({
    do: z.literal('send_again'),
    ...by,
    how: z.string().regex(/^(crew|payments|flow)-webhook-\d{1,6}$/),
  }),
  z.object({ do: z.literal('restart_bot'), ...by, how: z.enum(['now', 'at_decision']) }),
]);

/** An action of a visitor on the page. */
export type Action = z.infer<typeof action>;

/** The action with this `do`. */
export type ActionOf<Do extends Action['do']> = Extract<Action, { do: Do }>;

/** Reads an action that the page sent; undefined if no visitor can do it. */
export function readAction(value: unknown): Action | undefined {
  return action.safeParse(value).data;
}
