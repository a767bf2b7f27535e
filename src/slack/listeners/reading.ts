import type { ModalView } from '@slack/types';
import type { Approval } from '../../approval/model/approval.ts';
import { findRound } from '../../approval/model/approval.ts';
import type { Output } from '../../approval/model/output.ts';
import type { Round } from '../../approval/model/round.ts';
import { slackErrorOf } from '../api/client.ts';
import { type Opened, type PageTarget, readPage } from '../app/button-values.ts';
import { buildNotDoneModal } from '../views/modals/decision-modals.ts';
import {
  buildChangesModal,
  buildOutputModal,
  findRoundBefore,
  listPageSections,
} from '../views/modals/reading-modals.ts';
import { convertSection, escapeSection } from '../views/output/section-texts.ts';
import { describeRefusal, NOT_LOOKED_UP } from '../views/text/sentences.ts';
import { type ButtonArgs, readClick } from './card-buttons.ts';
import { type ListenerContext, openModal } from './context.ts';

/** A trigger lasts 3 s from the click, and others read at the same time. */
const CONVERTED_WITHIN = 600;

/** Read in full, and what changed: opened from a card, turned page by page in the modal. */
export function createReading(context: ListenerContext) {
  const { service, tell, giveWay, clock, log } = context;

  async function view(approval: Approval, { target, what, page }: PageTarget): Promise<ModalView> {
    const round = findRound(approval, target.round) as Round;
    const after = await service.output(approval, round);
    const before = findRoundBefore(approval, round);
    if (what === 'output' || !before) return wholeOutput(approval, target, after, page);
    const earlier = await service.output(approval, before);
    return giveWay(() => buildChangesModal(approval, target, { before: earlier, after }, page));
  }

  /** Converts a page section by section; what would come too late is shown as it is written. */
  async function wholeOutput(
    approval: Approval,
    target: Opened,
    output: Output,
    page: number,
  ): Promise<ModalView> {
    const until = clock.now() + CONVERTED_WITHIN;
    const texts = new Map<string, string[]>();
    const isJson = output.kind === 'json';
    for (const section of isJson ? [] : await giveWay(() => listPageSections(output, page))) {
      // Takes no time, so it waits for no turn: with many readers the form would come too late.
      const late = clock.now() > until;
      texts.set(section, late ? escapeSection(section) : await giveWay(() => convertSection(section)));
    }
    return buildOutputModal(approval, target, output, page, (section) => texts.get(section) ?? []);
  }

  /** A button on a card. */
  function open(what: PageTarget['what']) {
    return async ({ ack, body, action, client }: ButtonArgs): Promise<void> => {
      await ack();
      const { target, by, place } = readClick(body, action.value);
      if (!target) return tell(place, describeRefusal({ code: 'unknown' }, undefined));
      await openModal(
        context,
        { client, target, by, place },
        {
          look: service.read,
          view: ({ approval }, shown) => view(approval, { target: shown, what, page: 0 }),
        },
      );
    };
  }

  /** A button in the modal. */
  async function turn({ ack, body, action, client }: ButtonArgs): Promise<void> {
    await ack();
    const page = readPage(action.value);
    const shown = body.view;
    if (!page || !shown) return tell(readClick(body, undefined).place, NOT_LOOKED_UP);
    const drawn = async () => {
      const answer = await service.read(page.target, body.user.id);
      return answer.done ? view(answer.approval, page) : undefined;
    };
    const next =
      (await drawn().catch((error: unknown) =>
        log.error({ approval: page.target.approvalId, error }, 'a page could not be turned'),
      )) ?? buildNotDoneModal(shown.title.text, NOT_LOOKED_UP);
    await client.views.update({ view_id: shown.id, hash: shown.hash, view: next }).catch((error: unknown) => {
      // An earlier click has turned it.
      if (slackErrorOf(error) === 'hash_conflict') return;
      log.warn({ error }, 'a page could not be turned');
      return tell({ user: body.user.id }, NOT_LOOKED_UP);
    });
  }

  return { open, turn };
}
