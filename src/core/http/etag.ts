import { AppError } from '../errors.ts';

const MAX_TAGS = 32;
const MAX_LIST_LENGTH = 4096;
/** Matches an entity tag (RFC 9110 section 8.8.3). The quoted part may contain a comma. */
const ENTITY_TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;
const ENTITY_TAG_LIST = new RegExp(
  `^[ \\t,]*${ENTITY_TAG.source}(?:[ \\t]*,[ \\t,]*${ENTITY_TAG.source})*[ \\t,]*$`,
);

interface Versioned {
  readonly id: number;
  readonly version: number;
}

/** The strong entity tag of a profile: the user's id and the profile's version. */
export const profileEtag = ({ id, version }: Versioned): string => `"${id}-${version}"`;

/**
 * Returns the versions of this user's profile that `If-Match` accepts, by strong comparison (RFC 9110 section 13.1.1):
 * weak tags never match. `undefined` means any version.
 *
 * @throws AppError `malformed_precondition`
 */
export function versionsOfIfMatch(
  header: string | undefined,
  user: Pick<Versioned, 'id'>,
): readonly number[] | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const prefix = `"${user.id}-`;
  const tags = parseTags(header);
  if (!tags) throw new AppError('malformed_precondition');
  return tags.flatMap((tag) => {
    const version = tag.startsWith(prefix) ? tag.slice(prefix.length, -1) : '';
    return /^[1-9]\d{0,14}$/.test(version) ? Number(version) : [];
  });
}

/**
 * True if `If-None-Match` lists the entity tag, by weak comparison (RFC 9110 section 13.1.2). A malformed header field
 * never matches, so that its client receives the full response.
 */
export function ifNoneMatchNames(header: string | undefined, etag: string): boolean {
  if (header === undefined || header.length > MAX_LIST_LENGTH) return false;
  if (header.trim() === '*') return true;
  return parseTags(header)?.some((tag) => tag.replace(/^W\//, '') === etag) ?? false;
}

/** Parses a list of entity tags. Returns `undefined` for anything other than 1 to {@link MAX_TAGS} entity tags. */
function parseTags(header: string): readonly string[] | undefined {
  const tags = ENTITY_TAG_LIST.test(header) ? (header.match(ENTITY_TAG) ?? []) : [];
  return tags.length === 0 || tags.length > MAX_TAGS ? undefined : tags;
}
