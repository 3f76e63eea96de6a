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
    section: 'Messages',
    alsoReadBy: ['messages', 'users'],
    kind: mailSender,
    otherwise: 'development: console; production: none',
    help: 'console, smtp(s)://…, resend:KEY or webhook:URL',
  },
  MAIL_FROM: {
    alsoReadBy: ['messages', 'users'],
    kind: mailFrom,
    otherwise: 'required by every MAIL but console',
    help: 'Sender of mail: Name <address>',
  },
  SMS: {
    alsoReadBy: ['messages', 'users'],
    kind: smsSender,
    otherwise: 'development: console; production: none',
    help: 'console or webhook:URL',
  },
  MESSAGE_WEBHOOK_SECRET: {
    alsoReadBy: ['messages', 'users'],
    kind: webhookSecret,
    otherwise: 'required by webhook:URL',
    help: 'Signs webhooks: whsec_ and 24 to 64 bytes in base64',
  },
  PUBLIC_URL: {
    alsoReadBy: ['messages', 'users'],
    kind: publicUrl,
    otherwise: 'development: the address of the server',
    help: 'URL under which users reach the API, for links in messages',
  },
  APP_LINKS: {
    alsoReadBy: ['messages', 'users'],
    kind: appLinks,
    otherwise: 'pages of the API itself',
    help: 'JSON of the pages of your app that links in messages lead to',
  },
  SMS_COUNTRIES: {
    alsoReadBy: ['users'],
    kind: countries,
    otherwise: 'DEFAULT_PHONE_REGION',
    help: 'Countries to which text messages are sent',
  },
  SMS_DAILY_LIMIT: {
    alsoReadBy: ['users'],
    kind: wholeNumber(0, 1_000_000),
    default: '1000',
    help: 'Maximum number of text messages in 24 hours',
  },
  NOTICES: {
    alsoReadBy: ['users'],
    kind: noticeKinds,
    default: 'on',
    help: 'on, off, or a list of password_changed,new_login,refresh_reuse,lockout',
  },
  RATE_LIMIT_MESSAGES: {
    kind: rateLimit,
    default: '30/1h',
    help: 'Requested messages per network',
  },
  SIGNUP_MODE: {
    section: 'Sign-up and verification',
    kind: z.enum(SIGNUP_MODES, `must be one of ${SIGNUP_MODES.join(', ')}`),
    default: 'open',
    help: 'open; hidden: does not tell which addresses are taken; closed',
  },
  REQUIRE_VERIFIED: {
    kind: z.enum(['off', 'login'], 'must be off or login'),
    default: 'off',
    help: 'login: accounts without a verified address cannot log in',
  },
} satisfies Readonly<Record<string, Setting>>;
