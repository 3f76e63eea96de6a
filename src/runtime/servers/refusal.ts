/**
 * Creates the response to a malformed request, or to a request whose client is gone. These requests do not reach the
 * app.
 */
export const refuse = (): Response =>
  new Response(null, { status: 400, headers: { Connection: 'close' } });

/**
 * True if a request has two `Host` fields, which must be rejected (RFC 9112 section 3.2). The runtime joins repeated
 * fields with a comma, as `Headers` does, and a host never contains a comma.
 */
export const hasTwoHosts = ({ headers }: Request): boolean =>
  headers.get('Host')?.includes(',') === true;
