import { randomBytes, toBase64Url } from '../../core/crypto/bytes.ts';
import { type CreateMac, deriveMacs, type Secrets } from '../../core/crypto/derived-key.ts';

/** What a link or a code is for. Only the operations of its purpose accept it. */
export type Purpose =
  | 'verify'
  | 'reset'
  | 'login'
  | 'reauthenticate'
  /** Confirms a new address. */
  | 'change'
  /** Restores a replaced address. */
  | 'undo'
  /** Takes an address away that was added to an account, and what has replaced it since. */
  | 'remove'
  /** Takes an address away from an account that has entered it and not verified it. */
  | 'release';

/**
 * Purposes that end with all access to an account. Links that undo a change do not: whoever changed the address could
 * end them by a reset.
 */
export const OF_ACCESS: readonly Purpose[] = [
  'verify',
  'reset',
  'login',
  'reauthenticate',
  'change',
  'release',
];

/** Creates the token of a link: 256 random bits in base64url. */
export const newToken = (): string => toBase64Url(randomBytes(32));

const DIGITS = 6;
const CODES = 10 ** DIGITS;
/** The largest multiple of {@link CODES} that 32 bits hold: beyond it, small codes would be more likely. */
const UNBIASED = Math.floor(2 ** 32 / CODES) * CODES;

/** Creates a code: six random digits, each code equally likely. */
export function newCode(): string {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  return random < UNBIASED ? String(random % CODES).padStart(DIGITS, '0') : newCode();
}

/** The account and the address that a code is bound to. */
export interface CodeOwner {
  /** 0 for an unknown name. */
  readonly userId: number;
  /** The normalized address that the code was sent to. */
  readonly address: string;
}

/**
 * Hashes links and codes for storage, under a key that the database does not contain: against a plain hash, all codes
 * could be tried in a second. Returns one hash per secret, the newest first.
 */
export interface CodeHashes {
  ofLink(purpose: Purpose, token: string): readonly [string, ...string[]];
  ofCode(purpose: Purpose, owner: CodeOwner, code: string): readonly [string, ...string[]];
}

export async function createCodeHashes(
  secrets: Secrets,
  createMac: CreateMac,
): Promise<CodeHashes> {
  const hashes = await deriveMacs(secrets, 'latchkey code v1', createMac);
  return {
    ofLink: (purpose, token) => hashes(`link ${purpose} ${token}`),
    // A normalized address contains no space.
    ofCode: (purpose, { userId, address }, code) =>
      hashes(`code ${purpose} ${userId} ${address} ${code}`),
  };
}
