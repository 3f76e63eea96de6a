import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { version } from '../../package.json' with { type: 'json' };
import { DEMO_USER } from '../../src/features/sign-up/demo-user.ts';
import { createTestApp } from '../support/test-app.ts';

type Node = Record<string, unknown>;

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

async function readDocument(): Promise<Node> {
  const { app } = await createTestApp();
  return (await (await app.request('/openapi.json')).json()) as Node;
}

/** Every operation, as `METHOD path`. */
function operationsOf(document: Node): [string, Node][] {
  return Object.entries(document.paths as Node).flatMap(([path, item]) =>
    Object.entries(item as Node).map(([method, operation]): [string, Node] => [
      `${method.toUpperCase()} ${path}`,
      operation as Node,
    ]),
  );
}

describe('GET /openapi.json', () => {
  test('has the version of the package', async () => {
    expect((await readDocument()).info).toMatchObject({ title: 'Latchkey', version });
  });

  test('lists every operation of the contract', async () => {
    expect(
      operationsOf(await readDocument())
        .map(([name]) => name)
        .sort(),
    ).toEqual([
      'DELETE /admin/users/{id}',
      'DELETE /auth/devices/{id}',
      'DELETE /auth/sessions',
      'DELETE /auth/sessions/{id}',
      'DELETE /profile/me',
      'DELETE /profile/me/avatar',
      'GET /.well-known/jwks.json',
      'GET /admin/audit',
      'GET /admin/stats',
      'GET /admin/users',
      'GET /admin/users/{id}',
      'GET /admin/users/{id}/activity',
      'GET /admin/users/{id}/sessions',
      'GET /api/v1/user/profile',
      'GET /auth/activity',
      'GET /auth/devices',
      'GET /auth/session',
      'GET /auth/sessions',
      'GET /avatars/{key}',
      'GET /healthz',
      'GET /profile/me',
      'GET /profile/me/export',
      'GET /readyz',
      'PATCH /admin/users/{id}',
      'PATCH /profile/me',
      'POST /admin/users',
      'POST /admin/users/{id}/disable',
      'POST /admin/users/{id}/enable',
      'POST /admin/users/{id}/require-reset',
      'POST /admin/users/{id}/sign-out',
      'POST /admin/users/{id}/unlock',
      'POST /api/v1/auth/login',
      'POST /api/v1/auth/signup',
      'POST /auth/code',
      'POST /auth/code/login',
      'POST /auth/email/change',
      'POST /auth/email/confirm',
      'POST /auth/email/undo',
      'POST /auth/login',
      'POST /auth/logout',
      'POST /auth/password/change',
      'POST /auth/password/forgot',
      'POST /auth/password/reset',
      'POST /auth/phone/change',
      'POST /auth/phone/confirm',
      'POST /auth/phone/undo',
      'POST /auth/reauthenticate',
      'POST /auth/reauthenticate/code',
      'POST /auth/refresh',
      'POST /auth/signup',
      'POST /auth/verification',
      'POST /auth/verification/confirm',
      'PUT /admin/users/{id}/roles',
      'PUT /profile/me',
      'PUT /profile/me/avatar',
    ]);
  });

  test('gives every operation a unique operationId, a summary and a description', async () => {
    const operations = operationsOf(await readDocument());
    const ids = operations.map(([, { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(operations.length);
    for (const [name, { operationId, summary, description, tags }] of operations) {
      expect([name, typeof operationId, typeof summary, typeof description]).toEqual([
        name,
        'string',
        'string',
        'string',
      ]);
      expect(tags).toHaveLength(1);
    }
  });

  test('gives every member of every schema a description and an example', async () => {
    const missing: string[] = [];
    const visit = (node: unknown, path: string): void => {
      if (Array.isArray(node)) for (const [i, item] of node.entries()) visit(item, `${path}/${i}`);
      if (!isNode(node)) return;
      if (isNode(node.properties)) {
        for (const [name, member] of Object.entries(node.properties as Node)) {
          if (!isNode(member) || '$ref' in member || member.type === 'object') continue;
          const isArray = member.type === 'array';
          if (!member.description) missing.push(`${path}/${name}: description`);
          if (!('example' in member) && !isArray) missing.push(`${path}/${name}: example`);
        }
      }
      for (const [key, child] of Object.entries(node)) visit(child, `${path}/${key}`);
    };
    visit(await readDocument(), '');
    expect(missing).toEqual([]);
  });

  test('describes every tag that an operation has', async () => {
    const document = await readDocument();
    const described = (document.tags as { name: string }[]).map(({ name }) => name);
    const used = [...operationsOf(document)].flatMap(([, { tags }]) => tags as string[]);
    expect([...new Set(used)].toSorted()).toEqual(described.toSorted());
  });

  test('has one security scheme: the password flow at /auth/login', async () => {
    const document = await readDocument();
    const { securitySchemes } = document.components as { securitySchemes: Node };
    expect(securitySchemes).toEqual({
      passwordLogin: {
        type: 'oauth2',
        description: expect.any(String),
        flows: { password: { tokenUrl: '/auth/login', scopes: {} } },
      },
    });
    for (const [name, { security, responses }] of operationsOf(document)) {
      const isProtected = '401' in (responses as Node) && !/\/(login|refresh)$/.test(name);
      const bearer = { passwordLogin: [] };
      // A link needs no login; a code does.
      const isOptional = name === 'POST /auth/verification/confirm';
      const expected = isOptional ? [{}, bearer] : isProtected ? [bearer] : [];
      expect([name, security]).toEqual([name, expected]);
    }
  });

  test('prefills no header that Swagger UI would send', async () => {
    for (const [name, { parameters = [] }] of operationsOf(await readDocument())) {
      for (const parameter of parameters as Node[]) {
        if (parameter.in !== 'header') continue;
        const { example } = parameter.schema as Node;
        expect([name, parameter.example, example]).toEqual([name, undefined, undefined]);
      }
    }
  });

  test('names the demo user only if there is one', async () => {
    const descriptionsIn = async (settings: Record<string, string>) => {
      const { app } = await createTestApp(settings);
      const { info, components } = (await (await app.request('/openapi.json')).json()) as {
        info: { description: string };
        components: { securitySchemes: { passwordLogin: { description: string } } };
      };
      // Swagger UI shows the first on its page, the second in the Authorize dialog.
      return [info.description, components.securitySchemes.passwordLogin.description];
    };
    const named = expect.stringContaining(DEMO_USER.password);
    const unnamed = expect.not.stringContaining(DEMO_USER.password);
    expect(await descriptionsIn({ SEED_DEMO_USER: 'true' })).toEqual([named, named]);
    expect(await descriptionsIn({ SEED_DEMO_USER: 'false' })).toEqual([unnamed, unnamed]);
  });

  test('passes the recommended rules of redocly lint', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-openapi-'));
    try {
      writeFileSync(join(folder, 'openapi.json'), JSON.stringify(await readDocument()));
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [redoclyPath(), 'lint', 'openapi.json', '--extends', 'recommended', '--format', 'json'],
        {
          cwd: folder,
          encoding: 'utf8',
          env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
        },
      );
      expect([status, stderr]).toEqual([0, expect.any(String)]);
      expect(JSON.parse(stdout)).toMatchObject({ totals: { errors: 0, warnings: 0, ignored: 0 } });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 60_000);
});

function redoclyPath(): string {
  const require = createRequire(import.meta.url);
  return join(dirname(require.resolve('@redocly/cli/package.json')), 'bin', 'cli.js');
}
