import { beforeAll, describe, expect, test } from 'vitest';
import { createTestApp } from '../support/test-app.ts';
import { readArguments, TARGETS } from './arguments.ts';
import { type Operation, operationsOf } from './document.ts';
import { foreignPlans } from './foreign.ts';
import { createKnowledge } from './knowledge.ts';
import { KINDS, planAt } from './plan.ts';
import { show, toSent } from './sent.ts';
import { placeholder, toForm, toJson } from './tree.ts';
import { isValid } from './validator.ts';

let operations: readonly Operation[];

beforeAll(async () => {
  const { app } = await createTestApp();
  operations = operationsOf(await (await app.request('/openapi.json')).json());
});

const plans = (count: number, seed = 1) =>
  Array.from({ length: count }, (_, index) => planAt(operations, seed, index));

/** The body of a plan as a JSON value, with the `otherwise` text in place of each known value. */
const bodyOf = (plan: ReturnType<typeof planAt>): unknown => {
  const json = toJson(plan.body?.tree ?? null, ({ otherwise }) => otherwise);
  return JSON.parse(json);
};

describe('planAt', () => {
  test('returns the same request for the same seed and index, and others otherwise', () => {
    const shown = plans(300).map(show);
    expect(plans(300).map(show)).toEqual(shown);
    expect(new Set(shown).size).toBeGreaterThan(200);
    expect(plans(300, 2).map(show)).not.toEqual(shown);
    expect(show(planAt(operations, 1, 123))).toBe(shown[123]);
  });

  test('covers every operation with every kind of request', () => {
    const reached = new Set(plans(300).map(({ operation, kind }) => `${operation.id} ${kind}`));
    expect(reached.size).toBe(operations.length * KINDS.length);
  });

  test('generates valid bodies for valid requests, and invalid ones for nearly valid ones', () => {
    let wrong = 0;
    for (const plan of plans(2000)) {
      const [schema] = plan.operation.bodies.values();
      // What is in a file, the document does not say.
      if (!schema || schema.format === 'binary' || !plan.body) continue;
      const isRight = isValid(bodyOf(plan), schema);
      if (plan.kind === 'valid') expect([show(plan), isRight]).toEqual([show(plan), true]);
      if (plan.kind === 'nearly valid' && !isRight) wrong++;
    }
    expect(wrong).toBeGreaterThan(100);
  });

  test('generates requests that fetch can send', () => {
    for (const plan of plans(2000)) {
      const sent = toSent(plan, placeholder, () => 'Bearer x');
      const headers = sent.headers.map(([name, value]): [string, string] => [name, value]);
      const { method, target, body } = sent;
      const request = new Request(`http://127.0.0.1${target}`, {
        method,
        headers,
        ...(body && { body }),
      });
      expect(request.method.toUpperCase()).toBe(method);
    }
  });
});

describe('toJson and toForm', () => {
  test('write duplicate members, `__proto__`, numbers out of range and known values', () => {
    const tree = {
      members: [
        ['__proto__', { members: [['a', null]] }],
        ['a', 1],
        ['a', { raw: '1e999' }],
        ['b', { known: 'email', pick: 0, otherwise: '' }],
      ],
    } as const;
    const resolve = () => 'ada@example.com';
    expect(toJson(tree, resolve)).toBe(
      '{"__proto__":{"a":null},"a":1,"a":1e999,"b":"ada@example.com"}',
    );
    expect(toForm(tree, resolve)).toBe(
      '__proto__=%7B%22a%22%3Anull%7D&a=1&a=1e999&b=ada%40example.com',
    );
  });
});

describe('show', () => {
  test('prints the name of a known value, not the value', () => {
    const knowledge = createKnowledge();
    knowledge.pin('password', () => ['the-secret']);
    const plan = plans(600).find(({ body }) =>
      toJson(body?.tree ?? null, knowledge.resolve).includes('the-secret'),
    );
    if (!plan) throw new Error('No plan has a known password');
    expect(show(plan)).toContain('⟦password');
    expect(show(plan)).not.toContain('the-secret');
  });
});

describe('foreignPlans', () => {
  test('[S29] puts each id into each parameter and the body of each protected operation', () => {
    const made = foreignPlans(operations, ['b-1', 'b-2']);
    const seen = made.map(({ operation }) => operation.id);
    for (const { id, isProtected } of operations)
      expect([id, seen.includes(id)]).toEqual([id, isProtected]);
    const ends = made.filter(({ operation }) => operation.id === 'endSession');
    expect(ends.map((plan) => toSent(plan, placeholder, () => 'x').target)).toEqual([
      '/auth/sessions/b-1',
      '/auth/sessions/b-2',
    ]);
  });
});

describe('operationsOf', () => {
  test('rejects a circular `$ref`, and one that cannot be resolved', () => {
    const document = (reference: string) => ({
      openapi: '3.1.0',
      paths: {
        '/a': {
          get: {
            operationId: 'a',
            security: [],
            responses: {
              200: {
                description: '',
                content: { 'application/json': { schema: { $ref: reference } } },
              },
            },
          },
        },
      },
      components: { schemas: { A: { properties: { a: { $ref: '#/components/schemas/A' } } } } },
    });
    expect(() => operationsOf(document('#/components/schemas/A'))).toThrow('is circular');
    expect(() => operationsOf(document('#/components/schemas/B'))).toThrow(
      'is not in the document',
    );
  });
});

describe('the command line', () => {
  const read = (...args: string[]) => readArguments(args, () => 7);

  test('spreads 20,000 requests over the five targets by default', () => {
    expect(read()).toEqual({ seed: 7, count: 4000, from: 0, targets: TARGETS });
  });

  test('accepts --seed, --count, --target, --at and --help', () => {
    expect(read('--seed', '5', '--count', '10', '--target', 'bun')).toEqual({
      seed: 5,
      count: 10,
      from: 0,
      targets: ['bun'],
    });
    expect(read('--seed=5', '--at=9')).toMatchObject({ seed: 5, count: 1, from: 9 });
    expect(read('--help')).toBe('help');
  });

  test.each([
    ['--count', '0'],
    ['--count', '1.5'],
    ['--count', '-1'],
    ['--count'],
    ['--seed', 'x'],
    ['--seed', '4294967296'],
    ['--target', 'netscape'],
    ['--at', '5'],
    ['--seed', '1', '--at', '5', '--count', '5'],
    ['--nonsense'],
    ['stray'],
  ])('rejects %s %s', (...args) => {
    expect(() => read(...args)).toThrow();
  });
});
