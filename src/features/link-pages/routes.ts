import type { Hono } from 'hono';
import type { Config } from '../../config/config.ts';
import { LINK_ACTIONS } from '../../config/message-kinds.ts';
import { answer, setHeaders } from '../../core/http/answer.ts';
import type { Env } from '../../core/http/env.ts';
import { localeOf } from '../messages/locale.ts';
import { CHANNELS } from '../messages/message.ts';
import type { Messages } from '../messages/service.ts';
import { linkPagePolicy, renderLinkPage } from './page.ts';

interface LinkPageParts {
  readonly config: Pick<Config, 'messages'>;
  readonly messages: Pick<Messages, 'canSend'>;
}

/**
 * Serves the pages that links in messages lead to, unless `APP_LINKS` replaces all of them or no message is sent. A
 * request for a page does not have the token, which stands in the fragment of the link.
 */
export function addLinkPages(router: Hono<Env>, { config, messages }: LinkPageParts): void {
  const { appLinks } = config.messages;
  const areReplaced = LINK_ACTIONS.every((action) => appLinks[action] !== undefined);
  if (areReplaced || !CHANNELS.some((channel) => messages.canSend(channel))) return;
  /** The policy itself, not its promise: on Workers, a promise ends with the request that created it. */
  let policy: string | undefined;

  for (const action of LINK_ACTIONS) {
    router.get(`/account/${action}`, async (c) => {
      policy ??= await linkPagePolicy();
      setHeaders(c, { Vary: 'Accept-Language' });
      const locale = localeOf(c.req.header('Accept-Language'));
      return answer(c, renderLinkPage(action, locale), 200, {
        'Cache-Control': 'no-store',
        'Content-Security-Policy': policy,
        'Content-Type': 'text/html; charset=utf-8',
        'Referrer-Policy': 'no-referrer',
      });
    });
  }
}
