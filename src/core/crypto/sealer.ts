import { fromBase64Url, randomBytes, toBase64Url, utf8 } from './bytes.ts';
import { deriveCipherKey, type Secrets } from './derived-key.ts';

/** The length of a random nonce (NIST SP 800-38D section 8.2.2). */
const NONCE_BYTES = 12;

/** A decrypted text. */
export interface Opened {
  readonly text: string;
  /** True if it was encrypted under the newest secret. */
  readonly isUpToDate: boolean;
}

/** Encrypts texts that are stored in the database. */
export interface Sealer {
  /** @param context identifies the owner of the text; `open` needs the same context */
  seal(text: string, context: string): Promise<string>;
  /** Returns `undefined` if the secret is unknown, the context differs or the text was modified. */
  open(sealed: string, context: string): Promise<Opened | undefined>;
}

/**
 * Encrypts with AES-256-GCM and a random nonce, under a key that HKDF derives from the newest secret. Decrypts texts
 * that were encrypted under any of the secrets.
 *
 * @param purpose separates the keys of different kinds of text, so that a text of one kind cannot be read as another
 */
export async function createSealer(secrets: Secrets, purpose: string): Promise<Sealer> {
  const [newest, ...older] = await Promise.all(
    secrets.map((secret) => deriveCipherKey(secret, purpose)),
  );
  if (!newest) throw new Error('a sealer requires a secret');

  return {
    async seal(text, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const parameters = { name: 'AES-GCM', iv: nonce, additionalData: utf8(context) };
      const ciphertext = await crypto.subtle.encrypt(parameters, newest, utf8(text));
      return `${toBase64Url(nonce)}.${toBase64Url(new Uint8Array(ciphertext))}`;
    },

    async open(sealed, context) {
      const [iv, ciphertext] = sealed.split('.').map(fromBase64Url);
      if (iv?.length !== NONCE_BYTES || !ciphertext) return undefined;
      const parameters = { name: 'AES-GCM', iv, additionalData: utf8(context) };
      for (const key of [newest, ...older]) {
        try {
          const bytes = await crypto.subtle.decrypt(parameters, key, ciphertext);
          return { text: new TextDecoder().decode(bytes), isUpToDate: key === newest };
        } catch {
          // Wrong key: try the next one.
        }
      }
      return undefined;
    },
  };
}
