import { createAccessTokens } from '../../src/features/sessions/access-token.ts';
import { createSecretKeys } from '../../src/features/sessions/token-keys.ts';
import { SECRET_KEY } from '../servers/latchkey.ts';
import type { SeededSession } from './seed.ts';

const HOUR_SECONDS = 3600;

/** Issues access tokens for seeded sessions, with the key and the claims of the server itself. */
export async function accessTokensOf(sessions: readonly SeededSession[]): Promise<string[]> {
  const tokens = createAccessTokens({
    keys: await createSecretKeys([SECRET_KEY]),
    issuer: 'latchkey',
    audience: 'latchkey',
    lifetimeSeconds: HOUR_SECONDS,
    clock: Date.now,
  });
  const authTime = Date.now();
  const notAfter = authTime + HOUR_SECONDS * 1000;
  const issued = sessions.map(({ id, userId }) =>
    tokens.issue({ userId, sessionId: id, authTime, notAfter }),
  );
  return (await Promise.all(issued)).map(({ token }) => token);
}
