import type { Locale } from '../../messages/message.ts';
import { en } from './en.ts';
import { hi } from './hi.ts';

/** The texts of the admin pages in one language. */
export type AdminTexts = typeof en;

export const ADMIN_TEXTS: Readonly<Record<Locale, AdminTexts>> = { en, hi };

/** Puts values into the places `{name}` of a text. */
export const filled = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replaceAll(/\{(\w+)\}/g, (place, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : place,
  );
