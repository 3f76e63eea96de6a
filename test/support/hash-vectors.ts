import { z } from 'zod';
import { codeBlocks } from './code-blocks.ts';

const vectorSchema = z.strictObject({ password: z.string(), first: z.string(), hash: z.string() });

/** The test vectors of `docs/hash-format.md`. */
export const hashVectors = (): z.infer<typeof vectorSchema>[] =>
  z.array(vectorSchema).parse(JSON.parse(codeBlocks('hash-format.md', 'json')[0] ?? ''));

/** Hashes that no password matches: of other formats, or out of bounds. */
export const REFUSED_HASHES: readonly string[] = [
  '',
  '$pbkdf2-sha256$100000$AAECAwQFBgcICQoLDA0ODw$rfDFKdlz6hQsDnqes4jawGjfp+mn20j77PR84Xj0KfE',
  ...['r=0,i=1', 'r=21,i=1', 'r=1,i=0', 'r=1,i=100001', 'r=1000000,i=1', 'i=1,r=1', 'r=-1,i=1'].map(
    (cost) =>
      `$pbkdf2-sha256-chain$${cost}$AAECAwQFBgcICQoLDA0ODw$rfDFKdlz6hQsDnqes4jawGjfp+mn20j77PR84Xj0KfE`,
  ),
  '$pbkdf2-sha256-chain$r=1,i=1$AAECAwQFBgcICQoLDA0O$rfDFKdlz6hQsDnqes4jawGjfp+mn20j77PR84Xj0KfE',
  '$pbkdf2-sha256-chain$r=1,i=1$AAECAwQFBgcICQoLDA0ODw$rfDFKdlz6hQsDnqes4jawGjfp+mn20j77PR84Xj0Kf',
  '$pbkdf2-sha256-chain$r=1,i=1$AAECAwQFBgcICQoLDA0ODw==$rfDFKdlz6hQsDnqes4jawGjfp+mn20j77PR84Xj0KfE',
];
