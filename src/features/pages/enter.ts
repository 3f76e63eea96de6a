import type { Login } from '../sign-in/service.ts';
import type { PageCookies } from './cookies.ts';
import type { Next } from './page.ts';

/** Starts the session of a login in the browser, and goes to a page. */
export const enter = (
  { sessionId: id, user, deviceToken }: Login,
  to: string,
  { session, seal, keepDevice }: PageCookies,
): Next => ({
  to,
  cookies: [session.set(seal({ id, userId: user.id })), keepDevice(deviceToken)],
});
