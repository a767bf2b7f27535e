import { z } from 'zod';
import { APPROVE, REVISE } from '../approval/lifecycle/questions.ts';
import { isApproverId, isRequester } from '../approval/model/crew/slack-ids.ts';
import { isWebhookUrl } from '../approval/model/crew/webhook-urls.ts';
import { isBlankText } from '../approval/model/output.ts';
import type { Fault } from '../approval/model/run/webhook.ts';
import { PLACES } from '../approval/model/seen.ts';
import { readPlainUrl } from '../lib/plain-url.ts';
import { fieldsSchema } from './fields-schema.ts';

// The only description of a question, its state and its answer. docs/openapi.yaml, docs/questions.md, the types of the JavaScript
// client and the schemas of the MCP tools are written from this file (test/http/question-documents.test.ts).

const LONGEST_ID = 255;
/** Ten years, in seconds. */
const LONGEST_TIME = 10 * 366 * 24 * 60 * 60;
/** The options of a tool: it runs only if it is allowed. */
const TOOL_IDS = ['allow', 'block'];

const textSchema = (max: number) =>
  z
    .string('must be a text')
    .max(max, `must be at most ${max} characters long`)
    .refine((text) => text.isWellFormed(), 'must be well-formed Unicode');
const visibleTextSchema = (max: number) =>
  textSchema(max)
    .refine((text) => !isBlankText(text), 'must not be blank')
    .meta({ minLength: 1 });
const flagSchema = () => z.boolean('must be true or false');

const CALLBACK_FAULT =
  'must be an http:// or https:// URL in ASCII with a plain host, without a user name, password and fragment';

function isCallableUrl(url: string): boolean {
  return isWebhookUrl(url) && readPlainUrl(url) !== undefined && !url.includes('#');
}

/** Users and groups of Slack who can decide. */
export const approversSchema = z
  .array(
    z
      .unknown()
      .refine(isApproverId, 'must be the ID of a Slack user or user group')
      .meta({ type: 'string', pattern: '^[USW][A-Z0-9]{1,30}$' }),
    'must be a list of IDs',
  )
  .max(100, 'must be at most 100');

const optionSchema = z.strictObject(
  {
    id: visibleTextSchema(64).meta({ description: 'Returned as the answer.' }),
    label: visibleTextSchema(250).meta({
      description: 'The label of the button.',
      guide:
        'If a button or a list cuts a label, the card or *All answers* shows it in full. Labels that look the same get numbers.',
    }),
    style: z
      .enum(['primary', 'danger', 'default'], 'must be primary, danger or default')
      .meta({
        description: 'Use `danger` for options that stop something.',
        guide:
          'Slack asks for confirmation when the output is truncated, except before a `danger` option (unless every option is one).',
        default: 'default',
      })
      .optional(),
    next: visibleTextSchema(100)
      .meta({ description: 'The consequence of this answer, shown to people on the card.' })
      .optional(),
    fields: flagSchema()
      .meta({
        description:
          'True if this answer asks for the `fields` of the question. If no option has `true`, the first option without `false` asks for them.',
      })
      .optional(),
  },
  'must be an object with an id and a label',
);

