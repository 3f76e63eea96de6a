/** Where documentation is served, and the files it is served from. */
export const DOCS_PATHS = [
  ...[
    '/',
    '/docs',
    '/docs/',
    '/docs/init.js',
    '/docs/swagger-ui-bundle.js',
    '/docs/swagger-ui.css',
  ],
  ...['/docs/favicon.png', '/docs/index.html', '/docs/swagger-ui-favicon.png', '/openapi.json'],
];
