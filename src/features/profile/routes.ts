import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { empty, json } from '../../core/http/answer.ts';
import type { CallerOf } from '../../core/http/caller.ts';
import type { Env } from '../../core/http/env.ts';
import { ifNoneMatchNames, profileEtag, versionsOfIfMatch } from '../../core/http/etag.ts';
import { behind, createRouter } from '../../core/http/router.ts';
import { type ProfilePatch, toProfile } from '../users/user.ts';
import { getProfileRoute, patchProfileRoute, putProfileRoute } from './contract.ts';
import type { ProfileService } from './service.ts';

export function profileRoutes(
  profile: ProfileService,
  requireUser: MiddlewareHandler<Env>,
  callerOf: CallerOf,
): OpenAPIHono<Env> {
  const router = createRouter();

  router.openapi(behind(getProfileRoute, requireUser), (c) => {
    const user = c.get('user');
    const etag = profileEtag(user);
    if (ifNoneMatchNames(c.req.header('If-None-Match'), etag)) return empty(c, 304, { ETag: etag });
    return json(c, toProfile(user), 200, { ETag: etag });
  });

  router.openapi(behind(putProfileRoute, requireUser), async (c) => {
    const versions = versionsOfIfMatch(c.req.valid('header')['if-match'], c.get('user'));
    const patch = toPutPatch(c.req.valid('json'));
    const user = await profile.update(c.get('user'), patch, versions, callerOf(c));
    return json(c, toProfile(user), 200, { ETag: profileEtag(user) });
  });

  router.openapi(behind(patchProfileRoute, requireUser), async (c) => {
    const versions = versionsOfIfMatch(c.req.valid('header')['if-match'], c.get('user'));
    const patch = toMergePatch(c.req.valid('json'));
    const user = await profile.update(c.get('user'), patch, versions, callerOf(c));
    return json(c, toProfile(user), 200, { ETag: profileEtag(user) });
  });

  return router;
}

interface ProfileInput {
  readonly name?: string | null | undefined;
  readonly bio?: string | null | undefined;
}

/** The old contract: null means unchanged, as missing does. */
const toPutPatch = ({ name, bio }: ProfileInput): ProfilePatch => ({
  ...(name != null && { name }),
  ...(bio != null && { bio }),
});

/** RFC 7396: null clears. A cleared biography is the empty one, as on a new account. */
const toMergePatch = ({ name, bio }: ProfileInput): ProfilePatch => ({
  ...(name !== undefined && { name }),
  ...(bio !== undefined && { bio: bio ?? '' }),
});
