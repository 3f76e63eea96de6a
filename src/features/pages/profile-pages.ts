import type { AppError } from '../../core/errors.ts';
import { markup } from '../../core/http/markup.ts';
import type { FileStore } from '../../core/ports.ts';
import { createProfileService, type ProfileParts } from '../profile/service.ts';
import { pictureLink } from './avatar-pages.ts';
import { attempt, failureOf, formOf } from './form.ts';
import type { Page, UserVisit, View } from './page.ts';
import { createProfileForm, type Entered } from './profile-form.ts';
import { HOME, withDone } from './target.ts';

const FAILURES = ['precondition_failed', 'validation_failed'] as const;
const VERSION = /^[1-9]\d{0,14}$/;

/** Edits the profile. The version of the form keeps two tabs from overwriting each other. */
export function profilePages(
  parts: ProfileParts & { readonly files: FileStore | undefined },
): readonly Page[] {
  const profile = createProfileService(parts);
  const form = createProfileForm(parts.config);

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
${form.shown(user).map(([label, text]) => markup`<dt>${saved}: ${label}</dt><dd class="prose" dir="auto">${text}</dd>\n`)}</dl>`
    }
${formOf(visit, {
  fields: form.inputs(visit, shown),
  carried: { version: String(user.version) },
  button,
  error,
  below: pictureLink(visit, parts.files),
})}`;
    return { title, content, section: HOME, ...failureOf(error) };
  }

  return [
    {
      path: '/account/profile',
      access: 'user',
      show: (visit) => view(visit, form.storedIn(visit.login.user)),

      async submit(visit, fields) {
        const { login, requester } = visit;
        const entered = form.enteredIn(fields);
        const outcome = await attempt(FAILURES, async () => {
          const version = fields.get('version') ?? '';
          const versions = VERSION.test(version) ? [Number(version)] : [];
          const patch = form.patchOf(login.user, entered);
          await profile.update(login, patch, versions, requester.caller);
        });
        if ('error' in outcome) return view(visit, entered, outcome.error);
        return { to: withDone(HOME, 'profileSaved') };
      },
    },
  ];
}
