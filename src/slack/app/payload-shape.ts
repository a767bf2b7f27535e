import { z } from 'zod';

const text = z.string().nullish();
const place = z.looseObject({ id: z.string() }).nullish();
const entry = z.looseObject({ value: text, selected_user: text });
const bodySchema = z.looseObject({
  type: text,
  command: text,
  user_id: text,
  channel_id: text,
  text,
  response_url: text,
  trigger_id: text,
  user: place,
  channel: place,
  message: z.looseObject({ ts: z.string().regex(/^\d+\.\d+$/), thread_ts: text }).nullish(),
  actions: z
    .array(
      z.looseObject({
        action_id: z.string(),
        value: text,
        selected_option: z.looseObject({ value: text }).nullish(),
      }),
    )
    .nullish(),
  view: z
    .looseObject({
      id: text,
      callback_id: text,
      private_metadata: text,
      state: z.looseObject({ values: z.record(z.string(), z.record(z.string(), entry)) }).nullish(),
    })
    .nullish(),
  event: z.looseObject({ type: z.string(), user: z.unknown() }).nullish(),
});

/** Whether a payload has the form that the listeners rely on: they store its ids and texts unchanged. */
export function hasKnownForm(body: unknown): boolean {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) return false;
  const { type, command, user, user_id, event, view } = parsed.data;
  if (command != null) return typeof user_id === 'string';
  if (type === 'event_callback') return event?.type !== 'app_home_opened' || typeof event.user === 'string';
  return user != null && (type !== 'view_submission' || view?.state != null);
}
