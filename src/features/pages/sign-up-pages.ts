import { z } from '@hono/zod-openapi';
import type { Config } from '../../config/config.ts';
import { describeError } from '../../core/db/database.ts';
import type { AppError } from '../../core/errors.ts';
import { markup } from '../../core/http/markup.ts';
import type { Logger } from '../../core/log.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import type { Messages } from '../messages/service.ts';
import type { WorkGate } from '../passwords/gate.ts';
import type { SessionStore } from '../sessions/store.ts';
import { type Login, loginOf } from '../sign-in/service.ts';
import type { SignUpService } from '../sign-up/service.ts';
import { nameField, newEmailField, newPasswordField, newPhoneField } from '../users/fields.ts';
import type { VerificationService } from '../verification/service.ts';
import type { PageCookies } from './cookies.ts';
import { enter } from './enter.ts';
import { entered, parseFields } from './fields.ts';
import { attempt, failureOf, formOf } from './form.ts';
import type { Next, Page, View, Visit } from './page.ts';
import { withoutForm } from './senders.ts';
import { type Done, type TargetOf, withTarget } from './target.ts';
import { VERIFY } from './verify-pages.ts';

interface SignUpParts {
  readonly config: Pick<Config, 'signUpMode'>;
  readonly log: Logger;
  readonly limits: Pick<RateLimits, 'signUp'>;
  readonly passwordGate: Pick<WorkGate, 'admit'>;
  readonly messages: Pick<Messages, 'canSend'>;
  readonly sessions: Pick<SessionStore, 'isLoggedInBy'>;
  readonly signUps: Pick<SignUpService, 'signUpAndLogIn'>;
  readonly verification: Pick<VerificationService, 'request'>;
  readonly cookies: PageCookies;
  readonly targetOf: TargetOf;
}

const FAILURES = [
  'email_taken',
  'phone_taken',
  'validation_failed',
  'weak_password',
  'signup_closed',
  'messages_off',
  'too_many_requests',
  'overloaded',
] as const;

const schema = z
  .object({
    email: newEmailField.optional(),
    phone: newPhoneField.optional(),
    name: nameField.optional(),
    password: newPasswordField,
  })
  .refine(({ email, phone }) => email !== undefined || phone !== undefined, {
    path: ['email'],
    error: 'requires an email address or a phone number',
    params: { code: 'required' },
  });

/** Creates accounts. */
export function signUpPages(parts: SignUpParts): readonly Page[] {
  const { config, log, limits, messages, passwordGate, sessions, signUps, verification } = parts;
  const { cookies, targetOf } = parts;

  function view(visit: Visit, fields?: URLSearchParams, error?: AppError): View {
    const { frame, access } = visit.texts;
    const { title, button, either, optional, logIn } = access.signUp;
    const below = markup`<p><a href="${visit.href(withTarget('/account/login', targetOf(visit)))}">${logIn}</a></p>`;
    if (config.signUpMode === 'closed') {
      const content = withoutForm(visit, 'signup_closed', error, below);
      return { title, content, ...failureOf(error) };
    }
    const { email, phone, name, password } = frame.fields;
    const content = formOf(visit, {
      fields: [
        {
          name: 'email',
          label: email,
          type: 'email',
          autocomplete: 'email',
          hint: either,
          isOptional: true,
          value: entered(fields, 'email'),
        },
        {
          name: 'phone',
          label: phone,
          type: 'tel',
          autocomplete: 'tel',
          isOptional: true,
          value: entered(fields, 'phone'),
        },
        {
          name: 'name',
          label: optional.replace('{field}', name),
          autocomplete: 'name',
          isOptional: true,
          value: entered(fields, 'name'),
        },
        { name: 'password', label: password, type: 'password', autocomplete: 'new-password' },
      ],
      button,
      error,
      below,
    });
    return { title, content, ...failureOf(error) };
  }

  /** Offers to verify the address, which the user may do later, if a message can reach it. */
  async function welcome(login: Login, visit: Visit): Promise<Next> {
    const { user, sessionId } = login;
    const channel = user.email === null ? 'phone' : 'email';
    const target = targetOf(visit);
    if (!messages.canSend(channel)) return enter(login, target, cookies);
    let done: Done | undefined;
    try {
      const isLoggedIn = sessions.isLoggedInBy(sessionId);
      await verification.request(user, channel, visit.requester, isLoggedIn);
      done = 'signedUp';
    } catch (error) {
      // The account exists: without a login, the user could not create it again. The page can send another message.
      log.error('verification_not_sent', { error: describeError(error) });
    }
    return enter(login, withTarget(VERIFY, target, done), cookies);
  }

  return [
    {
      path: '/account/signup',
      access: 'open',
      show: (visit) => (visit.login ? { to: targetOf(visit) } : view(visit)),

      async submit(visit, fields) {
        const { requester } = visit;
        const { address } = requester.caller;
        const outcome = await attempt(FAILURES, async () => {
          const account = parseFields(schema, fields);
          await limits.signUp(address);
          const signedUp = await passwordGate.admit(address, () =>
            signUps.signUpAndLogIn(account, requester),
          );
          return signedUp === 'accepted' ? signedUp : loginOf(signedUp, 'wrong_email_or_password');
        });
        if ('error' in outcome) return view(visit, fields, outcome.error);
        if (outcome.result !== 'accepted') return welcome(outcome.result, visit);
        const { logIn, signUp } = visit.texts.access;
        const content = markup`<p role="status">${signUp.sent}</p>
<p><a href="${visit.href(VERIFY)}">${logIn.verify}</a></p>
<p><a href="${visit.href('/account/login')}">${logIn.title}</a></p>`;
        return { title: signUp.title, content };
      },
    },
  ];
}
