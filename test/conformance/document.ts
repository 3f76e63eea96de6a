import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Api } from '../support/api.ts';
import type { Part } from './suite.ts';

const responseSchema = z.object({
  content: z
    .record(z.string(), z.object({ examples: z.record(z.string(), z.unknown()).optional() }))
    .optional(),
});

const documentSchema = z.object({
  openapi: z.literal('3.1.0'),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        operationId: z.string(),
        requestBody: z.object({ content: z.record(z.string(), z.unknown()) }).optional(),
        security: z.array(z.record(z.string(), z.unknown())).optional(),
        responses: z.record(z.string(), responseSchema),
      }),
    ),
  ),
});

export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly mediaTypes: readonly string[];
  readonly statuses: readonly number[];
  /** The codes of its problems. */
  readonly codes: readonly string[];
  /** True if it accepts callers without a token. */
  readonly isOpen: boolean;
}

/** Reads the operations from the target's OpenAPI document. */
export async function readDocument(api: Api): Promise<Operation[]> {
  const document = documentSchema.parse((await api.get('/openapi.json')).body);
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(
      ([method, { operationId, requestBody, security, responses }]) => ({
        id: operationId,
        method: method.toUpperCase(),
        path,
        mediaTypes: Object.keys(requestBody?.content ?? {}),
        statuses: Object.keys(responses).map(Number),
        codes: Object.values(responses).flatMap(({ content = {} }) =>
          Object.keys(content['application/problem+json']?.examples ?? {}),
        ),
        isOpen: !security?.length || security.some((scheme) => Object.keys(scheme).length === 0),
      }),
    ),
  );
}

/** Returns the documented path that matches the path of a request, such as `/auth/sessions/{id}`. */
const templateOf = (requestPath: string, operations: readonly Operation[]): string =>
  operations.find(({ path }) => path === requestPath)?.path ??
  operations.find(({ path }) =>
    new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(requestPath),
  )?.path ??
  requestPath;

/** The statuses for slow clients, rate limits, overload and database failures. Other tests provoke them. */
const NOT_PROVOKED_HERE = [408, 429, 503];

/** The statuses of settings that the targets do not have, and others that other tests provoke. */
const OF_OTHER_TESTS: Readonly<Record<string, readonly number[]>> = {
  signUp: [202, 403],
  signUpByPhone: [202],
  // A truncated upload, whose client is gone.
  setAvatar: [400],
};

export const documentCoverage: Part = (api) => {
  test('every operation was called and returned exactly the statuses that it documents', async () => {
    const seen = new Map<string, Set<number>>();
    const operations = await readDocument(api());
    expect(operations.length).toBeGreaterThanOrEqual(10);
    for (const { method, path, answer } of api().observations) {
      const key = `${method} ${templateOf(path, operations)}`;
      seen.set(key, (seen.get(key) ?? new Set()).add(answer.status));
    }
    const documented: Record<string, number[]> = {};
    const observed: Record<string, number[]> = {};
    for (const { id, method, path, statuses } of operations) {
      const left = [...NOT_PROVOKED_HERE, ...(OF_OTHER_TESTS[id] ?? [])];
      documented[id] = statuses.filter((status) => !left.includes(status)).sort();
      observed[id] = [...(seen.get(`${method} ${path}`) ?? [])]
        .filter((status) => !NOT_PROVOKED_HERE.includes(status))
        .sort();
    }
    expect(observed).toEqual(documented);
  });
};
