import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Workspace } from '../../../src/sandbox/slack/workspace.ts';
import { workspaceWith } from './fixtures.ts';

const text = (value: string) => ({ type: 'mrkdwn', text: value });
const section = (value = 'Hello') => ({ type: 'section', text: text(value) });
const wrong = { type: 'section', text: { type: 'invalid', text: 'Hello' } };

describe('blocks.validate', () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await workspaceWith();
  });
  afterAll(() => workspace.close());

  /** Without a token: the method takes none. */
  async function validate(body: object): Promise<unknown> {
    const response = await fetch(`${workspace.apiUrl}blocks.validate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return response.json();
  }

  it.each([
    { blocks: [section()] },
    { message: { blocks: [section()], attachments: [{ blocks: [section()] }] } },
    { view: { type: 'modal', title: { type: 'plain_text', text: 'Hello' }, blocks: [section()] } },
    { view: { type: 'home', blocks: [section()] } },
  ])('accepts what is right: %j', async (body) => {
    expect(await validate(body)).toEqual({ ok: true });
  });

  it('says what is wrong and where, within the payload that was given', async () => {
    expect(await validate({ blocks: [section(), wrong] })).toEqual({
      ok: false,
      error: 'invalid_blocks',
      errors: [{ code: 'failed_constraint', message: 'unsupported type', pointer: '/1/text/type' }],
    });
    expect(await validate({ message: { blocks: [section('x'.repeat(3_001))] } })).toMatchObject({
      error: 'invalid_message',
      errors: [{ message: 'must be less than 3001 characters', pointer: '/blocks/0/text/text' }],
    });
    expect(await validate({ message: { attachments: [{ blocks: [wrong] }] } })).toMatchObject({
      error: 'invalid_message',
      errors: [{ pointer: '/attachments/0/blocks/0/text/type' }],
    });
    expect(await validate({ view: { type: 'home', blocks: [wrong] } })).toMatchObject({
      error: 'invalid_view',
      errors: [{ pointer: '/blocks/0/text/type' }],
    });
    expect(await validate({ view: { type: 'modal', blocks: [section()] } })).toMatchObject({
      error: 'invalid_view',
      errors: [{ message: 'missing required field: title', pointer: '/title' }],
    });
  });

  it('takes no text beside the blocks of a message', async () => {
    expect(await validate({ message: { text: 'Hello', blocks: [section()] } })).toMatchObject({
      error: 'invalid_message',
      errors: [{ message: 'invalid additional property: text' }],
    });
  });

  it.each([{}, { blocks: [section()], message: { blocks: [section()] } }])(
    'wants exactly one of its arguments: %j',
    async (body) => {
      expect(await validate(body)).toEqual({
        ok: false,
        error: 'invalid_arguments',
        response_metadata: { messages: ['must provide exactly one of `blocks`, `view`, or `message`'] },
      });
    },
  );
});
