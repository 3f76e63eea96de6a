import { z } from '@hono/zod-openapi';
import { open, operation } from '../../core/http/operation.ts';

const member = (description: string, example: string) =>
  z.string().openapi({ description, example });

const publicKeySchema = z
  .object({
    kty: member('Key type.', 'EC'),
    crv: member('Curve.', 'P-256'),
    x: member('The point, or its x.', 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU'),
    y: member(
      'The y of the point, for EC.',
      'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
    ).optional(),
    kid: member('The `kid` of its tokens.', 'oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U'),
    alg: member('Its algorithm.', 'ES256'),
    use: member('What it is for.', 'sig'),
  })
  .openapi('PublicKey', { description: 'A public key (RFC 7517).' });

export const getPublicKeys = operation({
  operationId: 'getPublicKeys',
  guard: open,
  method: 'get',
  path: '/.well-known/jwks.json',
  tags: ['operations'],
  summary: 'Keys to verify access tokens with',
  description:
    'A JWK set (RFC 7517): the key in use, the next one, and those whose last tokens may still be about. Empty where tokens are signed by HS256. Whoever verifies by it cannot see that a session has ended.',
  fails: ['database_unavailable', 'misconfigured'],
  answers: {
    200: {
      description: 'The public keys.',
      content: {
        'application/json': {
          schema: z
            .object({
              keys: z.array(publicKeySchema).openapi({ description: 'The keys.' }),
            })
            .openapi('PublicKeySet', { description: 'A JWK set.' }),
        },
      },
    },
  },
});
