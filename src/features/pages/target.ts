import type { Page, Visit } from './page.ts';

/** The parameter that names the page to show after a login or a re-authentication. */
const PARAMETER = 'to';
export const HOME = '/account';
export const SECURITY = '/account/security';
export const CONFIRM = '/account/confirm';

/**
 * Returns the path of a page with the page to show after it. Only pages that exist are ever followed: an address cannot
 * lead to another site.
 */
export const withTarget = (path: string, target: string): string =>
  target === HOME ? path : `${path}?${new URLSearchParams({ [PARAMETER]: target })}`;

/** Returns the path of a page that says what was done before it. @param done a key of `frame.done` */
export const withDone = (path: string, done: string): string =>
  `${path}${path.includes('?') ? '&' : '?'}${new URLSearchParams({ done })}`;

/** Returns the page that the address of a visit names, if it is one that users who are logged in can open. */
export type TargetOf = (visit: Visit) => string;

export const targetsOf = (pages: readonly Page[]): TargetOf => {
  const paths = new Set(
    pages.filter(({ access, show }) => access !== 'open' && show).map(({ path }) => path),
  );
  return ({ query }) => {
    const target = query.get(PARAMETER) ?? HOME;
    return paths.has(target) ? target : HOME;
  };
};
