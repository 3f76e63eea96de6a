import { empty, json, setHeaders } from '../../core/http/answer.ts';
import type { Feature } from '../../core/http/feature.ts';
import { isoTime } from '../../core/time.ts';
import type { ProfileView } from '../users/profile.ts';
import { endSession, endSessions, getOwnSession, listSessions } from './contract.ts';
import { toToken } from './issuer.ts';
import type { SessionService } from './service.ts';
import type { SessionStore } from './store.ts';
import { logOut, refreshTokens } from './token-contract.ts';
import { toSessionView } from './view.ts';

interface Parts {
  readonly sessionService: SessionService;
}

export const tokenFeature = ({ sessionService }: Parts): Feature => ({
  addRoutes({ add }) {
    add(refreshTokens, async (c) => {
      const refreshToken = c.req.valid('json').refresh_token;
      const { limit, ...tokens } = await sessionService.refresh(refreshToken, c.get('caller'));
      setHeaders(c, limit);
      return json(c, toToken(tokens), 200);
    });

    add(logOut, async (c) => {
      await sessionService.logOut(c.get('claims'), c.get('caller'));
      return empty(c, 204);
    });
  },
});

export const sessionFeature = ({
  sessions,
  sessionService,
  profileOf,
}: Parts & { readonly sessions: SessionStore; readonly profileOf: ProfileView }): Feature => ({
  addRoutes({ add }) {
    add(getOwnSession, (c) => {
      const { id, createdAt, expiresAt, authTime, method } = c.get('session');
      const view = {
        id,
        created_at: isoTime(createdAt),
        expires_at: isoTime(expiresAt),
        auth_time: isoTime(authTime),
        amr: [method === 'password' ? 'pwd' : 'otp'],
        user: profileOf(c.get('user'), c.req.url),
        roles: [...c.get('roles')],
      };
      return json(c, view, 200);
    });

    add(listSessions, async (c) => {
      const { id: current } = c.get('session');
      const list = await sessionService.list(c.get('user').id);
      const views = list.map((session) => ({
        ...toSessionView(session),
        current: session.id === current,
      }));
      return json(c, { sessions: views }, 200);
    });

    add(endSession, async (c) => {
      await sessionService.end(c.req.valid('param').id, c.get('user').id, c.get('caller'));
      return empty(c, 204);
    });

    add(endSessions, async (c) => {
      const except = c.req.valid('query').all === 'true' ? undefined : c.get('session').id;
      await sessionService.endAll(c.get('user').id, except, c.get('caller'));
      return empty(c, 204);
    });
  },
  jobs: [{ name: 'sessions', removeSome: (limit) => sessions.removeEnded(limit) }],
});
