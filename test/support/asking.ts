import { expect } from 'vitest';
import { ephemeralsTo, type World } from './world.ts';

/** What one person sees of an answer that is for them only. */
export interface Answered {
  ts: string;
  via: string;
  /** All that it says. */
  all: string;
  /** Its paragraphs, one a line of a list. */
  paragraphs: string[];
  buttons: { label: string; blockId: string; actionId: string; value: string }[];
}

interface SeenElement {
  type: string;
  text?: string | { text: string };
  action_id?: string;
  value?: string;
  /** The texts of a part of rich text. */
  elements?: SeenElement[];
}

interface SeenBlock {
  type: string;
  block_id: string;
  text?: { text: string };
  /** Lines below a text, in plain text. */
  fields?: { text: string }[];
  elements?: SeenElement[];
}

/** What this person was answered; a remark that a card is late is none. */
export function answersTo(world: Pick<World, 'workspace'>, user: string): Answered[] {
  return ephemeralsTo(world.workspace, user).map(({ ts, via, blocks = [] }) => {
    const all = (blocks as unknown as SeenBlock[]).map(({ block_id, text, fields = [], elements = [] }) => ({
      below: fields.map((field) => field.text),
      says: [
        text?.text,
        ...elements
          .flatMap((one) => [one, ...(one.elements ?? [])])
          .map((one) => (typeof one.text === 'string' ? one.text : undefined)),
      ],
      buttons: elements.flatMap((one) =>
        one.type === 'button' && typeof one.text === 'object'
          ? [
              {
                label: one.text.text,
                blockId: block_id,
                actionId: one.action_id ?? '',
                value: one.value ?? '',
              },
            ]
          : [],
      ),
    }));
    const paragraphs = all.flatMap(({ says }) => says).filter((text) => text !== undefined);
    const buttons = all.flatMap((block) => block.buttons);
    return {
      ts,
      via,
      all: [...paragraphs, ...all.flatMap(({ below }) => below)].join('\n'),
      paragraphs,
      buttons,
    };
  });
}

/** Types a command; resolves with the answer, in the ack or by the response_url. */
export async function ask(
  world: World,
  text: string,
  { user = 'UANA', channel = 'CAPPROVALS' }: { user?: string; channel?: string } = {},
): Promise<Answered> {
  const before = answersTo(world, user).length;
  const result = await world.workspace.command({ user, channel, command: '/approvals', text });
  expect(result).toMatchObject({ acked: true });
  expect(result.refused).toBeUndefined();
  await world.workspace.changed(() => answersTo(world, user).length > before, { what: `answer to ${text}` });
  return answersTo(world, user)[before] as Answered;
}
