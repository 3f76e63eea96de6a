import type { LinkOf } from './links.ts';
import type { Message } from './message.ts';

const linesOf = (message: Message, linkOf: LinkOf): string =>
  [message.kind, message.code, message.token && linkOf('reset', message.token)]
    .filter(Boolean)
    .join('\n');

export const renderMail = (message: Message, linkOf: LinkOf) => ({
  subject: message.kind,
  text: linesOf(message, linkOf),
  html: '<p></p>',
});

export const renderSms = (message: Message, linkOf: LinkOf): string => linesOf(message, linkOf);
