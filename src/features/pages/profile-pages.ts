import { z } from '@hono/zod-openapi';
import type { AppError } from '../../core/errors.ts';
import { markup } from '../../core/http/markup.ts';
import { createProfileService, type ProfileParts } from '../profile/service.ts';
import { bioField, nameField } from '../users/fields.ts';
import type { ProfilePatch, User } from '../users/user.ts';
import { parseFields } from './fields.ts';
import { attempt, failureOf, formOf } from './form.ts';
import type { Page, UserVisit, View } from './page.ts';
import { HOME, withDone } from './target.ts';

const FAILURES = ['precondition_failed', 'validation_failed'] as const;
const VERSION = /^[1-9]\d{0,14}$/;

const schema = z.object({ name: nameField.optional(), bio: bioField.optional() });

interface Entered {
  readonly name: string;
  readonly bio: string;
}

/** What a form of a profile was sent with. Browsers send line feeds as CRLF (HTML, section 4.10.21.4). */
export const enteredIn = (fields: URLSearchParams): Entered => ({
  name: fields.get('name') ?? '',
  bio: (fields.get('bio') ?? '').replaceAll('\r\n', '\n'),
});

export const storedIn = ({ name, bio }: User): Entered => ({
  name: name ?? '',
  bio: bio.replaceAll('\r\n', '\n'),
});

/** What has changed. An empty name is none. */
export const patchOf = (user: User, { name, bio }: Entered): ProfilePatch => {
  const stored = storedIn(user);
  return {
    ...(name !== stored.name && { name: name === '' ? null : name }),
    ...(bio !== stored.bio && { bio }),
  };
};

/** Edits the profile. The version of the form keeps two tabs from overwriting each other. */
export function profilePages(parts: ProfileParts): readonly Page[] {
  const profile = createProfileService(parts);

  function view(visit: UserVisit, shown: Entered, error?: AppError): View {
    const { frame, account } = visit.texts;
    const { title, bio, button, changed, saved } = account.profile;
    const { user } = visit.login;
    const isStale = error?.code === 'precondition_failed';
    const content = markup`${
      isStale &&
      markup`<p>${changed}</p>
<dl>
<dt>${saved}: ${frame.fields.name}</dt><dd><bdi>${user.name || account.overview.none}</bdi></dd>
<dt>${saved}: ${bio}</dt><dd class="prose" dir="auto">${user.bio || account.overview.none}</dd>
</dl>`
    }
${formOf(visit, {
  fields: [
    {
      name: 'name',
      label: frame.fields.name,
      autocomplete: 'name',
      isOptional: true,
      value: shown.name,
      maxLength: 255,
    },
    {
      name: 'bio',
      label: bio,
      type: 'textarea',
      autocomplete: 'off',
      isOptional: true,
      value: shown.bio,
      maxLength: 10_000,
    },
  ],
  carried: { version: String(user.version) },
  button,
  error,
})}`;
    return { title, content, section: HOME, ...failureOf(error) };
  }

  return [
    {
      path: '/account/profile',
      access: 'user',
      show: (visit) => view(visit, storedIn(visit.login.user)),

      async submit(visit, fields) {
        const { login, requester } = visit;
        const entered = enteredIn(fields);
        const outcome = await attempt(FAILURES, async () => {
          const version = fields.get('version') ?? '';
          const versions = VERSION.test(version) ? [Number(version)] : [];
          const patch = patchOf(login.user, entered);
          // Only what has changed: today's rules may reject what is stored.
          const changed = Object.entries(patch).map(([name, value]) => [name, value ?? '']);
          parseFields(schema, new URLSearchParams(changed));
          await profile.update(login, patch, versions, requester.caller);
        });
        if ('error' in outcome) return view(visit, entered, outcome.error);
        return { to: withDone(HOME, 'profileSaved') };
      },
    },
  ];
}
