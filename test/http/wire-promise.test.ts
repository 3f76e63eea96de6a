import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { missing, shapeOf, wireShape } from '../support/wire-shape.ts';

const read = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));

const released = wireShape.parse(read('test/fixtures/wire-0.1.0.json'));
const current = shapeOf(read('openapi.json'));

describe('the operations of 0.1.0', () => {
  test('are all there, with their members and statuses, except what docs/upgrades.md lists', () => {
    expect(Object.keys(released).length).toBeGreaterThan(15);
    expect(released['GET /profile/me']?.successes['200']).toContain('email');
    expect(missing(released, current)).toEqual(['POST /auth/password/change 204 is gone']);
  });

  test('what clients would miss is found', () => {
    const of = (operation: object) =>
      shapeOf({ paths: { '/a': { get: { operationId: 'a', responses: {}, ...operation } } } });
    const answer = (...names: string[]) => ({
      content: {
        'application/json': {
          schema: { properties: Object.fromEntries(names.map((name) => [name, {}])) },
        },
      },
    });
    const body = (...required: string[]) => ({
      content: { 'application/json': { schema: { properties: { b: {}, c: {} }, required } } },
    });
    const before = of({ responses: { 200: answer('b', 'c'), 201: {} }, requestBody: body('b') });
    expect(missing(before, before)).toEqual([]);
    expect(missing(before, {})).toEqual(['GET /a is gone']);
    expect(missing(before, of({ operationId: 'z', responses: { 200: answer('c') } }))).toEqual([
      ...['GET /a is z', 'GET /a 200: b is gone', 'GET /a 201 is gone'],
      ...['GET /a: b is not accepted', 'GET /a: c is not accepted'],
    ]);
    const stricter = of({
      responses: { 200: answer('b', 'c', 'd'), 201: {} },
      requestBody: body('b', 'c'),
    });
    expect(missing(before, stricter)).toEqual(['GET /a: c is required']);
  });
});
