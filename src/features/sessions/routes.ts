import { empty, json, setHeaders } from '../../core/http/answer.ts';
import type { Feature } from '../../core/http/feature.ts';
import { formatNetwork } from '../../core/network.ts';
import { isoTime } from '../../core/time.ts';
import { endSession, endSessions, listSessions } from './contract.ts';
import { toToken } from './issuer.ts';
import { createSessionService, type SessionParts } from './service.ts';
import type { Session } from './session.ts';
import { logOut, refreshTokens } from './token-contract.ts';

export function sessionFeature(parts: SessionParts): Feature {
  const sessions = createSessionService(parts);
  return {
    addRoutes({ add }) {
      add(refreshTokens, async (c) => {
        const refreshToken = c.req.valid('json').refresh_token;
        const { limit, ...tokens } = await sessions.refresh(refreshToken, c.get('caller'));
        setHeaders(c, limit);
        return json(c, toToken(tokens), 200);
      });

      add(logOut, async (c) => {
        await sessions.logOut(c.get('claims'), c.get('caller'));
        return empty(c, 204);
      });

      add(listSessions, async (c) => {
        const { id: current } = c.get('session');
        const list = await sessions.list(c.get('user').id);
        return json(c, { sessions: list.map((session) => toView(session, current)) }, 200);
      });

      add(endSession, async (c) => {
        await sessions.end(c.req.valid('param').id, c.get('user').id, c.get('caller'));
        return empty(c, 204);
      });

      add(endSessions, async (c) => {
        const except = c.req.valid('query').all === 'true' ? undefined : c.get('session').id;
        await sessions.endAll(c.get('user').id, except, c.get('caller'));
        return empty(c, 204);
      });
    },
    jobs: [{ name: 'sessions', removeSome: (limit) => parts.sessions.removeEnded(limit) }],
  };
}

const toView = (session: Session, current: string) => ({
  id: session.id,
  current: session.id === current,
  created_at: isoTime(session.createdAt),
  last_used_at: isoTime(session.lastUsedAt),
  expires_at: isoTime(session.expiresAt),
  method: session.method,
  user_agent: session.userAgent,
  address: session.address,
  last_network: session.lastNetwork === null ? null : formatNetwork(session.lastNetwork),
});
