import { empty, json } from '../../core/http/answer.ts';
import { ifNoneMatchNames, profileEtag, versionsOfIfMatch } from '../../core/http/etag.ts';
import type { Feature } from '../../core/http/feature.ts';
import type { ProfileView } from '../users/profile.ts';
import { mergePatchOf, type ProfileInput, type ProfilePatch } from '../users/user.ts';
import { getProfile, patchProfile, updateProfile } from './contract.ts';
import { createProfileService, type ProfileParts } from './service.ts';

export function profileFeature(parts: ProfileParts & { readonly profileOf: ProfileView }): Feature {
  const { profileOf } = parts;
  const profile = createProfileService(parts);
  return {
    addRoutes({ add }) {
      add(getProfile, (c) => {
        const user = c.get('user');
        const etag = profileEtag(user);
        if (ifNoneMatchNames(c.req.header('If-None-Match'), etag)) {
          return empty(c, 304, { ETag: etag });
        }
        return json(c, profileOf(user, c.req.url), 200, { ETag: etag });
      });

      add(updateProfile, async (c) => {
        const versions = versionsOfIfMatch(c.req.valid('header')['if-match'], c.get('user'));
        const patch = toPutPatch(c.req.valid('json'));
        const loggedIn = { user: c.get('user'), session: c.get('session') };
        const user = await profile.update(loggedIn, patch, versions, c.get('caller'));
        return json(c, profileOf(user, c.req.url), 200, { ETag: profileEtag(user) });
      });

      add(patchProfile, async (c) => {
        const versions = versionsOfIfMatch(c.req.valid('header')['if-match'], c.get('user'));
        const patch = mergePatchOf(c.req.valid('json'));
        const loggedIn = { user: c.get('user'), session: c.get('session') };
        const user = await profile.update(loggedIn, patch, versions, c.get('caller'));
        return json(c, profileOf(user, c.req.url), 200, { ETag: profileEtag(user) });
      });
    },
  };
}

/** The legacy contract: null leaves a field unchanged, like a missing member. */
const toPutPatch = ({ name, bio }: Pick<ProfileInput, 'name' | 'bio'>): ProfilePatch => ({
  ...(name != null && { name }),
  ...(bio != null && { bio }),
});
