import { z } from '@hono/zod-openapi';
import type { Config } from '../../config/config.ts';
import type { AppError } from '../../core/errors.ts';
import { type Markup, markup } from '../../core/http/markup.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import type { Messages } from '../messages/service.ts';
import type { WorkGate } from '../passwords/gate.ts';
import type { PasswordLogIn } from '../passwords/log-in.ts';
import type { SessionService } from '../sessions/service.ts';
import { loginOf } from '../sign-in/service.ts';
import { passwordField, usernameField } from '../users/fields.ts';
import { CODE_LOG_IN } from './code-pages.ts';
import type { PageCookies } from './cookies.ts';
import { enter } from './enter.ts';
import { parseFields } from './fields.ts';
import { attempt, failureOf, formOf } from './form.ts';
import type { Page, View, Visit } from './page.ts';
import { passwordFieldOf, usernameFieldOf } from './presented.ts';
import { sendsMessages } from './senders.ts';
import { type TargetOf, withDone, withTarget } from './target.ts';
import { VERIFY } from './verify-pages.ts';

interface LogInParts {
  readonly config: Pick<Config, 'signUpMode'>;
  readonly messages: Pick<Messages, 'canSend'>;
  readonly limits: Pick<RateLimits, 'logIn'>;
  readonly passwordGate: Pick<WorkGate, 'admit'>;
  readonly passwordLogIn: Pick<PasswordLogIn, 'logIn'>;
  readonly sessionService: Pick<SessionService, 'logOut'>;
  readonly cookies: PageCookies;
  readonly targetOf: TargetOf;
}

const FAILURES = [
  'wrong_email_or_password',
  'verification_required',
  'validation_failed',
  'too_many_requests',
  'overloaded',
] as const;

const schema = z.object({ username: usernameField, password: passwordField });

/** Log in and log out. */
export function logInPages(parts: LogInParts): readonly Page[] {
  const { config, limits, messages, passwordGate, passwordLogIn, sessionService } = parts;
  const { cookies, targetOf } = parts;

  function below(visit: Visit, error: AppError | undefined): Markup {
    const { forgot, code, signUp, enterCode, verify } = visit.texts.access.logIn;
    const to = targetOf(visit);
    const isUnverified = error?.code === 'verification_required';
    const links: readonly (readonly [path: string, label: string, isShown: boolean])[] = [
      [VERIFY, verify, isUnverified],
      ['/account/forgot', forgot, sendsMessages(messages)],
      [withTarget('/account/code', to), code, sendsMessages(messages)],
      [withTarget(CODE_LOG_IN, to), enterCode, sendsMessages(messages)],
      [withTarget('/account/signup', to), signUp, config.signUpMode !== 'closed'],
    ];
    return markup`${links.map(
      ([path, label, isShown]) =>
        isShown && markup`<p><a href="${visit.href(path)}">${label}</a></p>\n`,
    )}`;
  }

  /** Links of messages lead to this page. The script shows a form for them in place of the password. */
  const linkForm = (visit: Visit): Markup =>
    markup`<div data-with-link hidden>${formOf(visit, {
      fields: [],
      carried: { link: '' },
      takesLink: true,
      button: visit.texts.access.logIn.button,
      action: withTarget(CODE_LOG_IN, targetOf(visit)),
    })}</div>`;

  function view(visit: Visit, fields?: URLSearchParams, error?: AppError): View {
    const { title, button } = visit.texts.access.logIn;
    const form = formOf(visit, {
      fields: [usernameFieldOf(visit, fields), passwordFieldOf(visit)],
      button,
      error,
      below: below(visit, error),
    });
    const content = markup`<div data-without-link>${form}</div>${linkForm(visit)}`;
    return { title, content, ...failureOf(error) };
  }

  return [
    {
      path: '/account/login',
      access: 'open',
      show: (visit) => (visit.login ? { to: targetOf(visit) } : view(visit)),

      async submit(visit, fields) {
        const { requester, deviceToken } = visit;
        const { address } = requester.caller;
        const outcome = await attempt(FAILURES, async () => {
          const { username, password } = parseFields(schema, fields);
          await limits.logIn(username, address, deviceToken);
          const login = passwordGate.admit(address, () =>
            passwordLogIn.logIn({ username, password, deviceToken }, requester),
          );
          return loginOf(await login, 'wrong_email_or_password');
        });
        if ('error' in outcome) return view(visit, fields, outcome.error);
        return enter(outcome.result, targetOf(visit), cookies);
      },
    },
    {
      path: '/account/logout',
      access: 'user',
      async submit({ login, requester }) {
        const { user, session } = login;
        await sessionService.logOut({ userId: user.id, sessionId: session.id }, requester.caller);
        return { to: withDone('/account/login', 'loggedOut'), cookies: [cookies.session.clear()] };
      },
    },
  ];
}
