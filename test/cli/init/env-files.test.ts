import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fillExample, formatAnswers } from '../../../src/cli/init/env-files.ts';
import { AppError } from '../../../src/lib/errors.ts';

const example = readFileSync('.env.example', 'utf8');
const settings = Object.keys(parseEnv(example));
const printable = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
});

test('every answer is read back as it was given, or the setting is named; the others keep the value of the example', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...settings), printable), (answers) => {
      let text: string;
      try {
        text = fillExample(example, answers);
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
        expect(Object.keys(answers).some((setting) => (error as Error).message.startsWith(setting))).toBe(
          true,
        );
        return;
      }
      expect(parseEnv(text)).toEqual({ ...parseEnv(example), ...answers });
      expect(parseEnv(formatAnswers(answers))).toEqual(answers);
    }),
  );
});

test('a value with the characters of a shell is quoted', () => {
  expect(formatAnswers({ CREWAI_BEARER_TOKEN: "a#b'c$d" })).toBe('CREWAI_BEARER_TOKEN="a#b\'c$d"\n');
  expect(formatAnswers({ CREWAI_BEARER_TOKEN: 'a#b' })).toBe("CREWAI_BEARER_TOKEN='a#b'\n");
});

test('what no quotes can hold is rejected by the name of its setting', () => {
  expect(() => formatAnswers({ CREWAI_BEARER_TOKEN: 'a\'"`#b' })).toThrow(
    'CREWAI_BEARER_TOKEN has characters that a .env file cannot hold.',
  );
});
