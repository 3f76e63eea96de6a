import { type Markup, markup } from '../../core/http/markup.ts';
import { isoTime } from '../../core/time.ts';
import type { Locale } from '../messages/message.ts';
import type { Visit } from './page.ts';

const formatOf = (locale: Locale): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: 'UTC',
  });

const FORMATS: Readonly<Record<Locale, Intl.DateTimeFormat>> = {
  en: formatOf('en'),
  hi: formatOf('hi'),
};

/** Writes a time in UTC: the server does not know the time zone of the user. @param at milliseconds since 1970 */
export const timeText = ({ locale }: Pick<Visit, 'locale'>, at: number): string =>
  `${FORMATS[locale].format(at)} UTC`;

export const timeOf = (visit: Pick<Visit, 'locale'>, at: number): Markup =>
  markup`<time datetime="${isoTime(at)}">${timeText(visit, at)}</time>`;
