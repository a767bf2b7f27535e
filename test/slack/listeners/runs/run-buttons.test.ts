import { describe, expect, it } from 'vitest';
import type { Kickoff } from '../../../../src/approval/model/run/kickoff.ts';
import { StoreError } from '../../../../src/lib/errors.ts';
import type { ListenerContext } from '../../../../src/slack/listeners/context.ts';
import { runAgain, showRunStatus } from '../../../../src/slack/listeners/runs/run-buttons.ts';
import { NOT_LOOKED_UP, RUN_LOST } from '../../../../src/slack/views/text/sentences.ts';
import { aKickoff } from '../../../approval/kickoffs/records.ts';
import { buttonArgs, createFakes } from '../fakes.ts';

/** A click on the message of a run; `found`: what a look-up gives, an Error: rejects with it. */
async function click(
  listener: typeof showRunStatus,
  { kickoff, found }: { kickoff: Kickoff | undefined | Error; found?: unknown },
) {
  const fakes = createFakes({ found });
  const find = async () => {
    if (kickoff instanceof Error) throw kickoff;
    return kickoff;
  };
  const choose = async () => ({ refusal: { code: 'not_starter' } });
  const context = { ...fakes.context, starts: { find, choose } } as unknown as ListenerContext;
  await listener(context, buttonArgs(fakes, { value: aKickoff().id }));
  return { ...fakes, said: fakes.texts() };
}

const running = aKickoff({ status: 'running', executionId: 'run-1' });
const report = {
  executionId: 'run-1',
  said: [{ crew: 'press', status: { kind: 'completed' } }],
  approvals: [],
};

describe('a click on Status', () => {
  it('is answered to the person with what CrewAI says of the run', async () => {
    const { said, asked, acks } = await click(showRunStatus, { kickoff: running, found: report });
    expect(said).toEqual([expect.stringContaining('CrewAI')]);
    expect(asked).toEqual([['status', 'UANA', 'run-1']]);
    expect(acks).toEqual([undefined]);
  });

  it('by a person who may not look it up shows nothing of it', async () => {
    const { said } = await click(showRunStatus, { kickoff: running, found: { code: 'may_not_look' } });
    expect(said).toEqual([expect.stringContaining('Only approvers and members')]);
  });

  it('is answered in one sentence when the run or CrewAI cannot be asked', async () => {
    const failed = new StoreError('gone');
    expect((await click(showRunStatus, { kickoff: undefined })).said).toEqual([RUN_LOST]);
    expect((await click(showRunStatus, { kickoff: failed })).said).toEqual([NOT_LOOKED_UP]);
    expect((await click(showRunStatus, { kickoff: running, found: failed })).said).toEqual([NOT_LOOKED_UP]);
  });
});

it('a click on Run again is for those who may start the crew', async () => {
  const { said, opened } = await click(runAgain, { kickoff: running });
  expect(said).toEqual([expect.stringContaining("You don't have permission to start this crew")]);
  expect(opened).toEqual([]);
  expect((await click(runAgain, { kickoff: undefined })).said).toEqual([RUN_LOST]);
});
