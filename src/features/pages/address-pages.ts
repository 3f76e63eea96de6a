import { z } from '@hono/zod-openapi';
import type { AppError } from '../../core/errors.ts';
import { type Markup, markup } from '../../core/http/markup.ts';
import type { AddressService } from '../addresses/service.ts';
import type { CodeStore, PendingCode } from '../codes/store.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import type { Channel } from '../messages/message.ts';
import type { Messages } from '../messages/service.ts';
import type { SessionStore } from '../sessions/store.ts';
import { newEmailField, newPhoneField } from '../users/fields.ts';
import { entered, parseFields } from './fields.ts';
import { attempt, failureOf, formOf } from './form.ts';
import { addressText } from './overview-pages.ts';
import type { Page, UserVisit, View } from './page.ts';
import { codeFieldOf, enteredCodeField } from './presented.ts';
import { SECURITY, withDone } from './target.ts';

interface AddressPageParts {
  readonly addressService: Pick<AddressService, 'request' | 'confirmByCode'>;
  readonly codes: Pick<CodeStore, 'listPending'>;
  readonly limits: Pick<RateLimits, 'useCode'>;
  readonly messages: Pick<Messages, 'canSend'>;
  readonly sessions: Pick<SessionStore, 'isLoggedInBy' | 'isFreshlyLoggedInBy'>;
}

const PATH = '/account/addresses';

const CODE_FAILURES = [
  'invalid_code',
  'phone_taken',
  'validation_failed',
  'too_many_requests',
] as const;
const CHANGE_FAILURES = ['messages_off', 'validation_failed', 'too_many_requests'] as const;

const codeSchema = z.object({ code: enteredCodeField });
const addressSchemas = {
  email: z.object({ email: newEmailField }).transform(({ email }) => email),
  phone: z.object({ phone: newPhoneField }).transform(({ phone }) => phone),
} as const;

/** Lists and changes the addresses of the account. */
export function addressPages(parts: AddressPageParts): readonly Page[] {
  const { addressService, codes, limits, messages, sessions } = parts;

  /** The link to the page that changes an address, or why that is not possible. */
  function changeLink(visit: UserVisit, channel: Channel): Markup {
    const { changeEmail, changePhone, noMail, noSms } = visit.texts.account.addresses;
    const isEmail = channel === 'email';
    return messages.canSend(channel)
      ? markup`<a href="${visit.href(`${PATH}/${channel}`)}">${isEmail ? changeEmail : changePhone}</a>`
      : markup`<p class="hint">${isEmail ? noMail : noSms}</p>`;
  }

  function row(visit: UserVisit, channel: Channel, pending: readonly PendingCode[]): Markup {
    const { frame, account } = visit.texts;
    const { pending: label, followLink } = account.addresses;
    const waiting = pending.find((code) => code.channel === channel);
    return markup`<li><div><strong>${frame.fields[channel]}</strong><p>${addressText(visit, channel, false)}</p>
${
  waiting &&
  markup`<p class="hint">${label}: <bdi>${waiting.entered}</bdi>. ${channel === 'email' ? followLink : ''}</p>`
}</div>${changeLink(visit, channel)}</li>
`;
  }

  async function list(visit: UserVisit, error?: AppError): Promise<View> {
    const { title, confirm, confirmButton } = visit.texts.account.addresses;
    const pending = await codes.listPending(visit.login.user.id, 'change');
    const needsCode = pending.some(({ kind }) => kind === 'code');
    const content = markup`<ul class="rows">
${row(visit, 'email', pending)}${row(visit, 'phone', pending)}</ul>
${
  (needsCode || error) &&
  markup`<h2>${confirm}</h2>
${formOf(visit, {
  fields: [codeFieldOf(visit)],
  button: confirmButton,
  error,
})}`
}`;
    return { title, content, section: SECURITY, ...failureOf(error) };
  }

  function changeView(
    visit: UserVisit,
    channel: Channel,
    fields?: URLSearchParams,
    error?: AppError,
  ): View {
    const texts = visit.texts.account.addresses;
    const isEmail = channel === 'email';
    const content = markup`<p>${isEmail ? texts.emailAbout : texts.phoneAbout}</p>
${formOf(visit, {
  fields: [
    {
      name: channel,
      label: isEmail ? texts.newEmail : texts.newPhone,
      type: isEmail ? 'email' : 'tel',
      autocomplete: isEmail ? 'email' : 'tel',
      value: entered(fields, channel),
    },
  ],
  button: isEmail ? texts.sendLink : texts.sendCode,
  error,
})}`;
    const title = isEmail ? texts.changeEmail : texts.changePhone;
    return { title, content, section: SECURITY, ...failureOf(error) };
  }

  const changePage = (channel: Channel): Page => ({
    path: `${PATH}/${channel}`,
    access: 'fresh',
    show: (visit) => changeView(visit, channel),

    async submit(visit, fields) {
      const { user, session } = visit.login;
      const outcome = await attempt(CHANGE_FAILURES, () => {
        const address = parseFields(addressSchemas[channel], fields);
        const isFresh = sessions.isFreshlyLoggedInBy(session.id);
        return addressService.request(user, channel, address, visit.requester, isFresh);
      });
      if ('error' in outcome) return changeView(visit, channel, fields, outcome.error);
      return { to: withDone(PATH, channel === 'email' ? 'changeLinkSent' : 'changeCodeSent') };
    },
  });

  return [
    {
      path: PATH,
      access: 'user',
      show: (visit) => list(visit),

      async submit(visit, fields) {
        const { login, requester } = visit;
        const { user, session } = login;
        const outcome = await attempt(CODE_FAILURES, async () => {
          const { code } = parseFields(codeSchema, fields);
          await limits.useCode('', requester.caller.address);
          const isLoggedIn = sessions.isLoggedInBy(session.id);
          await addressService.confirmByCode(user, code, requester, isLoggedIn);
        });
        if ('error' in outcome) return list(visit, outcome.error);
        return { to: withDone(PATH, 'phoneChanged') };
      },
    },
    changePage('email'),
    changePage('phone'),
  ];
}
