import type { Context } from 'hono';
import { dropCallerHeaders, empty, json } from '../../core/http/answer.ts';
import type { Env } from '../../core/http/env.ts';
import { ifNoneMatchNames, profileEtag } from '../../core/http/etag.ts';
import type { Feature } from '../../core/http/feature.ts';
import { fileAnswer } from '../../core/http/file.ts';
import { type LaterContext, laterOf } from '../../core/http/later.ts';
import type { Logger } from '../../core/log.ts';
import type { LiveSession } from '../sessions/session.ts';
import type { ProfileView } from '../users/profile.ts';
import type { User } from '../users/user.ts';
import { getAvatar, removeAvatar, setAvatar } from './contract.ts';
import type { AvatarRequest, AvatarService } from './service.ts';
import type { AvatarSweeper } from './sweeper.ts';

interface AvatarFeatureParts {
  readonly avatarService: AvatarService;
  readonly avatarSweeper: AvatarSweeper;
  readonly profileOf: ProfileView;
  readonly log: Logger;
}

/** What a picture is answered with besides its bytes. Any site may show it, and it can do nothing there. */
const HEADERS = {
  'Cache-Control': 'public, max-age=31536000, immutable',
  'Content-Disposition': 'inline',
  'Content-Security-Policy': "sandbox; default-src 'none'",
  'Cross-Origin-Resource-Policy': 'cross-origin',
} as const;

type UserContext = LaterContext &
  Pick<Context<Env & { Variables: { user: User; session: LiveSession } }>, 'get'>;

const requestIn = (c: UserContext, log: Logger): AvatarRequest => ({
  user: c.get('user'),
  session: c.get('session'),
  caller: c.get('caller'),
  later: laterOf(c, log),
});

/** The pictures of accounts. */
export const avatarFeature = ({
  avatarService,
  avatarSweeper,
  profileOf,
  log,
}: AvatarFeatureParts): Feature => ({
  addRoutes({ add }) {
    add(setAvatar, async (c) => {
      const changed = await avatarService.set(requestIn(c, log), new Uint8Array(c.get('body')));
      return json(c, profileOf(changed, c.req.url), 200, { ETag: profileEtag(changed) });
    });

    add(removeAvatar, async (c) => {
      await avatarService.remove(requestIn(c, log));
      return empty(c, 204);
    });

    add(getAvatar, async (c) => {
      const { key } = c.req.valid('param');
      const headers = { ...HEADERS, ETag: `"${key}"` };
      // A client has only ETags that it got from here, and a key never names other bytes: nothing has to be read.
      if (
        avatarService.isKey(key) &&
        ifNoneMatchNames(c.req.header('If-None-Match'), headers.ETag)
      ) {
        dropCallerHeaders(c);
        return empty(c, 304, headers);
      }
      return fileAnswer(c, await avatarService.read(key, c.get('caller').trace), headers);
    });
  },
  jobs: [{ name: 'avatars', removeSome: (limit) => avatarSweeper.sweep(limit) }],
});
