import type { Locale } from './message.ts';

export const localeOf = (acceptLanguage: string | undefined): Locale =>
  acceptLanguage?.startsWith('hi') ? 'hi' : 'en';
