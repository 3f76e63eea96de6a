import type { Config } from '../../config/config.ts';
import { LINK_ACTIONS } from '../../config/message-kinds.ts';
import type { Logger } from '../../core/log.ts';
import type { Messages } from '../messages/service.ts';
import { sendsMessages } from './senders.ts';

interface MissingParts {
  readonly config: Pick<Config, 'pages' | 'messages'>;
  readonly log: Logger;
  readonly messages: Pick<Messages, 'canSend'>;
}

/** Warns of pages that cannot be served, and of links in messages that would lead to them. */
export function warnWithoutPages({ config, log, messages }: MissingParts): void {
  if (config.pages.isUrlMissing) log.warn('pages_off', { cure: 'set PUBLIC_URL, or PAGES=off' });
  const isLinkMissing = LINK_ACTIONS.some((action) => !config.messages.appLinks[action]);
  if (isLinkMissing && sendsMessages(messages)) {
    log.warn('links_without_pages', {
      cure: 'name a page of the app for each action in APP_LINKS',
    });
  }
}
