import { markup } from '../../core/http/markup.ts';
import type { Page } from './page.ts';
import { SECURITY } from './target.ts';

/** The way to the pages on how the account is protected. */
export const securityPages = (): readonly Page[] => [
  {
    path: SECURITY,
    access: 'user',
    show(visit) {
      const { security, password, addresses, sessions, devices, activity } = visit.texts.account;
      const entries = [
        ['password', password.title, security.password],
        ['addresses', addresses.title, security.addresses],
        ['sessions', sessions.title, security.sessions],
        ['devices', devices.title, security.devices],
        ['activity', activity.title, security.activity],
      ] as const;
      return {
        title: security.title,
        content: markup`<ul class="rows">
${entries.map(
  ([name, label, about]) =>
    markup`<li><div><a href="${visit.href(`/account/${name}`)}">${label}</a><p class="hint">${about}</p></div></li>\n`,
)}</ul>`,
      };
    },
  },
];
