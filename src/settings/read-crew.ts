import type { z } from 'zod';
import { isUserId } from '../approval/model/crew/slack-ids.ts';
import { matchesTask } from '../approval/model/crew/task-rules.ts';
import { describeUnknownField } from './ineffective.ts';
import type { CrewSettings, GivenValues } from './settings.ts';
import { CREW_SETTINGS, type CrewValues, describeSetting, type Setting } from './table.ts';
import { EMPTY_IN_YAML } from './values.ts';

/** A fault of a field, or of a part of its value. */
export interface FieldFault {
  /** The field, and the place in its value. */
  path: PropertyKey[];
  text: string;
}

/** Values by their names in the code. */
type NamedValues = Record<string, unknown>;

/**
 * Reads the values given by field; returns them by name. With `inherited`, the other values come from there or from the defaults,
 * and missing ones are reported. A wrong value is reported and becomes undefined. A placeholder is reported, too.
 */
export function readValues(
  settings: readonly Setting[],
  givenValues: GivenValues,
  faults: FieldFault[],
  inherited?: NamedValues,
): NamedValues {
  const values: NamedValues = {};
  for (const setting of settings) {
    const { field, name, schema, required, placeholder, default: preset } = setting;
    const fault = (path: PropertyKey[], text: string) => faults.push({ path: [field, ...path], text });
    const value = givenValues[field];
    const isText = typeof value === 'string';
    if (field in givenValues) {
      const { data, error } = value === undefined || value === null ? {} : schema.safeParse(value);
      values[name] = data;
      if (value === null) fault([], EMPTY_IN_YAML);
      if (value === placeholder && placeholder !== undefined)
        fault([], `still has the value of .env.example: replace it (${describeSetting(setting)})`);
      for (const issue of listFirstIssues(error, isText)) {
        // The parts of a text are not named.
        const path = isText ? [] : issue.path;
        // Only the rules of `tasks` and `irreversible` are themselves settings.
        const describe =
          field === 'tasks' || field === 'irreversible' ? describeUnknownField : () => 'is not recognized';
        if (issue.code !== 'unrecognized_keys') fault(path, issue.message);
        else for (const key of issue.keys) fault([...path, key], describe(key));
      }
    } else if (inherited && name in inherited) values[name] = inherited[name];
    else if (inherited && preset !== undefined) values[name] = schema.parse(preset);
    else if (inherited && required) fault([], `is missing: ${describeSetting(setting)}`);
  }
  return values;
}

/** Keeps the first issue of each part of a value. In a text, whose parts are not named, also drops repeated messages. */
function listFirstIssues(error: z.ZodError | undefined, isText: boolean): z.core.$ZodIssue[] {
  const reportedPlaces = new Set<string>();
  return (error?.issues ?? []).filter(({ path, message }) => {
    const places = [JSON.stringify(path), ...(isText ? [message] : [])];
    const isReported = places.some((place) => reportedPlaces.has(place));
    for (const place of places) reportedPlaces.add(place);
    return !isReported;
  });
}

/** Reads one crew; `crew` is absent if a value is wrong. `givenValues`: its own, by field. `shared`: values for all crews. */
export function readCrew(
  name: string,
  givenValues: GivenValues,
  shared: Partial<CrewValues> = {},
): { crew?: CrewSettings; faults: FieldFault[] } {
  const faults: FieldFault[] = [];
  const isFlow = String(givenValues.flow_webhook_secrets ?? '') !== '';
  const isAsked = 'ask_secret' in givenValues;
  // The bot never calls the deployment of a Flow that only asks for reviews, and a program has none. A program also sends no
  // webhooks.
  const isCalled = !(isFlow || isAsked) || 'base_url' in givenValues || 'bearer_token' in givenValues;
  const withoutUrl = isFlow
    ? { baseUrl: '', bearerToken: '' }
    : { baseUrl: '', bearerToken: '', webhookSecret: '' };
  const inherited = isCalled ? shared : { ...withoutUrl, ...shared };
  const values = readValues(CREW_SETTINGS, givenValues, faults, inherited);
  faults.push(...findRuleFaults(values), ...findEffectFaults(values, isAsked));
  if (values.askSecret !== undefined && values.askSecret === values.webhookSecret)
    faults.push({ path: ['ask_secret'], text: 'is the same as webhook_secret: it must be another one' });
  const { answerSecret } = values;
  if (Array.isArray(values.answerHosts) && values.answerHosts.length > 0 && !('answerSecret' in values))
    faults.push({ path: ['answer_hosts'], text: 'needs answer_secret' });
  const otherSecrets = ['askSecret', 'webhookSecret', 'eventsSecret'] as const;
  const equalSecret = otherSecrets.find(
    (name) => answerSecret !== undefined && values[name] === answerSecret,
  );
  if (equalSecret !== undefined) {
    const field = CREW_SETTINGS.find(({ name }) => name === equalSecret)?.field;
    faults.push({ path: ['answer_secret'], text: `is the same as ${field}: it must be another one` });
  }
  for (const [property, field, needed] of [
    ['eventsUrl', 'events_url', 'eventsSecret'],
    ['eventsSecret', 'events_secret', 'eventsUrl'],
  ] as const)
    if (values[property] !== undefined && !(needed in values))
      faults.push({
        path: [field],
        text: `needs ${needed === 'eventsUrl' ? 'events_url' : 'events_secret'}`,
      });
  const isRight = faults.length === 0 && !Object.values(values).includes(undefined);
  return isRight ? { crew: { name, isFlow, ...values } as CrewSettings, faults } : { faults };
}

