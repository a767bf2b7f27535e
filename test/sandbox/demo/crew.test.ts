import { describe, expect, test } from 'vitest';
import { tasks } from '../../../src/sandbox/demo/crew/crew.ts';
import { masked, maskedAuthorization } from '../../../src/sandbox/demo/mask.ts';

function output(name: string, feedback: string[]): string {
  const task = tasks.find((one) => one.name === name);
  return JSON.stringify(task?.output({ feedback, inputs: {} }));
}

describe('the crew of the demo', () => {
  test('follows what people ask for', () => {
    const first = output('press_release', []);
    const second = output('press_release', ['Shorter, and 179 €']);
    expect(second.length).toBeLessThan(first.length);
    expect(second).toContain('**179 €**');
    expect(output('press_release', ['Add a sentence on repairs'])).toContain('Add a sentence on repairs');
    expect(output('launch_budget', ['Approved.', 'Cheaper, please'])).toContain('"total":23250');
  });

  test('takes a plain approval for no wish', () => {
    for (const { name } of tasks) expect(output(name, ['Approved.'])).toBe(output(name, []));
  });
});

describe('what the page shows of the wire', () => {
  test('has no secret', () => {
    const body = {
      taskWebhookUrl: 'http://h/task?token=abc&x=1',
      humanInputWebhook: { url: 'http://h', authentication: { strategy: 'bearer', token: 'abc' } },
      list: ['http://h/?token=abc'],
    };
    expect(JSON.stringify(masked(body))).not.toContain('abc');
    expect(masked(body)).toMatchObject({ taskWebhookUrl: 'http://h/task?token=•••&x=1' });
    expect(maskedAuthorization('Bearer abc')).toBe('Bearer •••');
  });
});
