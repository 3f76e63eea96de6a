import { appLinks, LINK_ACTIONS } from './message-kinds.ts';
import type { SettingValues } from './schema.ts';

type MessageSettings = Pick<
  SettingValues,
  | 'MAIL'
  | 'MAIL_FROM'
  | 'SMS'
  | 'MESSAGE_WEBHOOK_SECRET'
  | 'PUBLIC_URL'
  | 'APP_LINKS'
  | 'SMS_COUNTRIES'
  | 'SMS_DAILY_LIMIT'
  | 'NOTICES'
>;

/** The sender of mail on the console. */
const CONSOLE_FROM = 'Latchkey <latchkey@localhost>';

/** Derives the part of `Config` that messages need. @param isProduction production has no default sender */
export function messageConfigOf(s: MessageSettings, isProduction: boolean) {
  const byDefault = isProduction ? undefined : ({ kind: 'console' } as const);
  return {
    /** `undefined` if no mail is sent. */
    mail: s.MAIL ?? byDefault,
    mailFrom: s.MAIL_FROM ?? CONSOLE_FROM,
    /** `undefined` if no text messages are sent. */
    sms: s.SMS ?? byDefault,
    webhookSecret: s.MESSAGE_WEBHOOK_SECRET,
    /** Where users reach the API; `undefined` in development: the address that the server listens on. */
    publicUrl: s.PUBLIC_URL,
    /** Links that replace those to the API's own pages, by action. */
    appLinks: s.APP_LINKS ?? {},
    /** Where text messages are sent; `undefined` for the default region of phone numbers. */
    smsCountries: s.SMS_COUNTRIES,
    /** Text messages in 24 hours. */
    smsDailyLimit: s.SMS_DAILY_LIMIT,
    /** The notices that are not switched off, of those that can be. */
    notices: s.NOTICES,
  };
}

export type MessageConfig = Readonly<ReturnType<typeof messageConfigOf>>;

/** Senders that reach users. A value that is none of them is rejected by itself. */
const PROVIDER = /^(?:smtps?|resend|webhook):/;

/** Rejects incomplete settings of messages. */
export function messageProblems(
  given: Readonly<Record<string, string>>,
  isProduction: boolean,
): string[] {
  const { MAIL: mail = '', SMS: sms = '' } = given;
  const problems: string[] = [];
  if (PROVIDER.test(mail) && given.MAIL_FROM === undefined) {
    problems.push('MAIL_FROM: must be set, because MAIL is');
  }
  const hasWebhook = [mail, sms].some((sender) => sender.startsWith('webhook:'));
  if (hasWebhook && given.MESSAGE_WEBHOOK_SECRET === undefined) {
    problems.push('MESSAGE_WEBHOOK_SECRET: must be set, because MAIL or SMS is a webhook');
  }
  if (!isProduction) return problems;
  for (const [name, sender] of Object.entries({ MAIL: mail, SMS: sms })) {
    if (sender === 'console') problems.push(`${name}: must not be console in production`);
  }
  const hasProvider = PROVIDER.test(mail) || PROVIDER.test(sms);
  if (hasProvider && given.PUBLIC_URL === undefined && !hasAllLinks(given.APP_LINKS)) {
    problems.push('PUBLIC_URL: must be set, unless APP_LINKS contains every action');
  }
  if (hasProvider && given.PAGES === 'off' && !hasAllLinks(given.APP_LINKS)) {
    problems.push('APP_LINKS: must contain every action, because PAGES is off');
  }
  return problems;
}

/** Links that are not valid are rejected by themselves. */
function hasAllLinks(links = '{}'): boolean {
  const parsed = appLinks.safeParse(links);
  return parsed.success ? LINK_ACTIONS.every((action) => parsed.data[action]) : true;
}
