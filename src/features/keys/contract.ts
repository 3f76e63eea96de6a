import { z } from '@hono/zod-openapi';
import { open, operation } from '../../core/http/operation.ts';

const member = (description: string, example: string) =>
  z.string().openapi({ description, example });

const publicKeySchema = z
  .object({
    kty: member('Key type.', 'EC'),
    crv: member('Curve of the key.', 'P-256'),
    x: member(
      'X coordinate (EC), or the public key (OKP).',
      'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
    ),
    y: member('Y coordinate (EC only).', 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0').optional(),
    kid: member(
      'Key id; the `kid` in the header of its tokens.',
      'oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U',
    ),
    alg: member('Signature algorithm.', 'ES256'),
    use: member('Intended use.', 'sig'),
  })
  .openapi('PublicKey', { description: 'A public key as a JWK (RFC 7517).' });

export const getPublicKeys = operation({
  operationId: 'getPublicKeys',
  guard: open,
  method: 'get',
  path: '/.well-known/jwks.json',
  tags: ['operations'],
  summary: 'Get the public signing keys',
  description:
    'JWK Set (RFC 7517) for verifying access tokens: the current key, the next key, and retired keys whose tokens may still be valid. Empty if tokens are signed with HS256. Verifying a signature does not detect that its session was revoked.',
  fails: ['database_unavailable', 'misconfigured'],
  answers: {
    200: {
      description: 'The public keys.',
      content: {
        'application/json': {
          schema: z
            .object({
              keys: z.array(publicKeySchema).openapi({ description: 'The public keys.' }),
            })
            .openapi('PublicKeySet', { description: 'A JWK Set (RFC 7517).' }),
        },
      },
    },
  },
});
