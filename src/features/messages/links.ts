import type { Config } from '../../config/config.ts';
import { type LinkAction, TOKEN_PLACE } from '../../config/message-kinds.ts';
import { urlOf } from '../../core/loopback.ts';

/** Returns the link that carries a token to the page of an action. */
export type LinkOf = (action: LinkAction, token: string) => string;

/**
 * The links come from the settings alone and never from a request: a forged `Host` would send the token elsewhere. The
 * API's own pages get the token in the fragment, which browsers send to no server.
 */
export function linksOf({
  messages,
  host,
  port,
}: Pick<Config, 'messages' | 'host' | 'port'>): LinkOf {
  const publicUrl = messages.publicUrl ?? urlOf(host, port);
  return (action, token) => {
    const link = messages.appLinks[action] ?? `${publicUrl}/account/${action}#${TOKEN_PLACE}`;
    return link.replaceAll(TOKEN_PLACE, token);
  };
}
