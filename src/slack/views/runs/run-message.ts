import type { KnownBlock } from '@slack/types';
import type { Output } from '../../../approval/model/output.ts';
import type { Start, StartNote } from '../../../approval/model/run/start.ts';
import { ACTIONS, RUN_AGAIN } from '../../app/ids.ts';
import type { Texts } from '../../texts/texts.ts';
import { buildSentence, type MessageView } from '../message-view.ts';
import { buildResult } from '../notes/note.ts';
import type { CardForm } from '../output/output-blocks.ts';
import { prepareReason, prepareStartReason } from '../text/crewai.ts';
import { actions, button, context, section } from '../text/elements.ts';
import { escapeLine } from '../text/escape.ts';
import { mention, writeRunId } from '../text/names.ts';

/** Inputs in the message of a run: a context block holds 2,000 characters. */
const INPUTS_SHOWN = 8;
const INPUT_MAX = 120;
/** How much is shown of CrewAI's answer: characters of its reason, and number of missing inputs. */
interface Limits {
  reason: number;
  missing: number;
}
const IN_MESSAGE: Limits = { reason: 300, missing: 10 };
/** With these limits, a list of twenty runs fits into one message. */
export const IN_LIST: Limits = { reason: 100, missing: 3 };

/** Builds the message of a run that a person started. The run's cards and result are posted in its thread. Pure. */
export function buildRunMessage(texts: Texts, start: Start): MessageView {
  const { crew, by, id, executionId, status } = start;
  const headline = texts.runs.started(mention(by), `*${escapeLine(crew, 64)}*`);
  const runAgainButton = button(RUN_AGAIN, texts.actions.runAgain, id, { about: crew });
  const statusButton = button(ACTIONS.runStatus, texts.actions.status, id, { about: crew });
  return {
    text: headline,
    blocks: [
      section(`${headline}\n${describeStart(texts, start)}`),
      ...describeInputs(texts, start),
      ...actions([
        status === 'starting' ? undefined : runAgainButton,
        executionId === undefined ? undefined : statusButton,
      ]),
      ...context(executionId && texts.runs.id(writeRunId(executionId, 255) ?? '')),
    ],
  };
}

function describeInputs(texts: Texts, { inputs, hidden }: Start): KnownBlock[] {
  const visibleInputs = Object.entries(inputs).filter(([name]) => !hidden.includes(name));
  const inputLines = visibleInputs.slice(0, INPUTS_SHOWN).map(([name, value]) => {
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    return `*${escapeLine(name, 60)}*: ${escapeLine(text, INPUT_MAX)}`;
  });
  const hiddenCount = visibleInputs.length - inputLines.length;
  return context(
    [...inputLines, ...(hiddenCount > 0 ? [texts.runs.moreInputs(hiddenCount)] : [])].join('\n'),
  );
}

/** Describes the state of a run that a person started, in one sentence. Pure. */
export function describeStart(
  texts: Texts,
  { status, reason, program, missing = [] }: Start,
  limits = IN_MESSAGE,
): string {
  const startReason = prepareStartReason(texts, reason, limits.reason);
  switch (status) {
    case 'starting':
      return `:hourglass_flowing_sand: ${texts.runs.starting}`;
    case 'unsure':
      return `:grey_question: ${program ? texts.runs.unsureProgram : texts.runs.unsure(startReason)}`;
    case 'running':
      return `:arrow_forward: ${texts.runs.running}`;
    case 'not_started': {
      if (missing.length === 0) return `:x: ${texts.runs.notStarted(startReason)}`;
      const names = missing.slice(0, limits.missing).map((name) => `*${escapeLine(name, 60)}*`);
      return `:x: ${texts.runs.inputsMissing(names, missing.length - names.length)}`;
    }
    case 'finished':
      return `:checkered_flag: ${texts.runs.finished}`;
    case 'failed':
      return `:x: ${texts.runs.failed(prepareReason(texts, reason, limits.reason))}`;
  }
}

/** Builds a message for the thread of a run, addressed to the person who started it. Pure. */
export function buildRunNote(
  texts: Texts,
  start: Start,
  note: StartNote,
  result: Output | undefined,
  form: CardForm,
): MessageView {
  const { by, decider, reason } = start;
  const person = mention(by);
  const crew = `*${escapeLine(start.crew, 64)}*`;
  const startReason = prepareStartReason(texts, reason, 500);
  switch (note) {
    case 'result':
      return buildResult(texts, start, result ?? { kind: 'text', text: '' }, form);
    case 'not_started':
      return buildSentence(`:x: ${texts.runs.noteNotStarted(person, crew, startReason)}`);
    case 'unsure':
      return buildSentence(
        `:grey_question: ${start.program ? texts.runs.noteUnsureProgram(person, crew) : texts.runs.noteUnsure(person, crew, startReason)}`,
      );
    case 'silent':
      return buildSentence(`:grey_question: ${texts.runs.noteSilent(person, crew)}`);
    case 'failed': {
      const people = decider === undefined ? person : `${person} ${mention(decider)}`;
      return buildSentence(`:x: ${texts.runs.noteFailed(people, crew, prepareReason(texts, reason, 500))}`);
    }
  }
}
