import type { z } from 'zod';
import { isUserId } from '../approval/model/crew/slack-ids.ts';
import {
  DEFAULT_POLICY,
  type Policy,
  type RulesOfTasks,
  type TaskRules,
} from '../approval/model/crew/task-rules.ts';
import type { crewSchema, TaskRulesSettings } from './crew-schema.ts';

type CrewSettings = z.infer<typeof crewSchema>;

/** A crew's rules, with defaults. */
export function buildCrewRules(crew: CrewSettings): TaskRules {
  return {
    channel: crew.channel,
    approvers: crew.approvers ?? [],
    excludeRequester: crew.exclude_requester ?? false,
    allowGuests: crew.allow_guests ?? false,
    notify: crew.notify ?? 'approvers',
    rounds: crew.rounds ?? 'channel',
    policy: { ...DEFAULT_POLICY, ...buildPolicy(crew) },
  };
}

/** The rules of some tasks, without those that come from the crew. */
export function buildTaskRules(settings: TaskRulesSettings): RulesOfTasks {
  const { match, channel, approvers, exclude_requester, allow_guests, notify, rounds } = settings;
  return {
    match,
    ...(channel === undefined ? {} : { channel }),
    ...(approvers === undefined ? {} : { approvers }),
    ...(exclude_requester === undefined ? {} : { excludeRequester: exclude_requester }),
    ...(allow_guests === undefined ? {} : { allowGuests: allow_guests }),
    ...(notify === undefined ? {} : { notify }),
    ...(rounds === undefined ? {} : { rounds }),
    policy: buildPolicy(settings),
  };
}

/** Finds rules that are valid alone but not together. */
export function findRuleFaults(crew: CrewSettings): { path: PropertyKey[]; text: string }[] {
  const faults: { path: PropertyKey[]; text: string }[] = [];
  const all = [{ path: [] as PropertyKey[], rules: buildCrewRules(crew) }];
  for (const [index, settings] of (crew.tasks ?? []).entries()) {
    const { policy, match: _, ...own } = buildTaskRules(settings);
    const whole = buildCrewRules(crew);
    all.push({ path: ['tasks', index], rules: { ...whole, ...own, policy: { ...whole.policy, ...policy } } });
  }
  for (const { path, rules } of all) {
    const { policy, approvers, channel } = rules;
    const check = (good: boolean, name: string, text: string) => {
      if (!good) faults.push({ path: [...path, name], text });
    };
    check(
      policy.escalateAfter === undefined || policy.escalateTo.length > 0,
      'escalate_after',
      'needs escalate_to',
    );
    check(
      policy.escalateTo.length === 0 || policy.escalateAfter !== undefined,
      'escalate_to',
      'needs escalate_after',
    );
    check(policy.onExpiry === 'keep' || policy.expireAfter !== undefined, 'on_expiry', 'needs expire_after');
    check(
      policy.onExpiry !== 'request_revision' || policy.expiryText.trim() !== '',
      'on_expiry',
      'needs expiry_text: the feedback that CrewAI gets',
    );
    const people = approvers.length > 0 && approvers.every(isUserId);
    check(
      !people || new Set(approvers).size >= policy.approvalsRequired,
      'approvals_required',
      'is more than the number of approvers',
    );
    check(
      !isUserId(channel) || approvers.includes(channel),
      'channel',
      'is a user who is not named by id in approvers',
    );
  }
  return faults;
}

function buildPolicy(settings: Omit<TaskRulesSettings, 'match' | 'channel'>): Partial<Policy> {
  const policy = {
    silentAfter: settings.silent_after,
    undoWindow: settings.undo_window,
    approvalsRequired: settings.approvals_required,
    remindAfter: settings.remind_after,
    urgent: settings.urgent,
    escalateAfter: settings.escalate_after,
    escalateTo: settings.escalate_to,
    expireAfter: settings.expire_after,
    onExpiry: settings.on_expiry,
    expiryText: settings.expiry_text,
  };
  return Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined));
}
