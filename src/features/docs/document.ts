import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Config } from '../../config/config.ts';
import { AppError } from '../../core/errors.ts';
import { answer } from '../../core/http/answer.ts';
import type { Env } from '../../core/http/env.ts';
import { problemExample } from '../../core/http/openapi.ts';
import type { FieldsSchema } from '../../core/own-fields/schema.ts';
import type { ReadDocument } from '../../core/ports.ts';
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

/** The parts of an OpenAPI document that depend on the settings of the server. */
interface Document {
  readonly info: { readonly description?: string };
  readonly components: {
    readonly schemas?: object;
    readonly securitySchemes: { readonly passwordLogin: object };
  };
}

interface DocumentParts {
  readonly config: Pick<Config, 'seedDemoUser' | 'profileFields'>;
  readonly readDocument: ReadDocument | undefined;
}

/**
 * Serves the OpenAPI 3.1 document of an app's routes. It is made once, because it cannot change while the app runs.
 *
 * @param readDocument reads what the build has generated; without it, the document is generated here
 */
export function serveDocument(
  app: OpenAPIHono<Env>,
  { config, readDocument }: DocumentParts,
): void {
  const headers = { 'Cache-Control': 'public, max-age=60', 'Content-Type': 'application/json' };
  let text = readDocument ? undefined : textFor(config, generate(app));
  app.get('/openapi.json', async (c) => {
    if (text === undefined) {
      const written = await readDocument?.();
      if (written === undefined) throw new AppError('not_found');
      // The cast is safe: `generate` has made it.
      text = textFor(config, JSON.parse(written) as Document);
    }
    return answer(c, text, 200, headers);
  });
}

const textFor = ({ seedDemoUser, profileFields }: DocumentParts['config'], document: Document) =>
  JSON.stringify(withOwnFields(seedDemoUser ? withDemoUser(document) : document, profileFields));

/** Generates the document of a server with default settings. */
function generate(app: OpenAPIHono<Env>): Document {
  app.openAPIRegistry.registerComponent('securitySchemes', 'passwordLogin', {
    type: 'oauth2',
    description: SECURITY,
    flows: { password: { tokenUrl: '/auth/login', scopes: {} } },
  });
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Latchkey',
      version: VERSION,
      description: [PURPOSE, FAILURES].join('\n\n'),
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
  // The cast is safe: the component is registered above.
  return withExamples(document) as unknown as Document;
}

/** Says how to log in as the demo user of this server. */
function withDemoUser({ info, components, ...document }: Document): Document {
  const { passwordLogin } = components.securitySchemes;
  return {
    ...document,
    info: { ...info, description: [PURPOSE, DEMO, FAILURES].join('\n\n') },
    components: {
      ...components,
      securitySchemes: {
        ...components.securitySchemes,
        passwordLogin: { ...passwordLogin, description: [SECURITY, DEMO].join('\n\n') },
      },
    },
  };
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
function withOwnFields(document: Document, schema: FieldsSchema | undefined): Document {
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
