/** The URL paths of the documentation, and of the files that it is built from. */
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
