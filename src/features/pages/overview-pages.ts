import { markup } from '../../core/http/markup.ts';
import type { Page } from './page.ts';
import { HOME } from './target.ts';

/** What the account is, and the way to everything else. */
export const overviewPages = (): readonly Page[] => [
  {
    path: HOME,
    access: 'user',
    show: ({ login: { user }, texts: { frame, account } }) => ({
      title: account.overview.title,
      content: markup`<dl>
<dt>${frame.fields.name}</dt><dd>${user.name ?? '–'}</dd>
<dt>${frame.fields.email}</dt><dd>${user.email ?? '–'}</dd>
<dt>${frame.fields.phone}</dt><dd>${user.phone ?? '–'}</dd>
</dl>`,
    }),
  },
];
