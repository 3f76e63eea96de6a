import type { Locale } from '../../messages/message.ts';
import { access as enAccess } from './en/access.ts';
import { account as enAccount } from './en/account.ts';
import { frame as enFrame } from './en/frame.ts';
import { access as hiAccess } from './hi/access.ts';
import { account as hiAccount } from './hi/account.ts';
import { frame as hiFrame } from './hi/frame.ts';

/** The texts of the pages in one language. */
export interface Texts {
  readonly frame: typeof enFrame;
  readonly access: typeof enAccess;
  readonly account: typeof enAccount;
}

export const TEXTS: Readonly<Record<Locale, Texts>> = {
  en: { frame: enFrame, access: enAccess, account: enAccount },
  hi: { frame: hiFrame, access: hiAccess, account: hiAccount },
};
