import {
  buildSeveralDone,
  buildSeveralItem,
  buildSeveralModal,
} from '../../../src/features/several/views/several-modal.ts';
import { describeRefusal } from '../../../src/slack/views/text/sentences.ts';
import { makeQuestionRound } from '../../gallery/cards.ts';
import { type GalleryPart, showView } from '../../gallery/gallery-view.ts';
import { LINKS, makeApproval, makeWaiting, RELEASE } from '../../gallery/samples.ts';
import { spoken } from '../../support/spoken.ts';

export function buildGalleryPart(): GalleryPart {
  const next = '/000000000000001/A0000000000';
  const items = [
    makeWaiting(),
    makeApproval([makeQuestionRound({}, { options: undefined })], { id: 'BCDEFGHJKM' }),
  ].map((approval) => ({ approval, blocks: buildSeveralItem(spoken(), approval, RELEASE, LINKS) ?? [] }));
  const lines = [
    spoken().lists.taskInState('*Press release*', spoken().state.summary('sending', 'sent')),
    spoken().lists.taskInState(
      '*Draft*',
      describeRefusal(spoken(), { code: 'superseded', current: 2 }, undefined),
    ),
  ];
  const views = [
    showView('modal decide several', buildSeveralModal(spoken(), items, { next, tooLong: 2 })),
    showView('modal nothing to decide together', buildSeveralModal(spoken(), [], { tooLong: 0 })),
    showView('modal several decided', buildSeveralDone(spoken(), lines, next)),
  ];
  return { title: 'Several at once', views };
}
