import type { TraceContext } from '../../core/trace.ts';
import { storedLocale } from '../messages/locale.ts';
import type { Notice } from '../notices/service.ts';
import type { Credentials } from './store.ts';

/** The notice of an account that wrong passwords have locked, in the language of the account. */
export const lockoutNotice = (
  { user, locale }: Pick<Credentials, 'user' | 'locale'>,
  trace: TraceContext | undefined,
): Notice => ({
  kind: 'lockout',
  user,
  locale: storedLocale(locale),
  trace,
});
