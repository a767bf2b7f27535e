import { RUN_AGAIN } from '../../slack/app/ids.ts';

/** Buttons on the Home tab and on the message of a run. */
export const STARTS_ACTIONS = { startCrew: 'start_crew', runAgain: RUN_AGAIN } as const;

export const STARTS_FORMS = { chooseCrew: 'choose_crew', startRun: 'start_run' } as const;

/** The shortcut that starts a crew, also named in manifest.yml. */
export const START_SHORTCUT = 'start_crew';

export const CREW = { block: 'crew', action: 'crew' } as const;
/** The field for all inputs as JSON, and the field for one input. */
export const INPUTS_JSON = { block: 'inputs_json', action: 'inputs_json' } as const;
export const inputBlock = (name: string) => `input:${name}`;
