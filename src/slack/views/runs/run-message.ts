import type { KnownBlock } from '@slack/types';
import type { Output } from '../../../approval/model/output.ts';
import type { Kickoff, KickoffNote } from '../../../approval/model/run/kickoff.ts';
import { ACTIONS } from '../../app/ids.ts';
import { buildSentence, type MessageView } from '../message-view.ts';
import { buildResult } from '../notes/run-notes.ts';
import type { CardForm } from '../output/output-blocks.ts';
import { actions, button, context, section } from '../text/elements.ts';
import { escapeLine } from '../text/escape.ts';
import { mention } from '../text/people.ts';
import { writeReason } from '../text/sentences.ts';

/** A context block holds 2,000 characters. */
const INPUTS_SHOWN = 8;
const INPUT_MAX = 120;
/** How much is shown of what CrewAI said: characters of its reason, and names of inputs that it misses. */
interface Shown {
  reason: number;
  missing: number;
}
const IN_MESSAGE: Shown = { reason: 300, missing: 10 };
/** A list of twenty runs fits into one message. */
export const IN_LIST: Shown = { reason: 100, missing: 3 };

/** The message of a run that a person started: its cards and its result are in the thread. Pure. */
export function buildRunMessage(kickoff: Kickoff): MessageView {
  const { crew, by, id, executionId, status } = kickoff;
  const started = `${mention(by)} started *${escapeLine(crew, 64)}*`;
  const buttons = [
    status === 'starting' ? undefined : button(ACTIONS.runAgain, 'Run again', id, { about: crew }),
    executionId === undefined ? undefined : button(ACTIONS.runStatus, 'Status', id, { about: crew }),
  ];
  return {
    text: started,
    blocks: [
      section(`${started}\n${describeKickoff(kickoff)}`),
      ...describeInputs(kickoff),
      ...actions(buttons),
      ...context(executionId === undefined ? undefined : `execution ${escapeLine(executionId, 255)}`),
    ],
  };
}

function describeInputs({ inputs, hidden }: Kickoff): KnownBlock[] {
  const all = Object.entries(inputs).filter(([name]) => !hidden.includes(name));
  const shown = all.slice(0, INPUTS_SHOWN).map(([name, value]) => {
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    return `*${escapeLine(name, 60)}*: ${escapeLine(text, INPUT_MAX)}`;
  });
  const more = all.length - shown.length;
  return context([...shown, ...(more > 0 ? [`${more} more`] : [])].join('\n'));
}

/** What has become of a run, in a sentence. Pure. */
export function describeKickoff({ status, reason, missing }: Kickoff, shown = IN_MESSAGE): string {
  const said = reason === undefined ? undefined : escapeLine(reason, shown.reason);
  const why = said === undefined ? '' : `: ${said}`;
  switch (status) {
    case 'starting':
      return ':hourglass_flowing_sand: Starting…';
    case 'unsure':
      return `:grey_question: CrewAI may have started it${said === undefined ? '' : ` (${said})`}, so it is not asked again. The first webhook of the run would prove it.`;
    case 'running':
      return ':arrow_forward: Running';
    case 'not_started':
      return missing && missing.length > 0
        ? `:x: Not started: CrewAI misses ${listMissing(missing, shown.missing)}. *Run again* asks for it.`
        : `:x: Not started${why}`;
    case 'finished':
      return ':checkered_flag: Finished';
    case 'failed':
      return `:x: The run failed${writeReason(reason, shown.reason)}`;
  }
}

function addressPeople({ by, decider }: Kickoff): string {
  return [by, ...(decider === undefined ? [] : [decider])].map(mention).join(' ');
}

function listMissing(missing: readonly string[], max: number): string {
  const names = missing.slice(0, max).map((name) => `*${escapeLine(name, 60)}*`);
  const more = missing.length - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}

/** A message for the thread of a run, addressed to the person who started it. Pure. */
export function buildRunNote(
  kickoff: Kickoff,
  note: KickoffNote,
  result: Output | undefined,
  form: CardForm,
): MessageView {
  const crew = escapeLine(kickoff.crew, 64);
  const why = kickoff.reason === undefined ? '' : `: ${escapeLine(kickoff.reason, 500)}`;
  switch (note) {
    case 'result':
      return buildResult(kickoff, result ?? { kind: 'text', text: '' }, form);
    case 'not_started':
      return buildSentence(
        `:x: ${mention(kickoff.by)}, the run of *${crew}* was not started${why}. Nothing is running.`,
      );
    case 'unsure':
      return buildSentence(
        `:grey_question: ${mention(kickoff.by)}, CrewAI may have started the run of *${crew}*: its answer was lost${why}. Look in CrewAI before you start it again.`,
      );
    case 'silent':
      return buildSentence(
        `:grey_question: ${mention(kickoff.by)}, no webhook of this run of *${crew}* has arrived since it started, so no card can appear. *Status* asks CrewAI. If it is running, ask an operator whether CrewAI can reach the bot's PUBLIC_URL.`,
      );
    case 'failed':
      return buildSentence(
        `:x: ${addressPeople(kickoff)}, the run of *${crew}* failed${writeReason(kickoff.reason, 500)}.`,
      );
  }
}
