import { z } from '@hono/zod-openapi';
import type { AppError } from '../../core/errors.ts';
import { markup } from '../../core/http/markup.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import type { WorkGate } from '../passwords/gate.ts';
import type { PasswordLogIn } from '../passwords/log-in.ts';
import type { SessionService } from '../sessions/service.ts';
import { type Login, loginOf } from '../sign-in/service.ts';
import { passwordField, usernameField } from '../users/fields.ts';
import type { PageCookies } from './cookies.ts';
import { entered, parseFields } from './fields.ts';
import { attempt, formOf, statusOf } from './form.ts';
import type { Next, Page, View, Visit } from './page.ts';
import type { TargetOf } from './target.ts';

interface LogInParts {
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

/** Starts the session of a login in the browser, and goes to a page. */
export const enter = (
  { sessionId: id, user, deviceToken }: Login,
  to: string,
  { session, seal, keepDevice }: PageCookies,
): Next => ({
  to,
  cookies: [session.set(seal({ id, userId: user.id })), keepDevice(deviceToken)],
});

/** Log in and log out. */
export function logInPages(parts: LogInParts): readonly Page[] {
  const { limits, passwordGate, passwordLogIn, sessionService, cookies, targetOf } = parts;

  function view(visit: Visit, fields?: URLSearchParams, error?: AppError): View {
    const { frame, access } = visit.texts;
    const { title, button, ...texts } = access.logIn;
    const content = formOf(visit, {
      fields: [
        {
          name: 'username',
          label: frame.fields.username,
          autocomplete: 'username',
          value: entered(fields, 'username'),
          maxLength: 1024,
        },
        {
          name: 'password',
          label: frame.fields.password,
          type: 'password',
          autocomplete: 'current-password',
          maxLength: 1024,
        },
      ],
      button,
      error,
      below: markup`<p><a href="${visit.href('/account/signup')}">${texts.signUp}</a></p>`,
    });
    return { title, content, ...(error && { status: statusOf(error) }) };
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
        return { to: '/account/login?done=loggedOut', cookies: [cookies.session.clear()] };
      },
    },
  ];
}
