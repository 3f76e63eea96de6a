import type { SettingValues } from './schema.ts';

type PageSettings = Pick<
  SettingValues,
  | 'PAGES'
  | 'PUBLIC_URL'
  | 'BRAND_NAME'
  | 'BRAND_LOGO'
  | 'BRAND_COLOR'
  | 'BRAND_TERMS'
  | 'BRAND_PRIVACY'
>;

/** Derives the part of `Config` that the pages need. */
export function pageConfigOf(s: PageSettings, isProduction: boolean) {
  const { PUBLIC_URL: publicUrl } = s;
  const isKnownUrl = publicUrl !== undefined || !isProduction;
  return {
    /** True if the pages are served. In production, only at a known URL: forms of other origins are rejected. */
    isServed: s.PAGES === 'on' && isKnownUrl,
    /** True if they are not served because `PUBLIC_URL` is unset. */
    isUrlMissing: s.PAGES === 'on' && !isKnownUrl,
    /** The origin of `PUBLIC_URL`. */
    origin: publicUrl && new URL(publicUrl).origin,
    /** The path of `PUBLIC_URL`, without a slash at its end: that of a proxy in front. */
    basePath: publicUrl ? new URL(publicUrl).pathname.replace(/\/$/, '') : '',
    /** True to accept forms from the host of the request as well. */
    acceptsHost: !isProduction,
    /** True if browsers reach the pages over HTTPS. */
    isSecure: publicUrl?.startsWith('https:') ?? false,
    brand: {
      name: s.BRAND_NAME,
      logo: s.BRAND_LOGO,
      /** `#RRGGBB`. */
      color: s.BRAND_COLOR,
      terms: s.BRAND_TERMS,
      privacy: s.BRAND_PRIVACY,
    },
  };
}

export type PageConfig = Readonly<ReturnType<typeof pageConfigOf>>;
