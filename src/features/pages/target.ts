import type { Page, Visit } from './page.ts';
import type { Texts } from './texts/texts.ts';

/** The parameter that names the page to show after a login or a re-authentication. */
const PARAMETER = 'to';
/** The parameter that names what was done before, a key of the texts `done`. */
export const DONE = 'done';
export const HOME = '/account';
export const SECURITY = '/account/security';
export const CONFIRM = '/account/confirm';

/** Something that was done. */
export type Done = keyof Texts['frame']['done'];

/**
 * Returns the path of a page with the page to show after it. Only pages that exist are ever followed: an address cannot
 * lead to another site.
 */
export const withTarget = (path: string, target: string, done?: Done): string => {
  const query = new URLSearchParams({
    ...(target !== HOME && { [PARAMETER]: target }),
    ...(done && { [DONE]: done }),
  }).toString();
  return query === '' ? path : `${path}?${query}`;
};

/** Returns the path of a page that first says what was done. */
export const withDone = (path: string, done: Done): string => withTarget(path, HOME, done);

/** Returns the page that the address of a visit names, if it is one that users who are logged in can open. */
export type TargetOf = (visit: Visit) => string;

/** @param isOther true for the address of a page of another feature */
export const targetsOf = (
  pages: readonly Page[],
  isOther: (target: string) => boolean,
): TargetOf => {
  const paths = new Set(
    pages
      .filter(({ access, isTarget, show }) => (access !== 'open' || isTarget) && show)
      .map(({ path }) => path),
  );
  return ({ query }) => {
    const target = query.get(PARAMETER) ?? HOME;
    return paths.has(target) || isOther(target) ? target : HOME;
  };
};
