import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Hono } from 'hono';
import { AppError } from '../../core/errors.ts';
import { answer, redirect } from '../../core/http/answer.ts';
import type { Env } from '../../core/http/env.ts';
import type { ReadAsset } from '../../core/ports.ts';
import { VERSION } from '../../core/version.ts';

/** For Swagger UI: no inline code, no third-party hosts. Images may be `data:` URLs. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const FILES = {
  '/docs': ['docs/index.html', 'text/html; charset=utf-8'],
  '/docs/init.js': ['docs/init.js', 'text/javascript; charset=utf-8'],
  '/docs/swagger-ui-bundle.js': ['docs/swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
  '/docs/swagger-ui.css': ['docs/swagger-ui.css', 'text/css; charset=utf-8'],
  '/docs/favicon.png': ['docs/swagger-ui-favicon.png', 'image/png'],
} as const;

/** Serves Swagger UI at `/docs`, without a CDN. */
export function addDocs(router: Hono<Env>, readAsset: ReadAsset): void {
  router.get('/', (c) => redirect(c, '/docs', 302));
  for (const [path, [file, contentType]] of Object.entries(FILES)) {
    router.get(path, async (c) => {
      const asset = await readAsset(file);
      if (asset === undefined) throw new AppError('not_found');
      return answer(c, asset.body, 200, {
        'Cache-Control': 'public, max-age=3600',
        'Content-Security-Policy': CONTENT_SECURITY_POLICY,
        'Content-Type': contentType,
        ...(asset.length !== undefined && { 'Content-Length': String(asset.length) }),
      });
    });
  }
}

/** Serves the OpenAPI 3.1 document of an app's routes. Built once, so all routes must be registered before. */
export function serveDocument(app: OpenAPIHono<Env>): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'passwordLogin', {
    type: 'oauth2',
    description: 'Log in with email address or phone number, and password.',
    flows: { password: { tokenUrl: '/auth/login', scopes: {} } },
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'An access token from any login.',
  });
  const text = JSON.stringify(
    app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: {
        title: 'Latchkey',
        version: VERSION,
        description:
          'Accounts and profiles: sign up, log in, read and update your profile. Failures are problem details (RFC 9457); decide on their `code`.',
        license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
      },
      servers: [{ url: '/', description: 'This server' }],
      tags: [
        { name: 'auth', description: 'Sign up and log in' },
        { name: 'sessions', description: 'Where you are logged in' },
        { name: 'profile', description: 'Your own profile' },
        { name: 'phone', description: 'The same accounts by phone number, in an envelope' },
        { name: 'operations', description: 'For whoever runs the service' },
      ],
    }),
  );
  const headers = { 'Cache-Control': 'public, max-age=60', 'Content-Type': 'application/json' };
  app.get('/openapi.json', (c) => answer(c, text, 200, headers));
}
