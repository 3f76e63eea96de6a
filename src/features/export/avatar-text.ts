import { toBase64 } from '../../core/crypto/bytes.ts';
import { nameOf } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { FileStore } from '../../core/ports.ts';
import type { Profile } from '../users/profile.ts';
import type { ExportStore, Subject } from './store.ts';
import { toAvatar } from './views.ts';

/** Bytes per part of the text: a multiple of 3, which base64 encodes without padding. */
const PART_BYTES = 3 * 16_384;

interface AvatarTextParts {
  readonly store: Pick<ExportStore, 'avatar'>;
  readonly files: Pick<FileStore, 'get'> | undefined;
  readonly log: Logger;
}

/** Returns the picture of an account as parts of a JSON text: an object with its bytes, or null. */
export async function* avatarText(
  { store, files, log }: AvatarTextParts,
  subject: Subject,
  { avatar_url: url }: Profile,
): AsyncGenerator<string, void> {
  const avatar = url === null ? undefined : await store.avatar(subject);
  if (url === null || !avatar) {
    yield 'null';
    return;
  }
  yield JSON.stringify(toAvatar(avatar, url)).slice(0, -1);
  const bytes = await files?.get(avatar.key).catch((error: unknown) => {
    // The rest of the export is worth more.
    log.warn('avatar_not_exported', { error: nameOf(error) });
    return undefined;
  });
  if (!bytes) {
    yield ',"data":null}';
    return;
  }
  yield ',"data":"';
  for (let at = 0; at < bytes.length; at += PART_BYTES) {
    const text = toBase64(bytes.subarray(at, at + PART_BYTES));
    yield text.padEnd(Math.ceil(text.length / 4) * 4, '=');
  }
  yield '"}';
}
