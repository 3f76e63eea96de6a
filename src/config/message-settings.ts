import { z } from 'zod';
import {
  appLinks,
  countries,
  mailFrom,
  mailSender,
  noticeKinds,
  publicUrl,
  smsSender,
  webhookSecret,
} from './message-kinds.ts';
import type { Setting } from './setting.ts';
import { rateLimit, wholeNumber } from './setting-kinds.ts';

export const SIGNUP_MODES = ['open', 'hidden', 'closed'] as const;

/** The settings of messages, and of what they prove. */
export const MESSAGE_SETTINGS = {
  MAIL: {
    alsoReadBy: ['messages', 'users'],
    kind: mailSender,
  },
  MAIL_FROM: {
    alsoReadBy: ['messages', 'users'],
    kind: mailFrom,
  },
  SMS: {
    alsoReadBy: ['messages', 'users'],
    kind: smsSender,
  },
  MESSAGE_WEBHOOK_SECRET: {
    alsoReadBy: ['messages', 'users'],
    kind: webhookSecret,
  },
  PUBLIC_URL: {
    alsoReadBy: ['messages', 'users'],
    kind: publicUrl,
  },
  APP_LINKS: {
    alsoReadBy: ['messages', 'users'],
    kind: appLinks,
  },
  SMS_COUNTRIES: {
    alsoReadBy: ['users'],
    kind: countries,
  },
  SMS_DAILY_LIMIT: {
    alsoReadBy: ['users'],
    kind: wholeNumber(0, 1_000_000),
    default: '1000',
  },
  NOTICES: {
    alsoReadBy: ['users'],
    kind: noticeKinds,
    default: 'on',
  },
  RATE_LIMIT_MESSAGES: {
    kind: rateLimit,
    default: '30/1h',
  },
  SIGNUP_MODE: {
    kind: z.enum(SIGNUP_MODES, `must be one of ${SIGNUP_MODES.join(', ')}`),
    default: 'open',
  },
  REQUIRE_VERIFIED: {
    kind: z.enum(['off', 'login'], 'must be off or login'),
    default: 'off',
  },
} satisfies Readonly<Record<string, Setting>>;
