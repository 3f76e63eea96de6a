import { z } from 'zod';
import type { Setting } from './setting.ts';
import { onOrOff } from './setting-kinds.ts';

const MAX_URL_LENGTH = 2048;

const isWebUrl = (text: string): boolean => /^https:\/\//.test(text) && URL.canParse(text);

/** An absolute URL over HTTPS, without characters that could end a directive of a content security policy. */
const webUrl = z
  .string()
  .max(MAX_URL_LENGTH)
  .refine(
    (text) => isWebUrl(text) && !/[\s;,"'<>\\]/.test(text),
    'must be an https:// URL without spaces, commas, semicolons and quotes',
  );

const CONTROL_CHARACTERS = /\p{Cc}/u;

/** The pages for users, and how they look. */
export const PAGE_SETTINGS = {
  PAGES: {
    alsoReadBy: ['users'],
    kind: onOrOff,
    default: 'on',
  },
  BRAND_NAME: {
    kind: z
      .string()
      .max(60, 'must be at most 60 characters')
      .refine((text) => !CONTROL_CHARACTERS.test(text), 'must not contain control characters'),
    default: 'Latchkey',
  },
  BRAND_LOGO: {
    kind: webUrl,
  },
  BRAND_COLOR: {
    kind: z.string().regex(/^#[0-9a-f]{6}$/i, 'must be #RRGGBB'),
    default: '#1a56db',
  },
  BRAND_TERMS: {
    kind: webUrl,
  },
  BRAND_PRIVACY: {
    kind: webUrl,
  },
} satisfies Readonly<Record<string, Setting>>;
