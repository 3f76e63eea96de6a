import { z } from '@hono/zod-openapi';
import type { AppError } from '../../core/errors.ts';
import { type Markup, markup } from '../../core/http/markup.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import type { WorkGate } from '../passwords/gate.ts';
import { createPasswordService, type PasswordParts } from '../passwords/service.ts';
import { newPasswordField, passwordField } from '../users/fields.ts';
import type { PageCookies } from './cookies.ts';
import { enter } from './enter.ts';
import { parseFields } from './fields.ts';
import { attempt, failureOf, formOf, problemText } from './form.ts';
import type { Page, UserVisit, View, Visit } from './page.ts';
import { SECURITY, withDone } from './target.ts';

interface PasswordPageParts extends PasswordParts {
  readonly limits: Pick<RateLimits, 'changePassword'>;
  readonly passwordGate: Pick<WorkGate, 'admit'>;
  readonly cookies: PageCookies;
}

const FAILURES = [
  'wrong_current_password',
  'weak_password',
  'validation_failed',
  'too_many_requests',
  'overloaded',
] as const;

const schema = z.object({ current_password: passwordField, new_password: newPasswordField });

/** What an account without a password shows: a message sets the first one. */
const withoutPassword = (visit: Visit): Markup => {
  const { without, set } = visit.texts.account.password;
  return markup`<p>${without}</p>
<p><a href="${visit.href('/account/forgot')}">${set}</a></p>`;
};

/** What was wrong with the current password, beside its field. */
export const notesOf = (visit: Visit, error: AppError | undefined, field: string) =>
  error?.code === 'wrong_current_password' ? { [field]: problemText(visit, error.code) } : {};

/** Changes the password. */
export function passwordPages(parts: PasswordPageParts): readonly Page[] {
  const { credentials, limits, passwordGate, cookies } = parts;
  const passwords = createPasswordService(parts);

  async function view(visit: UserVisit, error?: AppError): Promise<View> {
    const { frame, account } = visit.texts;
    const { title, about, button } = account.password;
    const { user } = visit.login;
    const found = await credentials.findById(user.id);
    const content =
      found?.passwordHash === null
        ? withoutPassword(visit)
        : markup`<p>${about}</p>
${formOf(visit, {
  username: user.email ?? user.phone,
  fields: [
    {
      name: 'current_password',
      label: frame.fields.currentPassword,
      type: 'password',
      autocomplete: 'current-password',
      maxLength: 1024,
    },
    {
      name: 'new_password',
      label: frame.fields.newPassword,
      type: 'password',
      autocomplete: 'new-password',
    },
  ],
  button,
  error,
  notes: notesOf(visit, error, 'current_password'),
})}`;
    return { title, content, section: SECURITY, ...failureOf(error) };
  }

  return [
    {
      path: '/account/password',
      access: 'user',
      show: (visit) => view(visit),

      async submit(visit, fields) {
        const { user, session } = visit.login;
        const { requester } = visit;
        const outcome = await attempt(FAILURES, async () => {
          const { current_password: currentPassword, new_password: newPassword } = parseFields(
            schema,
            fields,
          );
          await limits.changePassword(String(user.id));
          return passwordGate.admit(requester.caller.address, () =>
            passwords.change(
              { id: user.id, sessionId: session.id },
              { currentPassword, newPassword },
              requester,
            ),
          );
        });
        if ('error' in outcome) return view(visit, outcome.error);
        return enter(outcome.result, withDone(SECURITY, 'passwordChanged'), cookies);
      },
    },
  ];
}
