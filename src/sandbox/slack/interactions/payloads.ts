import { randomBytes } from 'node:crypto';
import type { Element } from '../blocks/blocks.ts';
import { BOT, type Person, TEAM } from '../state.ts';
import { type FieldValue, stateAfter } from './entered.ts';

/** Slack's deprecated verification token. Apps should not rely on it. */
export const VERIFICATION_TOKEN = 'verification-token';

/** Builds the fields that all interactive payloads have. The payload of a stranger names the stranger's workspace. */
export function interactionFields(person: Person, triggerId: string): Record<string, unknown> {
  const team = person.stranger
    ? { id: 'T0STRANGER', domain: 'strangers' }
    : { id: TEAM.id, domain: TEAM.domain };
  return {
    user: { id: person.id, username: person.name, name: person.name, team_id: team.id },
    api_app_id: BOT.appId,
    token: VERIFICATION_TOKEN,
    trigger_id: triggerId,
    team,
    enterprise: null,
    is_enterprise_install: false,
  };
}

/** Builds the entry in `actions` for an element that a person used. */
export function actionOf(
  element: Element,
  blockId: string,
  ts: string,
  selected?: FieldValue,
): Record<string, unknown> {
  const { type, action_id } = element;
  const common = { action_id, block_id: blockId, type, action_ts: ts };
  if (type === 'button' || type === 'icon_button') {
    const { text, value, style, url } = element;
    return { ...common, text, ...defined({ value, style, url }) };
  }
  if (type === 'feedback_buttons') {
    const chosen = element[`${selected}_button`] as { text: unknown; value: unknown } | undefined;
    if (!chosen)
      throw new Error(`${action_id} has feedback buttons: pass 'positive' or 'negative' as selected`);
    return { ...common, text: chosen.text, value: chosen.value };
  }
  if (selected === undefined) throw new Error(`${action_id} is a ${type}: say what is selected`);
  return { ...common, ...stateAfter(element, selected) };
}

/** Wraps an event for the Events API. */
export function eventCallback(event: Record<string, unknown>): Record<string, unknown> {
  return {
    type: 'event_callback',
    token: VERIFICATION_TOKEN,
    team_id: TEAM.id,
    api_app_id: BOT.appId,
    event,
    event_id: `Ev${randomBytes(5).toString('hex').toUpperCase()}`,
    event_time: Math.floor(Date.now() / 1000),
    authorizations: [
      {
        enterprise_id: null,
        team_id: TEAM.id,
        user_id: BOT.userId,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
  };
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
