import { z } from '@hono/zod-openapi';
import { AppError } from '../../core/errors.ts';
import { markup } from '../../core/http/markup.ts';
import type { AdminService } from '../admin/service.ts';
import { LOCALES } from '../messages/message.ts';
import { entered, parseFields } from '../pages/fields.ts';
import { attempt, type Field, failureOf, formOf } from '../pages/form.ts';
import type { Page, StaffVisit, View } from '../pages/page.ts';
import { nameField, newEmailField, newPhoneField } from '../users/fields.ts';
import { FAILURES } from './act-page.ts';
import { actOf, reasonField, rolesFieldOf, rolesIn } from './actions.ts';
import { INVITE, pathWith, USER, USERS } from './paths.ts';
import { ADMIN_TEXTS } from './texts/texts.ts';

/** In themselves. */
const LANGUAGES = { en: 'English', hi: 'हिन्दी' } as const;

const schema = z.object({
  email: newEmailField.optional(),
  phone: newPhoneField.optional(),
  name: nameField.optional(),
  locale: z.enum(LOCALES),
});

/** Creates an account and sends it a link that sets a password. */
export function invitePages({
  admins,
}: {
  readonly admins: Pick<AdminService, 'invite'>;
}): readonly Page[] {
  function view(visit: StaffVisit, given?: URLSearchParams, error?: AppError, notes = {}): View {
    const { invite } = ADMIN_TEXTS[visit.locale];
    const { fields } = visit.texts.frame;
    const field = (name: 'email' | 'phone' | 'name', more: Partial<Field> = {}): Field => ({
      name,
      label: fields[name],
      autocomplete: 'off',
      isOptional: true,
      value: entered(given, name),
      ...more,
    });
    const content = markup`<p>${invite.about}</p>
${formOf(visit, {
  fields: [
    field('email', { type: 'email' }),
    field('phone', { type: 'tel' }),
    field('name', { maxLength: 255 }),
    rolesFieldOf(visit, entered(given, 'roles') ?? ''),
    {
      name: 'locale',
      label: invite.language,
      autocomplete: 'off',
      value: entered(given, 'locale') ?? visit.locale,
      options: LOCALES.map((locale) => [locale, LANGUAGES[locale]] as const),
    },
    reasonField(visit, entered(given, 'reason')),
  ],
  button: invite.button,
  error,
  notes,
})}`;
    return { title: invite.title, content, section: USERS, ...failureOf(error) };
  }

  return [
    {
      path: INVITE,
      access: 'admin',
      show: (visit) => view(visit),

      async submit(visit, fields) {
        if (!fields.get('email') && !fields.get('phone')) {
          const { address } = ADMIN_TEXTS[visit.locale].invite;
          return view(visit, fields, new AppError('validation_failed'), { email: address });
        }
        const outcome = await attempt(FAILURES, async () => {
          const act = actOf(visit, fields);
          const invitation = { ...parseFields(schema, fields), roles: rolesIn(fields) };
          return admins.invite(invitation, act);
        });
        if ('error' in outcome) return view(visit, fields, outcome.error);
        return { to: pathWith(USER, { id: outcome.result.id, done: 'invite' }) };
      },
    },
  ];
}
