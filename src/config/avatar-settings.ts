import { z } from 'zod';
import { isLoopback } from '../core/loopback.ts';
import type { Setting } from './setting.ts';
import { rateLimit } from './setting-kinds.ts';

/** Where avatars are stored: the value of `AVATARS`. */
type StoreSetting =
  | { readonly kind: 'off' }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 's3'; readonly url: string; readonly region: string };

/** The path of a bucket. S3 allows 3 to 63 characters; other servers also allow capital letters and underscores. */
const BUCKET_PATH = /^\/[A-Za-z0-9][\w.-]{1,61}[A-Za-z0-9]$/;
const REGION_QUERY = /^\?region=([a-z0-9-]{1,40})$/;
const CLOUDFLARE_HOST = /\.r2\.cloudflarestorage\.com$/;
const AMAZON_DOMAIN = /\.amazonaws\.com(\.cn)?$/;
/** Amazon's endpoints, among them those for IPv6 and FIPS 140 (docs.aws.amazon.com/general/latest/gr/s3.html). */
const AMAZON_HOST =
  /^s3(?:-fips)?[.-](?:fips\.)?(?:dualstack\.)?([a-z]{2,3}(?:-[a-z]+)+-\d)\.amazonaws\.com(?:\.cn)?$/;
const AMAZON_EAST = ['s3.amazonaws.com', 's3-external-1.amazonaws.com'];
/** Backblaze, Scaleway, Wasabi and others name their regions like Amazon. */
const REGION_HOST = /^s3\.([a-z0-9-]*-[a-z0-9-]+)\.[a-z0-9-]+\.[a-z]+$/;

/** The region that a provider's host implies; `undefined` for hosts of Amazon that imply none. */
function regionOf(hostname: string): string | undefined {
  if (CLOUDFLARE_HOST.test(hostname)) return 'auto';
  if (AMAZON_EAST.includes(hostname)) return 'us-east-1';
  if (AMAZON_DOMAIN.test(hostname)) return AMAZON_HOST.exec(hostname)?.[1];
  // Servers other than Amazon's accept the default of most clients.
  return REGION_HOST.exec(hostname)?.[1] ?? 'us-east-1';
}

/** Parses `https://HOST/BUCKET` or `https://HOST/BUCKET?region=REGION`. Plain HTTP is accepted on this machine only. */
function bucketOf(text: string): StoreSetting | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, origin, pathname, search } = new URL(text);
  const isSecure = protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
  const url = `${origin}${pathname}`;
  // Rejects user information, fragments, and whatever `URL` normalizes.
  if (!isSecure || text !== `${url}${search}` || !BUCKET_PATH.test(pathname)) return undefined;
  const region = search === '' ? regionOf(hostname) : REGION_QUERY.exec(search)?.[1];
  return region === undefined ? undefined : { kind: 's3', url, region };
}

function storeOf(text: string): StoreSetting | undefined {
  if (text === 'off') return { kind: 'off' };
  const path = /^folder:([^\0]+)$/.exec(text)?.[1];
  if (path !== undefined) return { kind: 'folder', path };
  return text.startsWith('s3:') ? bucketOf(text.slice('s3:'.length)) : undefined;
}

const avatarStore = z
  .string()
  .max(2048)
  .transform((text, context): StoreSetting => {
    const store = storeOf(text);
    if (store) return store;
    context.addIssue(
      'must be off, folder:PATH or s3:https://HOST/BUCKET, with ?region=REGION if the host does not tell the region; http:// is allowed on this machine only',
    );
    return z.NEVER;
  });

const key = (max: number) =>
  z
    .string()
    .max(max, `must be at most ${max} characters`)
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII characters without spaces');

/** Where avatars are stored, and how often. */
export const AVATAR_SETTINGS = {
  AVATARS: {
    kind: avatarStore,
  },
  S3_ACCESS_KEY_ID: {
    kind: key(128),
  },
  S3_SECRET_ACCESS_KEY: {
    kind: key(1024),
  },
  RATE_LIMIT_AVATAR: {
    kind: rateLimit,
    default: '20/1h',
  },
} satisfies Readonly<Record<string, Setting>>;
