import { expect } from 'vitest';
import { ephemeralsTo, type World } from './world.ts';

/** An ephemeral answer as its person reads it. */
export interface Answered {
  ts: string;
  via: string;
  /** All text of the answer. */
  all: string;
  /** Paragraphs; in a list, one per line. */
  paragraphs: string[];
  buttons: { label: string; blockId: string; actionId: string; value: string }[];
}

interface SeenElement {
  type: string;
  text?: string | { text: string };
  action_id?: string;
  value?: string;
  /** Texts of a rich text part. */
  elements?: SeenElement[];
}

interface SeenBlock {
  type: string;
  block_id: string;
  text?: { text: string };
  /** Plain text lines below a text. */
  fields?: { text: string }[];
  elements?: SeenElement[];
}

/** Lists the answers to this person, without remarks that a card is late. */
export function answersTo(world: Pick<World, 'workspace'>, user: string): Answered[] {
  return ephemeralsTo(world.workspace, user).map(({ ts, via, blocks = [] }) => {
    const readBlocks = (blocks as unknown as SeenBlock[]).map(
      ({ block_id, text, fields = [], elements = [] }) => ({
        below: fields.map((field) => field.text),
        says: [
          text?.text,
          ...elements
            .flatMap((element) => [element, ...(element.elements ?? [])])
            .map((element) => (typeof element.text === 'string' ? element.text : undefined)),
        ],
        buttons: elements.flatMap((element) =>
          element.type === 'button' && typeof element.text === 'object'
            ? [
                {
                  label: element.text.text,
                  blockId: block_id,
                  actionId: element.action_id ?? '',
                  value: element.value ?? '',
                },
              ]
            : [],
        ),
      }),
    );
    const paragraphs = readBlocks.flatMap(({ says }) => says).filter((text) => text !== undefined);
    const buttons = readBlocks.flatMap((block) => block.buttons);
    return {
      ts,
      via,
      all: [...paragraphs, ...readBlocks.flatMap(({ below }) => below)].join('\n'),
      paragraphs,
      buttons,
    };
  });
}

/** Types a command and resolves with the answer, sent in the ack or to the response_url. */
export async function ask(
  world: World,
  text: string,
  { user = 'UANA', channel = 'CAPPROVALS' }: { user?: string; channel?: string } = {},
): Promise<Answered> {
  const answerCount = answersTo(world, user).length;
  const result = await world.workspace.command({ user, channel, command: '/approvals', text });
  expect(result).toMatchObject({ acked: true });
  expect(result.refused).toBeUndefined();
  await world.workspace.changed(() => answersTo(world, user).length > answerCount, {
    what: `answer to ${text}`,
  });
  return answersTo(world, user)[answerCount] as Answered;
}
