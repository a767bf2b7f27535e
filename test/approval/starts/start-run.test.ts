import { expect, test } from 'vitest';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { collectInputs } from '../../../src/approval/starts/start-run.ts';
import { bindStarts, buildTestApp } from '../../support/app.ts';
import { nobodyKnown } from '../worker/worker-world.ts';
import { startable } from './records.ts';

const crewOf = (name: string, more: Partial<Crew> = {}): Crew => ({ ...startable, name, ...more });
const [press, upper, sales] = [crewOf('press'), crewOf('PRESS'), crewOf('sales')];
const legal = crewOf('legal', { starters: ['UBEN'] });
const { starts: _, ...reviews } = press;

// biome-ignore format: a table
test.each<[string, Crew[], [person: string, name?: string], object]>([
  ['the only one that the person may start', [press, legal], ['UANA'], { crew: press }],
  ['another one for another person', [press, legal], ['UBEN'], { crew: legal }],
  ['chosen among those that the person may start', [press, sales, legal], ['UANA'], { crews: [press, sales] }],
  ['found by its name in any case', [press, sales], ['UANA', 'PRESS'], { crew: press }],
  ['found by its exact name first', [press, upper], ['UANA', 'PRESS'], { crew: upper }],
  ['none by another name', [press, sales], ['UANA', 'pres'],
    { refusal: { code: 'unknown_crew', crew: 'pres' } }],
  ['none where no crew has a URL', [reviews], ['UANA', 'press'], { refusal: { code: 'nothing_to_start' } }],
  ['none where the person may start none', [press, legal], ['UZOE'], { refusal: { code: 'not_member' } }],
])('the crew of a form is %s', async (_, crews, asked, found) => {
  // Ana is in each channel, nobody else is.
  const people = { ...nobodyKnown, inChannel: (person: string) => person === 'UANA' };
  const app = buildTestApp({ crews: new Map(crews.map((crew) => [crew.name, crew])), people });
  expect(await bindStarts(app).choose(asked[0], asked[1])).toEqual(found);
});

test('hidden inputs are sent whatever the person gave', () => {
  const crew = crewOf('press', { inputs: { api_key: { hidden: 'a-constant' }, count: { hidden: 3 } } });
  const sent = collectInputs(crew, { inputs: { topic: 'rain', api_key: 'mine' } } as never);
  expect(sent).toEqual({ topic: 'rain', api_key: 'a-constant', count: 3 });
});
