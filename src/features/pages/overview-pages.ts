import { type Markup, markup } from '../../core/http/markup.ts';
import type { FileStore } from '../../core/ports.ts';
import type { Channel } from '../messages/message.ts';
import { isVerified } from '../users/user.ts';
import { pictureLink } from './avatar-pages.ts';
import { actionForm } from './form.ts';
import type { Page, UserVisit } from './page.ts';
import { HOME } from './target.ts';

/** What the account is, and the way to everything else. */
export const overviewPages = ({
  files,
}: {
  readonly files: FileStore | undefined;
}): readonly Page[] => [
  {
    path: HOME,
    access: 'user',
    show(visit) {
      const { frame, account } = visit.texts;
      const { title, none, edit, addresses, bio } = account.overview;
      const { user } = visit.login;
      const content = markup`<dl>
<dt>${frame.fields.email}</dt><dd>${addressText(visit, 'email', true)}</dd>
<dt>${frame.fields.phone}</dt><dd>${addressText(visit, 'phone', true)}</dd>
</dl>
<p><a href="${visit.href('/account/addresses')}">${addresses}</a></p>
<dl>
<dt>${frame.fields.name}</dt><dd><bdi>${user.name || none}</bdi></dd>
<dt>${bio}</dt><dd class="prose" dir="auto">${user.bio || none}</dd>
</dl>
<p><a href="${visit.href('/account/profile')}">${edit}</a></p>
${pictureLink(visit, files)}`;
      return { title, content };
    },
  },
];

/** An address of the user, and whether it is verified. @param canVerify true to offer that */
export function addressText(visit: UserVisit, channel: Channel, canVerify: boolean): Markup {
  const { verified, unverified, verify, none } = visit.texts.account.overview;
  const { user } = visit.login;
  const address = channel === 'email' ? user.email : user.phone;
  if (address === null) return markup`${none}`;
  if (isVerified(user, channel)) return markup`<bdi>${address}</bdi> (${verified})`;
  return markup`<bdi>${address}</bdi> (${unverified})${
    canVerify
      ? actionForm(visit, {
          action: '/account/verify/send',
          carried: { channel },
          button: verify,
          label: `${verify}: ${address}`,
        })
      : ''
  }`;
}