export const questionSchema = z
  .strictObject({
    title: visibleTextSchema(300).meta({
      description: 'Title of the question.',
      guide: "The crew's `tasks` setting has rules for questions by title.",
    }),
    text: textSchema(1_000_000)
      .meta({
        description: 'The information that people need to decide, as Markdown.',
        guide:
          'A question has a `text` or an `output`. The whole body is at most 1 MiB (1,048,576 bytes); the clients for Python and JavaScript do not send a larger one.',
      })
      .optional(),
    output: z.unknown().meta({ description: 'Any JSON instead of `text`.' }).optional(),
    message: textSchema(10_000)
      .meta({
        description: 'Shown above the text or output.',
        guide:
          'A card shows 1,500 characters. *Read in full* begins with all of a longer one; Slack asks before a decision as for a text that is not shown whole, and a tool is then allowed on the last page of *Read in full* only.',
      })
      .optional(),
    agent: visibleTextSchema(300)
      .meta({ description: 'The agent that asks; the default is the crew.' })
      .optional(),
    options: z
      .array(optionSchema, 'must be a list of options')
      .min(1, 'must be at least 1')
      .max(100, 'must be at most 100')
      .refine(
        (options) => new Set(options.map((option) => option.id)).size === options.length,
        'must each have an id of its own',
      )
      .meta({
        description:
          'The possible answers, which must each have an id of its own. Without options people see *Approve* and *Request revision* (with a text), and the answers are `approve` and `revise`.',
      })
      .optional(),
    free_text: z
      .enum(['none', 'optional', 'required'], 'must be none, optional or required')
      .meta({
        description: 'People can (`optional`) or must (`required`) write a text with an option.',
        guide:
          '`optional` is in the menu of the card (with `none`, a note there is for people only); `required` opens a form. *Request revision* always has a text.',
        default: 'none',
      })
      .optional(),
    editable: flagSchema()
      .meta({
        description: 'True if people can change the text and approve the changed text, which is never blank.',
        default: false,
      })
      .optional(),
    fields: fieldsSchema
      .meta({
        description:
          'Values that people enter with an answer, as a flat JSON schema: `{"type": "object", "properties": {…}, "required": […]}`.',
        guide: 'See [Values](#values).',
      })
      .optional(),
    kind: z
      .enum(['question', 'tool'], 'must be question or tool')
      .meta({
        description:
          'A `tool` is a call of a tool: `title` is its name, `output` its arguments, and the options are `allow` and `block`.',
        guide:
          'They are shown as *Allow* and *Block* and can be left out; nothing but `block` is ever taken at a deadline, and a person can block with a reason. Approvers have to be named, by the settings or by users in `approvers`, else 422. See [Tool calls](tools.md).',
        default: 'question',
      })
      .optional(),
    run: visibleTextSchema(LONGEST_ID)
      .meta({
        description: "The program's own id of the run that asks, apart from CrewAI's.",
        guide: '`/approvals status` lists its questions.',
      })
      .optional(),
    follows: visibleTextSchema(LONGEST_ID)
      .meta({
        description:
          'The id of an earlier question with the same title and run. This question becomes its next round, with a card in the same thread.',
        guide: 'The card shows the feedback that the new round answers, and *What changed*.',
      })
      .optional(),
    requested_by: textSchema(255)
      .refine(isRequester, 'must be a Slack user ID or an email address')
      .meta({
        description: 'The person who started the run: must be a Slack user ID or an email address.',
        guide: 'With `exclude_requester` this person cannot decide.',
      })
      .optional(),
    approvers: approversSchema
      .meta({
        description:
          'The people who can decide: each must be the ID of a Slack user or user group. The list can only narrow what the settings allow.',
        guide: 'IDs that the settings do not allow are ignored, and the card says so.',
      })
      .optional(),
    channel: visibleTextSchema(100)
      .meta({
        description: "The channel of the card: one of the crew's channels.",
        guide: 'Any other channel is ignored, and the card says so.',
      })
      .optional(),
    expires_in: z
      .number('must be a number of seconds between 1 and ten years')
      .min(1, 'must be at least 1')
      .max(LONGEST_TIME, 'must be at most ten years')
      .meta({
        description: 'Seconds until the deadline, ten years at most.',
        guide: 'The card shows the deadline; a shorter deadline in the settings applies instead.',
      })
      .optional(),
    default_option: visibleTextSchema(LONGEST_ID)
      .meta({
        description:
          "The id of the option that is taken at the deadline, only where the crew's `on_expiry` is `default`.",
      })
      .optional(),
    require_whole: flagSchema()
      .meta({
        description:
          'True if every answer except *Request revision* and *Block* is accepted only from people who were shown the whole message, text or output, and options.',
        guide:
          'These answers are then on places that show all of it, and below the last page of *Read in full* for people who have opened every page in order. No rule gives them at a deadline, and no earlier permission allows such a tool call. Lists can cut the title, so put what matters into the text.',
        default: false,
      })
      .optional(),
    effect: z
      .enum(['reversible', 'irreversible'], 'must be reversible or irreversible')
      .meta({
        description:
          '`irreversible` if what the answer starts cannot be taken back. Where the settings say `irreversible`, `reversible` changes nothing.',
        guide:
          'The card says so; every answer except *Request revision* and *Block* needs what `require_whole` needs, no rule decides at a deadline, and no earlier permission allows such a tool call. See [What cannot be taken back](irreversible.md).',
      })
      .optional(),
    named_approvers: flagSchema()
      .meta({
        description:
          'True if only named people can decide, never all members of a channel: in the settings or in `approvers`, else 422. A tool always needs them.',
        default: false,
      })
      .optional(),
    lease: flagSchema()
      .meta({
        description:
          'True if the bot closes the question when the program has not called `…/alive` for five minutes.',
        default: false,
      })
      .optional(),
    callback_url: textSchema(2_000)
      .refine(isCallableUrl, CALLBACK_FAULT)
      .meta({
        description: `The URL that the bot sends the answer to, at a host that ANSWER_HOSTS allows. It ${CALLBACK_FAULT}.`,
        guide: 'See [Receive answers by webhook](answers-by-webhook.md).',
      })
      .optional(),
  })
  .meta({ oneOf: [{ required: ['text'] }, { required: ['output'] }] });
