import { SwaggerUI } from '@hono/swagger-ui';
import { hashSourceOf } from '../../core/http/hash-source.ts';

/** The version of Swagger UI whose files are served. Must be the version in package.json. */
export const SWAGGER_UI_VERSION = '5.35.0';

/** The folder of Swagger UI's files. Its path contains the version, so that the files can be cached forever. */
export const FILES_PATH = `/docs/swagger-ui-dist@${SWAGGER_UI_VERSION}`;

/** Swagger UI has a dark color scheme, but the page must select it. */
const FOLLOW_COLOR_SCHEME = `
const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();
`;

/**
 * To keep the login across a reload, Swagger UI writes all of it to `localStorage`, including the typed password and
 * the refresh token, which the page does not use. This plugin stores only the access token.
 */
const KEEP_ACCESS_TOKEN_ONLY = `
const KeepAccessTokenOnly = () => ({
  statePlugins: {
    auth: {
      wrapActions: {
        authorizeOauth2: (authorize) => ({ auth, token }) => {
          const { password, clientSecret, ...rest } = auth;
          const { access_token, token_type } = token;
          return authorize({ auth: rest, token: { access_token, token_type } });
        },
      },
    },
  },
});
`;

/**
 * Swagger UI reports a rejected login by its status text, such as "Bad Request". This plugin shows the `detail` of the
 * response instead. The error action does not receive the response, but the interceptor does. A login without a
 * response must not show the detail of an earlier request.
 */
const SHOW_LOGIN_PROBLEM = `
let detail;
const readDetail = (response) => {
  try {
    detail = JSON.parse(response.data).detail;
  } catch {}
  return response;
};
const ShowLoginProblem = () => ({
  statePlugins: {
    auth: {
      wrapActions: {
        authorizeRequest: (send) => (request) => {
          detail = undefined;
          return send(request);
        },
      },
    },
    err: {
      wrapActions: {
        newAuthErr: (report) => (error) => report({ ...error, message: detail ?? error.message }),
      },
    },
  },
});
`;

/** The fields of the Authorize dialog are not in a form, so the browser does not submit them on Enter. */
const AUTHORIZE_ON_ENTER = `
addEventListener('keydown', ({ key, target }) => {
  if (key !== 'Enter' || !target.matches('.auth-container input')) return;
  target.closest('.auth-container').querySelector('.auth-btn-wrapper .authorize')?.click();
});
`;

/**
 * Swagger UI is laid out for wide windows. Without these rules, a phone cuts off addresses and tables. The
 * Authorize dialog shows neither scopes nor client credentials, which this API does not have, and uses the height of
 * the window, so that its buttons are in sight.
 */
const STYLE = `
body { margin: 0; }
.swagger-ui .dialog-ux .modal-ux-content { max-height: calc(100dvh - 130px); }
.swagger-ui .scope-def,
.swagger-ui .auth-container div:has(> :is(label[for=password_type], label[for^=client_])) { display: none; }
.swagger-ui .opblock .opblock-summary-path { overflow-wrap: anywhere; }
@media (max-width: 640px) {
  .swagger-ui .wrapper { padding: 0 10px; box-sizing: border-box; }
  .swagger-ui .opblock .opblock-summary { flex-wrap: wrap; }
  .swagger-ui .opblock .opblock-summary-control { flex-wrap: wrap; min-width: 0; }
  .swagger-ui .opblock .opblock-summary-path { max-width: 100%; }
  .swagger-ui .opblock .opblock-summary-description { flex-basis: 100%; padding: 4px 10px 0; }
  .swagger-ui .opblock .opblock-section-header { flex-wrap: wrap; height: auto; }
  .swagger-ui .btn-group { flex-wrap: wrap; }
  .swagger-ui .response-col_links { display: none; }
  .swagger-ui .responses-table { table-layout: fixed; width: 100%; }
  .swagger-ui .response-col_status { width: 4.5em; min-width: 0; overflow-wrap: anywhere; }
  .swagger-ui .parameters :is(tbody, tr, td) { display: block; }
  .swagger-ui .parameters thead { display: none; }
  .swagger-ui .highlight-code pre, .swagger-ui .renderedMarkdown { overflow-wrap: anywhere; }
  .swagger-ui .dialog-ux .modal-ux { min-width: 0; width: calc(100vw - 20px); }
  .swagger-ui textarea, .swagger-ui input[type=text], .swagger-ui select { max-width: 100%; min-width: 0; }
}
`;

const SCRIPT = [
  FOLLOW_COLOR_SCHEME,
  KEEP_ACCESS_TOKEN_ONLY,
  SHOW_LOGIN_PROBLEM,
  AUTHORIZE_ON_ENTER,
].join('');

/** The page at `/docs`, and the content security policy that allows its inline parts. */
export interface DocsPage {
  /** The HTML of the page. */
  readonly markup: string;
  readonly contentSecurityPolicy: string;
}

/**
 * Renders the page of Swagger UI, which loads only our own files. The policy allows its inline scripts and styles by
 * their hashes.
 */
export async function renderDocsPage(): Promise<DocsPage> {
  const swaggerUi = SwaggerUI({
    url: '/openapi.json',
    baseUrl: '/docs',
    version: SWAGGER_UI_VERSION,
    presets: ['SwaggerUIBundle.presets.apis'],
    plugins: ['KeepAccessTokenOnly', 'ShowLoginProblem'],
    responseInterceptor: 'readDetail',
    layout: 'BaseLayout',
    deepLinking: true,
    tryItOutEnabled: true,
    persistAuthorization: true,
    validatorUrl: 'none',
  });
  const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Latchkey API</title>
    <link rel="icon" type="image/png" href="${FILES_PATH}/favicon-32x32.png">
    <script>${SCRIPT}</script>
  </head>
  <body>
    <noscript>This page needs JavaScript. The OpenAPI document is at <a href="/openapi.json">/openapi.json</a>.</noscript>
    ${swaggerUi}
    <style>${STYLE}</style>
  </body>
</html>
`;
  const scripts = await hashesOf(html, /<script>([\s\S]*?)<\/script>/g);
  const styles = await hashesOf(html, /<style>([\s\S]*?)<\/style>/g);
  return { markup: html, contentSecurityPolicy: policyWith(scripts, styles) };
}

/** The policy that allows our own files, and the inline parts with these hashes. */
export const policyWith = (scripts: string, styles: string): string =>
  [
    "default-src 'none'",
    `script-src 'self'${scripts}`,
    `style-src 'self'${styles}`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

async function hashesOf(html: string, inline: RegExp): Promise<string> {
  const texts = [...html.matchAll(inline)].map(([, text = '']) => text);
  const sources = await Promise.all(texts.map(hashSourceOf));
  return sources.map((source) => ` ${source}`).join('');
}
