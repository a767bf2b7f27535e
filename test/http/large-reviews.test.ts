import { EventEmitter } from 'node:events';
import type { Request, Response } from 'express';
import { expect, test } from 'vitest';
import { limitLarge } from '../../src/http/webhooks.ts';

test('a review that is compressed or of unknown length counts as large, and is rejected among too many', () => {
  const limit = limitLarge(1);
  const response = Object.assign(new EventEmitter(), {
    locals: {},
    set: () => response,
    status: () => response,
    json: () => response,
  }) as unknown as Response;
  const isAdmitted = (headers: Request['headers']) => {
    let passed = false;
    limit({ headers } as Request, response, () => {
      passed = true;
    });
    return passed;
  };
  const small = { 'content-length': '1000' };
  const compressed = { ...small, 'content-encoding': 'gzip' };
  expect(isAdmitted(compressed)).toBe(true);
  expect([compressed, {}, { 'content-length': '70000' }].some(isAdmitted)).toBe(false);
  expect(isAdmitted(small)).toBe(true);
  response.emit('close');
  expect(isAdmitted(compressed)).toBe(true);
});
