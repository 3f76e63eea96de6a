import type { Context } from 'hono';
import type { Env } from '../../core/http/env.ts';
import { type LaterContext, laterOf } from '../../core/http/later.ts';
import type { Logger } from '../../core/log.ts';
import { localeOf } from '../messages/locale.ts';
import type { Requester } from './requests.ts';
import type { Presented } from './used.ts';

/** The requester of a message in an HTTP request. */
export const requesterOf = (
  c: LaterContext & Pick<Context<Env>, 'req'>,
  log: Logger,
): Requester => ({
  caller: c.get('caller'),
  // Read on demand, because few logins send a message.
  get locale() {
    return localeOf(c.req.header('Accept-Language'));
  },
  later: laterOf(c, log),
});

/** The link or the code of a body that has one of them, as its schema says. */
export const presentedIn = ({
  token,
  username = '',
  code = '',
}: {
  readonly token?: string | undefined;
  readonly username?: string | undefined;
  readonly code?: string | undefined;
}): Presented => (token === undefined ? { username, code } : { token });
