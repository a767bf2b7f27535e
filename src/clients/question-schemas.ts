// Written from src/http/question-schema.ts: npx vitest run test/http/question-documents.test.ts --update

/** Fields with which a model can ask. */
export const ASKED_PROPERTIES = {
  title: {
    type: 'string',
    maxLength: 300,
    minLength: 1,
    description: 'Title of the question.',
  },
  text: {
    type: 'string',
    maxLength: 1000000,
    description: 'The information that people need to decide, as Markdown.',
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
          description: 'The label of the button.',
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
          description: 'The consequence of this answer, shown to people on the card.',
        },
        fields: {
          type: 'boolean',
          description:
            'True if this answer asks for the `fields` of the question. If no option has `true`, the first option without `false` asks for them.',
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
    description: 'People can (`optional`) or must (`required`) write a text with an option.',
    default: 'none',
  },
  fields: {
    type: 'object',
    description:
      'Values that people enter with an answer, as a flat JSON schema: `{"type": "object", "properties": {…}, "required": […]}`.',
  },
} as const;

/** Fields of a question that a model reads. */
export const STATE_SCHEMA = {
  type: 'object',
  properties: {
    id: {
      type: 'string',
      description: 'The id of the question, as the program chose it.',
    },
    status: {
      type: 'string',
      enum: ['waiting', 'answered', 'closed', 'withdrawn', 'unknown'],
      description:
        '`waiting`: nobody has answered yet. `answered`: there is an answer. `closed`: a person closed it without a decision, its run ended, or its lease did: there will be no answer. `withdrawn`: its program withdrew it. `unknown`: there is no question with this id.',
    },
    reason: {
      type: 'string',
      description: 'The reason why the bot closed the question, as a sentence.',
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
          description: 'The text that the person wrote; empty without a text.',
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
          description: 'The values that people entered, by the names of the fields.',
        },
        by: {
          type: 'string',
          description: "The person's Slack ID; empty if the rule for the deadline decided.",
        },
        at: {
          type: 'string',
          description: 'The time of the decision.',
          format: 'date-time',
        },
        seen: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              by: {
                type: 'string',
                description: "The person's Slack ID.",
              },
              place: {
                type: 'string',
                enum: ['card', 'home', 'list', 'look_up', 'several', 'last_page', 'thread', 'unknown'],
                description:
                  'The place in Slack where the person decided. `several`: *Decide several*. `last_page`: below the last page of *Read in full*. `thread`: *Use as feedback* on a reply. `unknown`: an earlier version recorded the decision.',
              },
              whole: {
                type: 'boolean',
                description:
                  'True if the place showed all of the text or output, and all of the message; absent if this is not known, as for a card of an earlier version.',
              },
              shown: {
                type: 'number',
                description: 'The characters that the place showed, if it showed only a part.',
              },
              of: {
                type: 'number',
                description: 'The characters of the whole.',
              },
              asked: {
                type: 'boolean',
                description:
                  'True if the person was asked to confirm that the place showed only a part; absent if this is not known.',
              },
            },
            required: ['by', 'place'],
            additionalProperties: false,
          },
          description:
            'What each person who decided was shown, in the order of their votes; empty if no person decided, or if an earlier decision allowed the call. It does not say what they read. Bots of version 0.2.0 do not send it.',
        },
        receipt: {
          type: 'string',
          description:
            'A signed receipt of this answer (a compact JWS), if the bot has a `RECEIPT_KEY` and a person decided.',
        },
      },
      required: ['option', 'text', 'by', 'at'],
      description: 'The answer, if `status` is `answered`.',
    },
  },
  required: ['id', 'status'],
} as const;
