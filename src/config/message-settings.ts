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
    alsoReadBy: ['messages'],
    kind: mailSender,
    otherwise: 'development: console; production: none',
    help: 'console, smtp(s)://…, resend:KEY or webhook:URL',
    note: 'How mail is sent: `smtp://USER:PASSWORD@HOST:587` (STARTTLS), `smtps://USER:PASSWORD@HOST:465`, `resend:KEY`, `webhook:URL`, or `console` in development. SMTP is not available on Workers. See [messages](messages.md).',
  },
  MAIL_FROM: {
    alsoReadBy: ['messages'],
    kind: mailFrom,
    otherwise: 'required by every MAIL but console',
    help: 'Sender of mail: Name <address>',
    note: 'Sender of mail, such as `Example <no-reply@example.com>`',
  },
  SMS: {
    alsoReadBy: ['messages'],
    kind: smsSender,
    otherwise: 'development: console; production: none',
    help: 'console or webhook:URL',
    note: 'How text messages are sent: `webhook:URL`, or `console` in development. See [messages](messages.md).',
  },
  MESSAGE_WEBHOOK_SECRET: {
    alsoReadBy: ['messages'],
    kind: webhookSecret,
    otherwise: 'required by webhook:URL',
    help: 'Signs webhooks: whsec_ and 24 to 64 bytes in base64',
    note: 'Signs the requests of `webhook:URL` (Standard Webhooks). Generate one with `echo whsec_$(openssl rand -base64 32)`.',
  },
  PUBLIC_URL: {
    alsoReadBy: ['messages'],
    kind: publicUrl,
    otherwise: 'development: the address of the server',
    help: 'URL under which users reach the API, for links in messages',
    note: 'URL under which users reach the API, for links in messages. Default in development: the address of `HOST` and `PORT`. Production requires it with `MAIL` or `SMS`, unless `APP_LINKS` has all links.',
  },
  APP_LINKS: {
    alsoReadBy: ['messages'],
    kind: appLinks,
    otherwise: 'pages of the API itself',
    help: 'JSON of the pages of your app that links in messages lead to',
    note: 'Pages of your app that links in messages lead to, as JSON: `{"reset": "https://app.example.com/reset#{token}"}`. Actions: `verify`, `reset`, `login`, `change`, `undo`.',
  },
  SMS_COUNTRIES: {
    kind: countries,
    otherwise: 'DEFAULT_PHONE_REGION',
    help: 'Countries to which text messages are sent',
    note: 'Comma-separated list of the countries (ISO 3166) to which text messages are sent. Default: `DEFAULT_PHONE_REGION`.',
  },
  SMS_DAILY_LIMIT: {
    kind: wholeNumber(0, 1_000_000),
    default: '1000',
    help: 'Maximum number of text messages in 24 hours',
  },
  NOTICES: {
    kind: noticeKinds,
    default: 'on',
    help: 'on, off, or a list of password_changed,new_login,refresh_reuse,lockout',
    note: 'Notices to the owner of an account: `on`, `off`, or a comma-separated list of `password_changed`, `new_login`, `refresh_reuse`, `lockout`. [Others](messages.md#notices) cannot be switched off.',
  },
  RATE_LIMIT_MESSAGES: {
    kind: rateLimit,
    default: '30/1h',
    help: 'Requested messages per network',
    note: 'Requested messages per network. An address and an account get at most one message a minute and five an hour besides.',
  },
  SIGNUP_MODE: {
    section: 'Sign-up and verification',
    kind: z.enum(SIGNUP_MODES, `must be one of ${SIGNUP_MODES.join(', ')}`),
    default: 'open',
    help: 'open; hidden: does not tell which addresses are taken; closed',
    note: '`open`; `hidden`: a sign-up answers 202 whether or not the address is taken, and the rest is in a message to it. Needs `REQUIRE_VERIFIED=login` as well: otherwise a login with the new password tells. `closed`: 403',
  },
  REQUIRE_VERIFIED: {
    kind: z.enum(['off', 'login'], 'must be off or login'),
    default: 'off',
    help: 'login: accounts without a verified address cannot log in',
    note: '`login`: accounts without a verified address cannot log in. A correct password then sends them the verification.',
  },
} satisfies Readonly<Record<string, Setting>>;
