/** The answer to what is no request, or has no client any more: nothing of the app is asked. */
export const refuse = (): Response =>
  new Response(null, { status: 400, headers: { Connection: 'close' } });

/**
 * True if a request has two `Host` fields (RFC 9112 section 3.2), where the runtime has joined them by a comma, as
 * a `Headers` does. No host has a comma in its name.
 */
export const hasTwoHosts = ({ headers }: Request): boolean =>
  headers.get('Host')?.includes(',') === true;
