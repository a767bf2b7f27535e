import type { StartRefusal } from '../../../src/approval/starts/can-start.ts';
import { startsTexts } from '../../../src/features/starts/texts.ts';
import {
  buildCrewChoice,
  buildLoadingForm,
  buildStartForm,
  describeStartRefusal,
} from '../../../src/features/starts/views/start-form.ts';
import { section } from '../../../src/slack/views/text/elements.ts';
import { type GalleryPart, showMessage, showView } from '../../gallery/gallery-view.ts';
import { spoken } from '../../support/spoken.ts';

const DRAFT = { id: '00000000-0000-4000-8000-000000000001', crew: 'press', channel: 'CAPPROVALS' };
const CREW = {
  name: 'press',
  starts: 'crew' as const,
  inputs: {
    topic: { label: 'What is it about?', multiline: true, default: 'A rain jacket' },
    tone: { choices: ['dry', 'warm'], default: 'warm' },
  },
};
const NAMES = ['topic', 'tone', 'audience'];

/** Every reason why a person cannot start a run. The compiler requires new ones here. */
const START_REFUSALS: { readonly [Code in StartRefusal['code']]: StartRefusal } = {
  unknown_crew: { code: 'unknown_crew', crew: 'sales' },
  nothing_to_start: { code: 'nothing_to_start' },
  no_public_url: { code: 'no_public_url' },
  not_starter: { code: 'not_starter' },
  guest: { code: 'guest' },
  not_member: { code: 'not_member' },
  cannot_check: { code: 'cannot_check' },
};

export function buildGalleryPart(): GalleryPart {
  const crews = [CREW, { ...CREW, name: 'newsletter' }];
  const formInputs = { names: NAMES };
  const formAfterError = { ...formInputs, before: { topic: 'spring collection' }, missing: ['tone'] };
  const notStarted = [
    ...Object.values(START_REFUSALS).map((refusal) => describeStartRefusal(spoken(), refusal)),
    startsTexts(spoken()).notStarted,
    startsTexts(spoken()).perhapsStarted,
    startsTexts(spoken()).noForm,
    startsTexts(spoken()).formLost,
    spoken().refusals.runNotFound,
  ];
  const views = [
    showView('form to start a crew, which one', buildCrewChoice(spoken(), crews, DRAFT)),
    showView('form to start a crew, inputs not known yet', buildLoadingForm(spoken(), CREW, DRAFT)),
    showView('form to start a crew', buildStartForm(spoken(), CREW, DRAFT, formInputs)),
    showView('form to start a crew, again', buildStartForm(spoken(), CREW, DRAFT, formAfterError)),
    showView('form to start a crew, without inputs', buildStartForm(spoken(), CREW, DRAFT, { names: [] })),
    showView('form to start a crew, as JSON', buildStartForm(spoken(), CREW, DRAFT, { names: undefined })),
    showView(
      'form to start a Flow',
      buildStartForm(spoken(), { ...CREW, starts: 'flow' }, DRAFT, formInputs),
    ),
    showMessage('answers to a start that was refused', {
      text: 'Not started',
      blocks: notStarted.map(section),
    }),
  ];
  return { title: 'Starts', views };
}
