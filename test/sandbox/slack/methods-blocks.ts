import { checkedView, parseMessageBlocks } from '../../../src/sandbox/slack/blocks/blocks.ts';
import type { Args } from '../../../src/sandbox/slack/web-api/args.ts';
import type { Method } from '../../../src/sandbox/slack/web-api/method.ts';
import { SlackError } from '../../../src/sandbox/slack/web-api/slack-error.ts';

const PAYLOAD_FIELDS = ['blocks', 'message', 'view'] as const;

/** A fault of a payload, as https://docs.slack.dev/reference/methods/blocks.validate shows it. */
interface Fault {
  code: string;
  message: string;
  /** JSON pointer within the payload. */
  pointer: string;
}

export const blockMethods: Record<string, Method> = {
  'blocks.validate': {
    scopes: [],
    // https://github.com/slackapi/node-slack-sdk/pull/2659
    token: 'none',
    run({ args }) {
      const givenFields = PAYLOAD_FIELDS.filter((name) => args.json(name) !== undefined);
      const [name] = givenFields;
      if (name === undefined || givenFields.length > 1)
        throw new SlackError('invalid_arguments', [
          'must provide exactly one of `blocks`, `view`, or `message`',
        ]);
      const errors = FAULTS[name](args);
      if (errors.length > 0) throw new SlackError(`invalid_${name}`, [], { errors });
      return {};
    },
  },
};

const FAULTS: Readonly<Record<(typeof PAYLOAD_FIELDS)[number], (args: Args) => Fault[]>> = {
  blocks: (args) => faultsOf('/blocks', () => parseMessageBlocks(args.json('blocks'))),
  view: (args) => faultsOf('/view', () => checkedView(args.json('view'), typeOf(args.json('view')))),
  message: (args) => messageFaults(args.json('message')),
};

function messageFaults(message: unknown): Fault[] {
  if (message === null || typeof message !== 'object' || Array.isArray(message))
    return [{ code: 'failed_constraint', message: 'must be an object', pointer: '' }];
  const { blocks = [], attachments = [], ...others } = message as Record<string, unknown>;
  const nested = Array.isArray(attachments) ? attachments : [attachments];
  return [
    ...Object.keys(others).map((name) => ({
      code: 'failed_constraint',
      message: `invalid additional property: ${name}`,
      pointer: '',
    })),
    ...faultsOf('', () => parseMessageBlocks(blocks)),
    ...nested.flatMap((attachment: { blocks?: unknown } | null, index) =>
      faultsOf('', () => parseMessageBlocks(attachment?.blocks ?? [])).map((fault) => ({
        ...fault,
        pointer: `/attachments/${index}${fault.pointer}`,
      })),
    ),
  ];
}

function typeOf(view: unknown): 'modal' | 'home' {
  return (view as { type?: unknown } | null)?.type === 'home' ? 'home' : 'modal';
}

/**
 * Lists the faults that a check finds. `base`: the beginning of the check's pointers, which is cut off, because the
 * payload is the whole document here.
 */
function faultsOf(base: string, check: () => unknown): Fault[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    const messages = error.messages.length > 0 ? error.messages : [error.code];
    return messages.map((message) => {
      const [, text = message, pointer = ''] =
        /^\[ERROR\] (.*?)(?: \[json-pointer:(.*)\])?$/.exec(message) ?? [];
      return { code: 'failed_constraint', message: text, pointer: pointer.slice(base.length) };
    });
  }
}
