/** The paths of the pages for visitors who are not logged in. */
export const OPEN_PAGES = [
  '/account/login',
  '/account/signup',
  '/account/forgot',
  '/account/reset',
  '/account/code',
  '/account/code/login',
  '/account/verify',
  '/account/change',
  '/account/undo',
] as const;
