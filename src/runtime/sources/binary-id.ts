const UUID_BYTES = 16;
const UUID_GROUPS = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const CONTROL = /\p{Cc}/u;

/**
 * Reads an id of bytes: text as itself, 16 other bytes as a UUID, any others as hexadecimal digits, in lower case.
 *
 * @param isUuid if 16 bytes are a UUID also where they happen to be text
 */
export function idOfBytes(bytes: Uint8Array, isUuid: boolean): string {
  const isLikeUuid = bytes.length === UUID_BYTES;
  if (!(isUuid && isLikeUuid) && isText(bytes)) return utf8.decode(bytes);
  const digits = Buffer.from(bytes).toString('hex');
  return isLikeUuid ? digits.replace(UUID_GROUPS, '$1-$2-$3-$4-$5') : digits;
}

/** True for valid UTF-8 without control characters. */
function isText(bytes: Uint8Array): boolean {
  try {
    return !CONTROL.test(utf8.decode(bytes));
  } catch {
    return false;
  }
}
