// Copies Swagger UI from its package into public/docs, together with compressed copies, so that it is served without a
// CDN.
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  gunzipSync,
  gzipSync,
} from 'node:zlib';
import { replaceFile } from './replace-file.mjs';

const SOURCE = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const TARGET = fileURLToPath(new URL('../public/docs/', import.meta.url));

/**
 * Quality 11 would make the bundle another 8% smaller, but each first start would take 5 seconds instead of a quarter.
 */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };

/** Each content coding with its file suffix and the functions to compress and decompress. */
const CODINGS = [
  ['.br', (bytes) => brotliCompressSync(bytes, BROTLI), brotliDecompressSync],
  ['.gz', (bytes) => gzipSync(bytes, { level: 9 }), gunzipSync],
];

const COMPRESSED = ['swagger-ui-bundle.js', 'swagger-ui.css'];
const AS_IT_IS = ['favicon-32x32.png', 'LICENSE', 'NOTICE', 'swagger-ui-bundle.js.LICENSE.txt'];

export async function copyDocs() {
  await mkdir(TARGET, { recursive: true });
  for (const name of AS_IT_IS)
    await replaceFile(join(TARGET, name), await readFile(join(SOURCE, name)));
  for (const name of COMPRESSED) {
    const bytes = await readFile(join(SOURCE, name));
    for (const [suffix, compress, decompress] of CODINGS) {
      if (!(await contains(name + suffix, bytes, decompress))) {
        await replaceFile(join(TARGET, name + suffix), compress(bytes));
      }
    }
    await replaceFile(join(TARGET, name), bytes);
  }
}

/** True if the compressed file is complete and contains these bytes. */
async function contains(name, bytes, decompress) {
  try {
    return decompress(await readFile(join(TARGET, name))).equals(bytes);
  } catch {
    return false;
  }
}
