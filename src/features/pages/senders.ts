import type { AppError } from '../../core/errors.ts';
import { type Markup, markup } from '../../core/http/markup.ts';
import type { ErrorCode } from '../../core/problems.ts';
import { CHANNELS } from '../messages/message.ts';
import type { Messages } from '../messages/service.ts';
import { problemNotice, problemText } from './form.ts';
import type { Visit } from './page.ts';

/** False if no message is ever sent. */
export const sendsMessages = ({ canSend }: Pick<Messages, 'canSend'>): boolean =>
  CHANNELS.some((channel) => canSend(channel));

/** Stands in place of a form that is of no use. @param error what was wrong with a form that was sent nevertheless */
export const withoutForm = (
  visit: Visit,
  code: ErrorCode,
  error: AppError | undefined,
  below: Markup,
): Markup =>
  markup`${error ? problemNotice(visit, error) : markup`<p>${problemText(visit, code)}</p>`}${below}`;
