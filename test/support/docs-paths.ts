import { FILES_PATH } from '../../src/features/docs/page.ts';

/** The largest file of the documentation. */
export const DOCS_BUNDLE = `${FILES_PATH}/swagger-ui-bundle.js`;

/** The paths of the documentation and of its files. */
export const DOCS_PATHS = [
  '/',
  '/docs',
  '/docs/',
  DOCS_BUNDLE,
  `${FILES_PATH}/swagger-ui.css`,
  `${FILES_PATH}/favicon-32x32.png`,
  '/docs/swagger-ui-bundle.js',
  '/docs/swagger-ui-bundle.js.br',
  '/docs/LICENSE',
  '/openapi.json',
];
