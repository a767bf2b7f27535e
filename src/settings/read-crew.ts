import { isUserId } from '../approval/model/crew/slack-ids.ts';
import { describeUnknownField } from './ineffective.ts';
import type { CrewSettings, GivenValues } from './settings.ts';
import { CREW_SETTINGS, type CrewValues, describeSetting, type Setting } from './table.ts';

/** What is wrong with a field, or with a part of its value. */
export interface FieldFault {
  /** The field, and where in its value. */
  path: PropertyKey[];
  text: string;
}

/** Values by their names in the code. */
type NamedValues = Record<string, unknown>;

/** Reads the values that are given by fields. A wrong value is named and undefined, so that it is not missing too. */
export function readValues(
  settings: readonly Setting[],
  given: GivenValues,
  faults: FieldFault[],
): NamedValues {
  const values: NamedValues = {};
  for (const setting of settings) {
    const { field, name, schema, placeholder } = setting;
    if (!(field in given)) continue;
    const value = given[field];
    values[name] = undefined;
    if (value === undefined) continue;
    const { data, error } = schema.safeParse(value);
    values[name] = data;
    if (value === placeholder)
      faults.push({
        path: [field],
        text: `still has the value of .env.example: replace it (${describeSetting(setting)})`,
      });
    for (const issue of error?.issues ?? []) {
      // A text has no parts.
      const path = typeof value === 'string' ? [field] : [field, ...issue.path];
      if (issue.code !== 'unrecognized_keys') faults.push({ path, text: issue.message });
      else
        for (const key of issue.keys) faults.push({ path: [...path, key], text: describeUnknownField(key) });
    }
  }
  return values;
}

/** Adds the defaults, and names what is missing. */
export function addDefaults(settings: readonly Setting[], values: NamedValues, faults: FieldFault[]): void {
  for (const setting of settings) {
    const { field, name, schema, required, default: preset } = setting;
    if (name in values) continue;
    if (required) faults.push({ path: [field], text: `is missing: ${describeSetting(setting)}` });
    if (preset !== undefined) values[name] = schema.parse(preset);
  }
}

/** Reads one crew, if all its values are right. `given`: its own values by fields; `shared`: those of all crews. */
export function readCrew(
  name: string,
  given: GivenValues,
  shared: Partial<CrewValues> = {},
): { crew?: CrewSettings; faults: FieldFault[] } {
  const faults: FieldFault[] = [];
  const own = readValues(CREW_SETTINGS, given, faults);
  const values: NamedValues = { ...shared, ...own };
  const isFlow = Array.isArray(own.flowWebhookSecrets) && own.flowWebhookSecrets.length > 0;
  // A Flow that only asks for reviews is not called.
  if (isFlow && !('baseUrl' in values) && !('bearerToken' in values))
    Object.assign(values, { baseUrl: '', bearerToken: '' });
  const isRight = !Object.values(values).includes(undefined);
  addDefaults(CREW_SETTINGS, values, faults);
  faults.push(...findRuleFaults(values));
  return isRight && faults.length === 0
    ? { crew: { name, isFlow, ...values } as CrewSettings, faults }
    : { faults };
}

/** Finds rules that are valid alone but not together. A wrong value is undefined: what needs it is not wrong too. */
function findRuleFaults(crew: Partial<CrewValues>): FieldFault[] {
  const tasks = (crew.tasks ?? []).map((task, index) => ({
    path: ['tasks', index],
    rules: { ...crew, ...task },
  }));
  return [{ path: [], rules: crew }, ...tasks].flatMap(({ path, rules }) => {
    const { approvers = [], approvalsRequired = 1, escalateTo, onExpiry, expiryText, channel } = rules;
    const arePeople = approvers.length > 0 && approvers.every(isUserId);
    const checks: [isWrong: boolean, field: string, text: string][] = [
      [rules.escalateAfter !== undefined && escalateTo?.length === 0, 'escalate_after', 'needs escalate_to'],
      [(escalateTo ?? []).length > 0 && !('escalateAfter' in rules), 'escalate_to', 'needs escalate_after'],
      [(onExpiry ?? 'keep') !== 'keep' && !('expireAfter' in rules), 'on_expiry', 'needs expire_after'],
      [
        onExpiry === 'request_revision' && ('expiryText' in rules ? expiryText?.trim() === '' : true),
        'on_expiry',
        'needs expiry_text: the feedback that CrewAI gets',
      ],
      [
        arePeople && new Set(approvers).size < approvalsRequired,
        'approvals_required',
        'is more than the number of approvers',
      ],
      [
        isUserId(channel ?? '') && !approvers.includes(channel ?? ''),
        'channel',
        'is a user who is not named by id in approvers',
      ],
    ];
    return checks.flatMap(([isWrong, field, text]) => (isWrong ? [{ path: [...path, field], text }] : []));
  });
}
