/**
 * Returns the bearer token of an `Authorization` header (RFC 6750 section 2.1); `undefined` if the header is missing or
 * has another scheme. Accepts exactly one space. After several, the token would be a slice of the header, and caching it
 * would keep the whole header in memory.
 */
export function bearerToken(header: string | undefined): string | undefined {
  const match = /^Bearer(?: (.*))?$/i.exec(header ?? '');
  return match ? (match[1] ?? '') : undefined;
}
