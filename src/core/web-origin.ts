/** True for an exact origin that `CORS_ORIGINS` can name: not `null`, a list, a pattern or the scheme of an app. */
export const isWebOrigin = (text: string): boolean =>
  /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
