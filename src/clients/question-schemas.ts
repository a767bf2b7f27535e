// Written from src/http/question-schema.ts: npx vitest run test/http/question-documents.test.ts --update

/** What a model can ask with. */
export const ASKED_PROPERTIES = {
  title: {
    type: 'string',
    maxLength: 300,
    minLength: 1,
    description: 'What is asked.',
  },
  text: {
    type: 'string',
    maxLength: 1000000,
    description: 'What people need to know to decide, as Markdown.',
  },
  options: {
    minItems: 1,
    maxItems: 100,
    type: 'array',
    items: {
      type: 'object',
      properties: {
        id: {
          type: 'string',
          maxLength: 64,
          minLength: 1,
          description: 'Returned as the answer.',
        },
        label: {
          type: 'string',
          maxLength: 250,
          minLength: 1,
          description: 'What the button says.',
        },
        style: {
          type: 'string',
          enum: ['primary', 'danger', 'default'],
          description: 'Use `danger` for options that stop something.',
          default: 'default',
        },
        next: {
          type: 'string',
          maxLength: 100,
          minLength: 1,
          description: 'What happens after this answer, for people: the card shows it.',
        },
        fields: {
          type: 'boolean',
          description:
            'Whether this answer asks for the `fields` of the question. If no option says so, the first without `false` does.',
        },
      },
      required: ['id', 'label'],
      additionalProperties: false,
    },
    description:
      'The possible answers, which must each have an id of its own. Without options people see *Approve* and *Request revision* (with a text), and the answers are `approve` and `revise`.',
  },
  free_text: {
    type: 'string',
    enum: ['none', 'optional', 'required'],
    description: 'Whether people can or must write a text with an option.',
    default: 'none',
  },
  fields: {
    type: 'object',
    description:
      'Values that people enter with an answer, as a flat JSON schema: `{"type": "object", "properties": {…}, "required": […]}`.',
  },
} as const;

/** What a model reads of a question. */
export const STATE_SCHEMA = {
  type: 'object',
  properties: {
    id: {
      type: 'string',
      description: 'The id that the question was asked under.',
    },
    status: {
      type: 'string',
      enum: ['waiting', 'answered', 'closed', 'withdrawn', 'unknown'],
      description:
        '`waiting`: nobody has answered yet. `answered`: there is an answer. `closed`: a person closed it without a decision, its run ended, or its lease did: there will be no answer. `withdrawn`: its program withdrew it. `unknown`: there is no question with this id.',
    },
    reason: {
      type: 'string',
      description: 'Why the bot closed it, as a sentence.',
    },
    answer: {
      type: 'object',
      properties: {
        option: {
          type: 'string',
          description: 'The id of the chosen option.',
        },
        text: {
          type: 'string',
          description: 'What the person wrote; empty if nothing.',
        },
        edited: {
          type: 'string',
          description: 'The text of the question as people changed it.',
        },
        fields: {
          type: 'object',
          propertyNames: {
            type: 'string',
          },
          additionalProperties: {
            anyOf: [
              {
                type: 'string',
              },
              {
                type: 'number',
              },
              {
                type: 'boolean',
              },
              {
                type: 'array',
                items: {
                  type: 'string',
                },
              },
            ],
          },
          description: 'What people entered, by the names of the fields.',
        },
        by: {
          type: 'string',
          description: "The person's Slack ID; empty if the rule for the deadline decided.",
        },
        at: {
          type: 'string',
          description: 'When it was decided.',
          format: 'date-time',
        },
      },
      required: ['option', 'text', 'by', 'at'],
      description: 'The answer, where `status` is `answered`.',
    },
  },
  required: ['id', 'status'],
} as const;
