import { type Markup, markup } from '../../core/http/markup.ts';
import { CHANNELS } from '../messages/message.ts';
import type { Messages } from '../messages/service.ts';
import { problemText } from './form.ts';
import type { Visit } from './page.ts';

/** False if no message is ever sent. */
export const sendsMessages = ({ canSend }: Pick<Messages, 'canSend'>): boolean =>
  CHANNELS.some((channel) => canSend(channel));

/** Stands in place of a form that requests a message. */
export const noMessages = (visit: Visit, below: Markup): Markup =>
  markup`<p>${problemText(visit, 'messages_off')}</p>${below}`;
