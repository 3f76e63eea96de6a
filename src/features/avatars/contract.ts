import { z } from '@hono/zod-openapi';
import { upload } from '../../core/http/body.ts';
import { open, operation } from '../../core/http/operation.ts';
import { wholeProfile } from '../profile/contract.ts';
import { user } from '../sessions/guards.ts';
import { MAX_IMAGE_BYTES } from './image/clean-image.ts';
import { IMAGE_TYPES } from './image/image.ts';

const own = { path: '/profile/me/avatar', tags: ['profile'], guard: user } as const;

export const setAvatar = operation({
  ...own,
  operationId: 'setAvatar',
  method: 'put',
  summary: 'Set your picture',
  description:
    'Replaces the picture of the account. Accepts PNG, JPEG and WebP of at most 5 MB and 4096 × 4096 pixels, without animation; the bytes decide which one it is. Metadata such as the place of a photo is removed, without loss; the orientation and the color profile stay. One upload at a time.',
  turn: { name: 'avatar', who: (c) => String(c.get('user').id) },
  limit: { name: 'setAvatar', who: (c) => String(c.get('user').id) },
  body: upload(IMAGE_TYPES, MAX_IMAGE_BYTES, 'The picture.'),
  fails: ['invalid_image', 'avatars_off', 'files_unavailable'],
  answers: { 200: wholeProfile('The profile with the URL of the picture.') },
});

export const removeAvatar = operation({
  ...own,
  operationId: 'removeAvatar',
  method: 'delete',
  summary: 'Remove your picture',
  description: 'Takes the picture away and deletes its file. Also succeeds if there is none.',
  answers: { 204: { description: 'The account has no picture.' } },
});

const file = { schema: { type: 'string', format: 'binary' } } as const;
const files = Object.fromEntries(IMAGE_TYPES.map((type) => [type, file]));

const headersOf = {
  ETag: {
    description: 'The key, as an entity tag.',
    schema: { type: 'string', example: '"Zk3vQ0hT4mW8rB1xYc6NJA"' },
  },
  'Cache-Control': {
    description: 'A picture never changes under its URL.',
    schema: { type: 'string', example: 'public, max-age=31536000, immutable' },
  },
} as const;

const headerField = (name: string, description: string) =>
  ({ in: 'header', name, required: false, description, schema: { type: 'string' } }) as const;

export const getAvatar = operation({
  operationId: 'getAvatar',
  method: 'get',
  path: '/avatars/{key}',
  tags: ['profile'],
  guard: open,
  summary: 'Get a picture',
  description:
    'Returns a picture by its key: the path of `avatar_url`. Not found soon after it is replaced or its account is deleted; caches may keep it for longer.',
  request: {
    params: z.object({
      key: z.string().openapi({
        param: { name: 'key', in: 'path' },
        description: 'The key of a picture.',
        example: 'Zk3vQ0hT4mW8rB1xYc6NJA',
      }),
    }),
  },
  parameters: [
    headerField('range', 'One range of bytes (RFC 9110 section 14.2). Several are ignored.'),
    headerField('if-range', 'The range counts only with this `ETag` (RFC 9110 section 13.1.5).'),
    headerField('if-none-match', 'Returns 304 if the `ETag` is listed.'),
  ],
  fails: ['not_found', 'range_not_satisfiable', 'files_unavailable'],
  answers: {
    200: { description: 'The picture.', headers: headersOf, content: files },
    206: { description: 'A part of the picture.', headers: headersOf, content: files },
    304: { description: 'The picture has not changed.', headers: headersOf },
  },
});