/**
 * Finds settings that contradict an irreversible action, and rules of `irreversible` that have no effect or leave too few
 * approvers. `isAsked`: programs ask, and can say themselves that an action is irreversible.
 */
function findEffectFaults(crew: Partial<CrewValues>, isAsked: boolean): FieldFault[] {
  const { tasks = [], irreversible, irreversibleTools = [], allowToolsForRun = [] } = crew;
  const isCrewIrreversible = crew.effect === 'irreversible';
  const faults: FieldFault[] = tasks.flatMap(({ effect, onExpiry = crew.onExpiry }, index) => {
    const isIrreversible = isCrewIrreversible || effect === 'irreversible';
    return [
      ...(isIrreversible && onExpiry === 'approve'
        ? [{ path: ['tasks', index, 'on_expiry'], text: NOT_BY_RULE }]
        : []),
      ...(isCrewIrreversible && effect === 'reversible'
        ? [{ path: ['tasks', index, 'effect'], text: 'cannot be reversible: the whole crew is irreversible' }]
        : []),
    ];
  });
  if (crew.onExpiry === 'approve' && (isCrewIrreversible || irreversibleTools.length > 0))
    faults.push({ path: ['on_expiry'], text: NOT_BY_RULE });
  const isAnyIrreversible =
    isCrewIrreversible ||
    irreversibleTools.length > 0 ||
    tasks.some(({ effect }) => effect === 'irreversible');
  if (irreversible && !isAnyIrreversible && !isAsked)
    faults.push({
      path: ['irreversible'],
      text: 'has no effect: effect, tasks and irreversible_tools call nothing irreversible',
    });
  const contradictedTool = allowToolsForRun.find(
    (tool) => irreversibleTools.length > 0 && matchesTask(irreversibleTools, tool),
  );
  if (contradictedTool !== undefined)
    faults.push({
      path: ['allow_tools_for_run'],
      text: `names ${contradictedTool}, which irreversible_tools calls irreversible: each call needs its own decision`,
    });
  return [...faults, ...findFurtherRuleFaults(crew)];
}

const NOT_BY_RULE = 'must not be approve where something is irreversible: only people approve it';

/** Finds rules of `irreversible` that leave too few approvers. Skips user groups, whose members are not known here. */
function findFurtherRuleFaults({ approvers = [], irreversible, ...crew }: Partial<CrewValues>): FieldFault[] {
  const furtherApprovers = irreversible?.approvers ?? [];
  if (!irreversible || ![...approvers, ...furtherApprovers].every(isUserId)) return [];
  const lists = [approvers, furtherApprovers].filter((list) => list.length > 0);
  const [firstList = [], ...otherLists] = lists;
  const deciders = new Set(firstList.filter((id) => otherLists.every((list) => list.includes(id))));
  const required = Math.max(crew.approvalsRequired ?? 1, irreversible.approvalsRequired ?? 1);
  if (lists.length === 0 || deciders.size >= required) return [];
  return furtherApprovers.length > 0
    ? [
        {
          path: ['irreversible', 'approvers'],
          text: `leaves ${deciders.size} of the ${required} people needed`,
        },
      ]
    : [{ path: ['irreversible', 'approvals_required'], text: 'is more than the number of approvers' }];
}

/** Finds rules that are valid alone but not together. A wrong value is present as undefined, so it does not count as missing. */
function findRuleFaults(crew: Partial<CrewValues>): FieldFault[] {
  const tasks = (crew.tasks ?? []).map((task, index) => ({
    path: ['tasks', index],
    rules: { ...crew, ...task },
  }));
  return [{ path: [], rules: crew }, ...tasks].flatMap(({ path, rules }) => {
    const { approvers, approvalsRequired = 1, escalateTo, onExpiry, expiryText, channel = '' } = rules;
    const people = approvers?.every(isUserId) ? new Set(approvers) : new Set();
    const checks: [isWrong: boolean, field: string, text: string][] = [
      [rules.escalateAfter !== undefined && escalateTo?.length === 0, 'escalate_after', 'needs escalate_to'],
      [(escalateTo ?? []).length > 0 && !('escalateAfter' in rules), 'escalate_to', 'needs escalate_after'],
      [(onExpiry ?? 'keep') !== 'keep' && !('expireAfter' in rules), 'on_expiry', 'needs expire_after'],
      [
        onExpiry === 'request_revision' && (!('expiryText' in rules) || expiryText?.trim() === ''),
        'on_expiry',
        'needs expiry_text: the feedback that CrewAI gets',
      ],
      [
        people.size > 0 && people.size < approvalsRequired,
        'approvals_required',
        'is more than the number of approvers',
      ],
      [
        isUserId(channel) && approvers?.includes(channel) === false,
        'channel',
        'is a user who is not named by id in approvers',
      ],
    ];
    return checks.flatMap(([isWrong, field, text]) => (isWrong ? [{ path: [...path, field], text }] : []));
  });
}
