import { resolve } from 'node:path';
import type { Config } from '../../config/config.ts';
import type { Logger } from '../../core/log.ts';
import { filePathOf } from '../databases/libsql.ts';
import { defaultAvatarFolder } from './file-folder.ts';

/** Warns of settings under which pictures are lost, or are not shown behind a proxy. */
export function warnOfAvatarSettings(
  {
    avatars,
    databaseUrl,
    environment,
    messages,
  }: Pick<Config, 'avatars' | 'databaseUrl' | 'environment' | 'messages'>,
  log: Logger,
): void {
  if (environment !== 'production' || avatars.kind === 'off') return;
  if (messages.publicUrl === undefined) {
    const cure = 'set PUBLIC_URL: behind a proxy with TLS, the URLs of pictures begin with http://';
    log.warn('avatar_urls_unknown', { cure });
  }
  if (avatars.kind === 'default' && filePathOf(databaseUrl) === undefined) {
    const folder = resolve(defaultAvatarFolder(databaseUrl));
    const cure = 'set AVATARS: other servers of this database have other folders';
    log.warn('avatars_in_local_folder', { folder, cure });
  }
}
