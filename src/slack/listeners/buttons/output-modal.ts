import type { ModalView } from '@slack/types';
import { type Approval, findRound } from '../../../approval/model/approval.ts';
import type { Output } from '../../../approval/model/output.ts';
import type { Round } from '../../../approval/model/round.ts';
import type { Opened, PageTarget } from '../../app/button-values.ts';
import { buildChangesModal, buildOutputModal, listPageSections } from '../../views/modals/reading-modals.ts';
import { convertSection, escapeSection } from '../../views/output/mrkdwn.ts';
import type { ListenerContext } from '../context.ts';

/** A trigger expires 3 s after the click, and other people open modals at the same time. */
const CONVERSION_TIME = 600;

type OutputContext = Pick<ListenerContext, 'decisions' | 'giveWay' | 'clock'>;

/** A page of a round's whole output, of its changes from the round before, or of the state of its Flow. */
export async function buildPage(
  context: OutputContext,
  approval: Approval,
  { target, what, page }: PageTarget,
): Promise<ModalView> {
  const { decisions, giveWay } = context;
  const round = findRound(approval, target.round) as Round;
  if (what === 'state') {
    const state = await decisions.state(approval, round);
    return buildOutputPage(context, { approval, target, output: state, what, page });
  }
  const after = await decisions.output(approval, round);
  const before = findRound(approval, round.number - 1);
  if (what === 'output' || !before)
    return buildOutputPage(context, { approval, target, output: after, what: 'output', page });
  const earlier = await decisions.output(approval, before);
  return giveWay(() => buildChangesModal(approval, target, { before: earlier, after }, page));
}

/** Converts the page section by section; sections that would be late are shown unconverted. */
async function buildOutputPage(
  { giveWay, clock }: OutputContext,
  {
    approval,
    target,
    output,
    what,
    page,
  }: { approval: Approval; target: Opened; output: Output; what: 'output' | 'state'; page: number },
): Promise<ModalView> {
  const until = clock.now() + CONVERSION_TIME;
  const texts = new Map<string, string[]>();
  const isJson = output.kind === 'json';
  for (const section of isJson ? [] : await giveWay(() => listPageSections(output, page))) {
    // Escaping takes no time, so it does not wait for a turn: with many readers the modal would be late.
    const late = clock.now() > until;
    texts.set(section, late ? escapeSection(section) : await giveWay(() => convertSection(section)));
  }
  return buildOutputModal(approval, target, output, { what, page }, (section) => texts.get(section) ?? []);
}
