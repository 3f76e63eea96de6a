// The part of js-base64 that the libSQL client uses, for the Worker's bundle. See `[alias]` in wrangler.toml.
export const Base64 = {
  /** Encodes bytes, a few thousand characters at a time: a call takes only so many arguments. */
  fromUint8Array(bytes) {
    let binary = '';
    for (let at = 0; at < bytes.length; at += 4096) {
      binary += String.fromCharCode(...bytes.subarray(at, at + 4096));
    }
    return btoa(binary);
  },
  /** Decodes base64, also without padding, which `atob` accepts. */
  toUint8Array: (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0)),
};
