import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Config } from '../../config/config.ts';
import { answer } from '../../core/http/answer.ts';
import type { Env } from '../../core/http/env.ts';
import { problemExample } from '../../core/http/openapi.ts';
import type { FieldsSchema } from '../../core/own-fields/schema.ts';
import { ERROR_CODES } from '../../core/problems.ts';
import { VERSION } from '../../core/version.ts';
import { DEMO_USER } from '../sign-up/demo-user.ts';
import { FIELDS_COMPONENT, FIELDS_PATCH_COMPONENT } from '../users/fields.ts';

const PURPOSE = `User accounts and profiles: sign up, log in, and read and update your profile.

**Getting started**: choose *Authorize* and enter an email address or phone number and its password. Then try \`GET /profile/me\`. \`POST /auth/signup\` creates an account.`;

const DEMO = `This server has a demo user: \`${DEMO_USER.phone.entered}\`, password \`${DEMO_USER.password}\`.`;

const SECURITY =
  'Log in with an email address or phone number and a password. The access token is a bearer token (RFC 6750); tokens of every login operation are accepted.';

const FAILURES =
  'Errors are problem details (RFC 9457): `code` is for programs, `detail` for users.';

/**
 * Serves the OpenAPI 3.1 document of an app's routes. The document is built once, because it cannot change while the
 * app runs.
 */
export function serveDocument(
  app: OpenAPIHono<Env>,
  { seedDemoUser, profileFields }: Pick<Config, 'seedDemoUser' | 'profileFields'>,
): void {
  const demo = seedDemoUser ? [DEMO] : [];
  app.openAPIRegistry.registerComponent('securitySchemes', 'passwordLogin', {
    type: 'oauth2',
    description: [SECURITY, ...demo].join('\n\n'),
    flows: { password: { tokenUrl: '/auth/login', scopes: {} } },
  });
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Latchkey',
      version: VERSION,
      description: [PURPOSE, ...demo, FAILURES].join('\n\n'),
      contact: { name: 'The operators of this server' },
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    servers: [{ url: '/', description: 'This server' }],
    tags: [
      { name: 'auth', description: 'Sign-up, login and tokens' },
      { name: 'sessions', description: 'Your active sessions' },
      { name: 'profile', description: 'Your profile' },
      {
        name: 'recovery',
        description: 'Forgotten passwords, verified addresses, login codes and changes of address',
      },
      {
        name: 'phone',
        description: 'The same accounts by phone number, with responses in an envelope',
      },
      { name: 'admin', description: 'Accounts of others, for administrators and supporters' },
      { name: 'operations', description: 'For operators of the service' },
    ],
  });
  const text = JSON.stringify(withOwnFields(withExamples(document), profileFields));
  const headers = { 'Cache-Control': 'public, max-age=60', 'Content-Type': 'application/json' };
  app.get('/openapi.json', (c) => answer(c, text, 200, headers));
}

/** Adds the example problems that the document refers to. */
function withExamples(document: ReturnType<OpenAPIHono<Env>['getOpenAPI31Document']>) {
  const text = JSON.stringify(document);
  const examples = ERROR_CODES.filter((code) =>
    text.includes(`"#/components/examples/${code}"`),
  ).map((code) => [code, problemExample(code)] as const);
  const components = { ...document.components, examples: Object.fromEntries(examples) };
  return { ...document, components };
}

/** Describes the own fields of this server, in place of the ones that any server may have. */
function withOwnFields(
  document: { readonly components: { readonly schemas?: object } },
  schema: FieldsSchema | undefined,
): object {
  if (!schema) return document;
  const { components } = document;
  const description = 'Own fields. A field without a value is absent.';
  const patch = Object.entries(schema.properties).map(
    ([name, { title, description, ...field }]) => [
      name,
      {
        ...(title !== undefined && { title }),
        ...(description !== undefined && { description }),
        anyOf: [field, { type: 'null' }],
      },
    ],
  );
  return {
    ...document,
    components: {
      ...components,
      schemas: {
        ...components.schemas,
        [FIELDS_COMPONENT]: { description, ...schema },
        [FIELDS_PATCH_COMPONENT]: {
          description:
            'Changes to own fields: null clears a field, and null instead of the object all of them.',
          ...schema,
          type: ['object', 'null'],
          properties: Object.fromEntries(patch),
        },
      },
    },
  };
}
