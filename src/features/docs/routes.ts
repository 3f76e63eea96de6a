import type { Hono } from 'hono';
import { AppError } from '../../core/errors.ts';
import { answer, redirect, setHeaders } from '../../core/http/answer.ts';
import { type Encoding, encodingFor } from '../../core/http/encoding.ts';
import type { Env } from '../../core/http/env.ts';
import type { ReadAsset } from '../../core/ports.ts';
import { type DocsPage, FILES_PATH, policyWith, renderDocsPage } from './page.ts';

interface DocsFile {
  readonly name: string;
  readonly type: string;
  /** True if the build has also compressed the file. */
  readonly isCompressed: boolean;
}

const FILES: readonly DocsFile[] = [
  { name: 'swagger-ui-bundle.js', type: 'text/javascript; charset=utf-8', isCompressed: true },
  { name: 'swagger-ui.css', type: 'text/css; charset=utf-8', isCompressed: true },
  { name: 'favicon-32x32.png', type: 'image/png', isCompressed: false },
];

const SUFFIXES: Readonly<Record<Encoding, string>> = { br: '.br', gzip: '.gz', identity: '' };

const IMMUTABLE = 'public, max-age=31536000, immutable';

/** Serves Swagger UI at `/docs`, without a CDN. */
export function addDocs(router: Hono<Env>, readAsset: ReadAsset): void {
  /** The page itself, not its promise: on Workers, a promise ends with the request that created it. */
  let page: DocsPage | undefined;

  router.get('/', (c) => redirect(c, '/docs', 302));
  router.get('/docs', async (c) => {
    page ??= await renderDocsPage();
    return answer(c, page.markup, 200, {
      'Cache-Control': 'no-cache',
      'Content-Security-Policy': page.contentSecurityPolicy,
      'Content-Type': 'text/html; charset=utf-8',
    });
  });
  for (const { name, type, isCompressed } of FILES) {
    router.get(`${FILES_PATH}/${name}`, async (c) => {
      let encoding = isCompressed ? encodingFor(c) : 'identity';
      let asset = await readAsset(`docs/${name}${SUFFIXES[encoding]}`);
      if (asset === undefined) {
        encoding = 'identity';
        asset = await readAsset(`docs/${name}`);
      }
      if (asset === undefined) throw new AppError('not_found');
      if (isCompressed) setHeaders(c, { Vary: 'Accept-Encoding' });
      return answer(c, asset.body, 200, {
        'Cache-Control': IMMUTABLE,
        'Content-Security-Policy': policyWith('', ''),
        'Content-Type': type,
        ...(encoding !== 'identity' && { 'Content-Encoding': encoding }),
        ...(asset.length !== undefined && { 'Content-Length': String(asset.length) }),
      });
    });
  }
}
