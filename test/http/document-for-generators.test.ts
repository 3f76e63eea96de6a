import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { DOCUMENT_FILE, readDocument } from '../../scripts/openapi-document.ts';
import { PROBLEMS } from '../../src/core/problems.ts';

const exampleSchema = z.object({ value: z.object({ status: z.number(), code: z.string() }) });
const documentSchema = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({ responses: z.record(z.string(), z.object({ content: z.unknown().optional() })) }),
    ),
  ),
  components: z.object({
    schemas: z.record(z.string(), z.unknown()),
    examples: z.record(z.string(), exampleSchema),
  }),
});
const problemSchema = z.object({
  'application/problem+json': z.object({
    examples: z.record(z.string(), z.union([z.object({ $ref: z.string() }), exampleSchema])),
  }),
});

const text = await readDocument();
const { paths, components } = documentSchema.parse(JSON.parse(text));

test('openapi.json is up to date; if not: npm run client:generate', () => {
  expect(readFileSync(DOCUMENT_FILE, 'utf8')).toBe(text);
});

test('no two schema names differ only in case: on some systems they would be the same file', () => {
  const names = Object.keys(components.schemas).map((name) => name.toLowerCase());
  expect(names).toEqual([...new Set(names)]);
});

test('every response in the envelope has a named schema', () => {
  expect(Object.keys(components.schemas)).toEqual(
    expect.arrayContaining(['PhoneSignUpAnswer', 'PhoneLogInAnswer', 'PhoneProfileAnswer']),
  );
});

test('the code of a problem is an enum of all codes', () => {
  const { Problem } = z
    .object({
      Problem: z.object({ properties: z.object({ code: z.object({ enum: z.unknown() }) }) }),
    })
    .parse(components.schemas);
  expect(Problem.properties.code.enum).toEqual(Object.keys(PROBLEMS));
});

test('every problem response has an example of each of its codes, with its own status', () => {
  let count = 0;
  for (const [path, item] of Object.entries(paths)) {
    for (const [method, { responses }] of Object.entries(item)) {
      for (const [status, { content }] of Object.entries(responses)) {
        if (Number(status) < 400) continue;
        const { examples } = problemSchema.parse(content)['application/problem+json'];
        expect([path, method, status, Object.keys(examples).length > 0]).toContain(true);
        for (const [code, example] of Object.entries(examples)) {
          const { value } =
            '$ref' in example
              ? exampleSchema.parse(components.examples[example.$ref.split('/').at(-1) ?? ''])
              : example;
          expect([path, method, value.status, value.code]).toEqual([
            path,
            method,
            Number(status),
            code,
          ]);
          count += 1;
        }
      }
    }
  }
  expect(count).toBeGreaterThan(100);
});
