import { z } from '@hono/zod-openapi';
import { AppError } from '../../core/errors.ts';
import { type Markup, markup } from '../../core/http/markup.ts';
import { channelField } from '../codes/fields.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import { CHANNELS, type Channel } from '../messages/message.ts';
import type { Messages } from '../messages/service.ts';
import type { SessionStore } from '../sessions/store.ts';
import { isVerified, type User } from '../users/user.ts';
import type { VerificationService } from '../verification/service.ts';
import { entered, parseFields } from './fields.ts';
import { attempt, failureOf, formOf, problemNotice } from './form.ts';
import { linkForm } from './link-pages.ts';
import type { Page, UserVisit, View, Visit } from './page.ts';
import { codeFieldOf, enteredCodeField, linkSchema } from './presented.ts';
import { type TargetOf, withDone, withTarget } from './target.ts';
import { isLoggedIn } from './visits.ts';

interface VerifyPageParts {
  readonly limits: Pick<RateLimits, 'useCode'>;
  readonly messages: Pick<Messages, 'canSend'>;
  readonly sessions: Pick<SessionStore, 'isLoggedInBy'>;
  readonly verification: VerificationService;
  readonly targetOf: TargetOf;
}

export const VERIFY = '/account/verify';
const SEND = '/account/verify/send';

const FAILURES = ['invalid_code', 'validation_failed', 'too_many_requests'] as const;
const SEND_FAILURES = [
  'no_address',
  'already_verified',
  'messages_off',
  'validation_failed',
] as const;

const sendSchema = z.object({ channel: channelField });
const codeSchema = z.object({ channel: channelField, code: enteredCodeField });

/** The addresses of a user that are not verified. */
const unverifiedOf = (user: User): readonly { channel: Channel; entered: string }[] =>
  CHANNELS.flatMap((channel) => {
    const address = channel === 'email' ? user.email : user.phone;
    return address === null || isVerified(user, channel) ? [] : [{ channel, entered: address }];
  });

/** Verifies addresses: by a link for everybody, by a code for users who are logged in. */
export function verifyPages(parts: VerifyPageParts): readonly Page[] {
  const { limits, messages, sessions, verification, targetOf } = parts;

  /** A code for an address, and a button that sends one. */
  function codeForms(
    visit: UserVisit,
    { channel, entered: address }: { readonly channel: Channel; readonly entered: string },
    error: AppError | undefined,
  ): Markup {
    const { codeOf, useCode: button, send } = visit.texts.access.verify;
    const withAddress = (text: string) => text.replace('{address}', () => address);
    const to = targetOf(visit);
    const carried = { channel };
    const form = formOf(visit, {
      fields: [codeFieldOf(visit)],
      carried,
      idPrefix: `${channel}-`,
      button,
      action: withTarget(VERIFY, to),
      error,
    });
    const sending = formOf(visit, {
      fields: [],
      carried,
      button: withAddress(send),
      isQuiet: true,
      action: withTarget(SEND, to),
    });
    return markup`<h2>${withAddress(codeOf)}</h2>
${form}${messages.canSend(channel) ? sending : ''}`;
  }

  function view(visit: Visit, fields?: URLSearchParams, error?: AppError): View {
    const { title, button, link, later, logIn } = visit.texts.access.verify;
    const given = entered(fields, 'channel');
    const errorOf = (channel: Channel | undefined) => (given === channel ? error : undefined);
    const unverified = isLoggedIn(visit) ? unverifiedOf(visit.login.user) : [];
    const isAtForm = given === undefined || unverified.some(({ channel }) => channel === given);
    const codes = isLoggedIn(visit)
      ? unverified.map((each) => codeForms(visit, each, errorOf(each.channel)))
      : '';
    const below = visit.login
      ? markup`<a href="${visit.href(targetOf(visit))}">${later}</a>`
      : markup`<a href="${visit.href(withTarget('/account/login', VERIFY))}">${logIn}</a>`;
    const content = markup`${error && !isAtForm ? problemNotice(visit, error) : ''}
<div data-without-link>${codes}
${unverified.length > 0 ? markup`<h2>${link}</h2>` : ''}</div>
${linkForm(visit, button, fields, errorOf(undefined))}
<p data-without-link>${below}</p>`;
    return { title, content, ...failureOf(error) };
  }

  const confirm = async (visit: Visit, fields: URLSearchParams): Promise<void> => {
    const { login, requester } = visit;
    const isByCode = login && !entered(fields, 'link') && fields.has('channel');
    const given = isByCode ? parseFields(codeSchema, fields) : parseFields(linkSchema, fields);
    await limits.useCode('', requester.caller.address);
    if ('link' in given) return verification.confirmByLink(given.link, requester);
    if (!login) throw new AppError('not_authenticated');
    const { id } = login.session;
    const { channel, code } = given;
    const isLoggedInBy = sessions.isLoggedInBy(id);
    return verification.confirmByCode(login.user, channel, code, requester, isLoggedInBy);
  };

  return [
    {
      path: VERIFY,
      access: 'open',
      isTarget: true,
      show: (visit) => view(visit),

      async submit(visit, fields) {
        const outcome = await attempt(FAILURES, () => confirm(visit, fields));
        if ('error' in outcome) return view(visit, fields, outcome.error);
        return {
          to: withDone(visit.login ? targetOf(visit) : '/account/login', 'addressVerified'),
        };
      },
    },
    {
      path: SEND,
      access: 'user',

      async submit(visit, fields) {
        const { user, session } = visit.login;
        const outcome = await attempt(SEND_FAILURES, async () => {
          const { channel } = parseFields(sendSchema, fields);
          const isLoggedInBy = sessions.isLoggedInBy(session.id);
          await verification.request(user, channel, visit.requester, isLoggedInBy);
        });
        if ('error' in outcome) return view(visit, fields, outcome.error);
        return { to: withTarget(VERIFY, targetOf(visit), 'messageSent') };
      },
    },
  ];
}
