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
      blocks: z.array(z.looseObject({ block_id: text })).nullish(),
      state: z.looseObject({ values: z.record(z.string(), z.record(z.string(), entry)) }).nullish(),
    })
    .nullish(),
  event: z.looseObject({ type: z.string(), user: z.unknown().optional() }).nullish(),
});

/** Whether a payload has the form that the listeners rely on: they store its ids and texts unchanged. */
export function hasKnownForm(body: unknown): boolean {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) return false;
  const { type, command, user, user_id, view } = parsed.data;
  if (command != null) return typeof user_id === 'string';
  if (isEvent(type)) return true;
  return user != null && (type !== 'view_submission' || view?.state != null);
}

/** Whether a payload is an event that no listener reads: another one than the opening of a Home tab, or one without a user. */
export function isUnreadEvent(body: unknown): boolean {
  const { type, event } = body as { type?: unknown; event?: { type?: unknown; user?: unknown } | null };
  return isEvent(type) && !(event?.type === 'app_home_opened' && typeof event.user === 'string');
}

/** `app_rate_limited` comes without an event. https://docs.slack.dev/reference/events/app_rate_limited */
function isEvent(type: unknown): boolean {
  return type === 'event_callback' || type === 'app_rate_limited';
}