export type QuestionBody = z.output<typeof questionSchema>;

/** Rules between the fields of a question. Each `fault` follows the name of its field. */
export const COMBINATION_RULES: readonly {
  field: keyof QuestionBody;
  fault: string;
  isBroken: (question: QuestionBody) => boolean;
}[] = [
  {
    field: 'text',
    fault: 'is missing: a question has a text or an output',
    isBroken: ({ text, output }) => text === undefined && output === undefined,
  },
  {
    field: 'output',
    fault: 'must not be combined with text',
    isBroken: ({ text, output }) => text !== undefined && output !== undefined,
  },
  {
    field: 'default_option',
    fault: 'is not the id of an option',
    isBroken: (question) =>
      question.default_option !== undefined && !listIds(question).includes(question.default_option),
  },
  {
    field: 'options',
    fault: 'of a tool must be allow and block',
    isBroken: (question) => isTool(question) && listIds(question).toSorted().join() !== TOOL_IDS.join(),
  },
  {
    field: 'default_option',
    fault: 'of a tool can only be block',
    isBroken: (question) => isTool(question) && question.default_option === 'allow',
  },
  {
    field: 'editable',
    fault: 'is not possible for a tool',
    isBroken: (question) => isTool(question) && question.editable === true,
  },
  {
    field: 'fields',
    fault: 'is not possible for a tool',
    isBroken: (question) => isTool(question) && question.fields !== undefined,
  },
  {
    field: 'fields',
    fault: 'must not be combined with editable',
    isBroken: ({ editable, fields }) => editable === true && fields !== undefined,
  },
  {
    field: 'default_option',
    fault: 'must be an option without fields: nobody enters them at the deadline',
    isBroken: (question) => listOptionsWithFields(question).includes(question.default_option ?? ''),
  },
  {
    field: 'require_whole',
    fault: 'must not be combined with default_option: nobody is shown anything at the deadline',
    isBroken: (question) => question.require_whole === true && question.default_option !== undefined,
  },
  {
    field: 'effect',
    fault: 'must not be irreversible with default_option: a rule cannot decide what cannot be taken back',
    isBroken: (question) => question.effect === 'irreversible' && question.default_option !== undefined,
  },
  {
    field: 'options',
    fault: 'do not ask for fields, but the question has some',
    isBroken: ({ options, fields }) =>
      fields !== undefined && options?.every((option) => option.fields === false) === true,
  },
  {
    field: 'options',
    fault: 'have fields, but the question has none',
    isBroken: ({ options, fields }) =>
      fields === undefined && options?.some((option) => option.fields) === true,
  },
];

export function findCombinationFaults(question: QuestionBody): Fault[] {
  return COMBINATION_RULES.filter(({ isBroken }) => isBroken(question)).map(({ field, fault }) => ({
    field,
    fault,
  }));
}

const isTool = ({ kind }: QuestionBody) => kind === 'tool';

function listIds(question: QuestionBody): string[] {
  return question.options?.map(({ id }) => id) ?? (isTool(question) ? TOOL_IDS : [APPROVE, REVISE]);
}

/** Returns the ids of the options that ask for the fields: the marked ones, or the first that is not marked with `false`. */
export function listOptionsWithFields({ options, fields }: QuestionBody): string[] {
  if (fields === undefined) return [];
  const firstOption = options?.find((option) => option.fields !== false);
  const markedIds = options?.filter((option) => option.fields).map((option) => option.id) ?? [];
  return markedIds.length > 0 ? markedIds : [firstOption?.id ?? APPROVE];
}

const seenSchema = z.strictObject({
  by: z.string().meta({ description: "The person's Slack ID." }),
  place: z.enum([...PLACES, 'unknown']).meta({
    description:
      'The place in Slack where the person decided. `several`: *Decide several*. `last_page`: below the last page of *Read in full*. `thread`: *Use as feedback* on a reply. `unknown`: an earlier version recorded the decision.',
  }),
  whole: z
    .boolean()
    .meta({
      description:
        'True if the place showed all of the text or output, and all of the message; absent if this is not known, as for a card of an earlier version.',
    })
    .optional(),
  shown: z
    .number()
    .meta({ description: 'The characters that the place showed, if it showed only a part.' })
    .optional(),
  of: z.number().meta({ description: 'The characters of the whole.' }).optional(),
  asked: z
    .boolean()
    .meta({
      description:
        'True if the person was asked to confirm that the place showed only a part; absent if this is not known.',
    })
    .optional(),
});

export const answerSchema = z.strictObject({
  option: z.string().meta({ description: 'The id of the chosen option.' }),
  text: z.string().meta({ description: 'The text that the person wrote; empty without a text.' }),
  edited: z.string().meta({ description: 'The text of the question as people changed it.' }).optional(),
  fields: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
    .meta({ description: 'The values that people entered, by the names of the fields.' })
    .optional(),
  by: z.string().meta({ description: "The person's Slack ID; empty if the rule for the deadline decided." }),
  at: z.string().meta({ description: 'The time of the decision.', format: 'date-time' }),
  seen: z
    .array(seenSchema)
    .meta({
      description:
        'What each person who decided was shown, in the order of their votes; empty if no person decided, or if an earlier decision allowed the call. It does not say what they read. Bots of version 0.2.0 do not send it.',
    })
    .optional(),
  receipt: z
    .string()
    .meta({
      description:
        'A signed receipt of this answer (a compact JWS), if the bot has a `RECEIPT_KEY` and a person decided.',
    })
    .optional(),
});

const stateMembers = {
  id: z.string().meta({ description: 'The id of the question, as the program chose it.' }),
  asked_at: z
    .string()
    .meta({
      description: 'The time when the question was asked. Bots of version 0.2.0 do not send it.',
      format: 'date-time',
    })
    .optional(),
  closed_at: z
    .string()
    .meta({ description: 'The time when the question was closed or withdrawn.', format: 'date-time' })
    .optional(),
  answer: answerSchema.meta({ description: 'The answer, if `status` is `answered`.' }).optional(),
  reason: z
    .string()
    .meta({ description: 'The reason why the bot closed the question, as a sentence.' })
    .optional(),
};
const STATUSES = {
  waiting: 'nobody has answered yet',
  answered: 'there is an answer',
  closed: 'a person closed it without a decision, its run ended, or its lease did: there will be no answer',
  withdrawn: 'its program withdrew it',
  unknown: 'there is no question with this id',
} as const;
type Status = keyof typeof STATUSES;

const statusSchema = <S extends Status>(statuses: readonly S[]) =>
  z.enum(statuses).meta({
    description: `${statuses.map((status) => `\`${status}\`: ${STATUSES[status]}`).join('. ')}.`,
  });

/** The response to a request about one question that the bot knows. */
export const questionStateSchema = z.strictObject({
  id: stateMembers.id,
  status: statusSchema(['waiting', 'answered', 'closed']),
  asked_at: stateMembers.asked_at,
  closed_at: stateMembers.closed_at,
  answer: stateMembers.answer,
  reason: stateMembers.reason,
});

/** One entry of a list: a program can name ids that the bot does not know. */
export const questionLookupSchema = z.strictObject({
  id: stateMembers.id,
  status: statusSchema(['waiting', 'answered', 'closed', 'withdrawn', 'unknown']),
  asked_at: stateMembers.asked_at,
  closed_at: stateMembers.closed_at,
  answer: stateMembers.answer,
  reason: stateMembers.reason,
});
export type QuestionLookupBody = z.input<typeof questionLookupSchema>;
