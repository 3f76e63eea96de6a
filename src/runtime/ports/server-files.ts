import { resolve } from 'node:path';
import type { Config } from '../../config/config.ts';
import type { FileStore, Outbound } from '../../core/ports.ts';
import { shareReads } from '../../core/shared-reads.ts';
import { createS3Store } from '../../features/avatars/s3-files.ts';
import { createFolderStore, defaultAvatarFolder } from './file-folder.ts';

/** Creates the store of files that the settings name, with bounded reads; `undefined` if they turn it off. */
export function createServerFiles(
  config: Pick<Config, 'avatars' | 'databaseUrl'>,
  send: Outbound,
): FileStore | undefined {
  const store = createStore(config, send);
  return store && shareReads(store);
}

function createStore(
  { avatars, databaseUrl }: Pick<Config, 'avatars' | 'databaseUrl'>,
  send: Outbound,
): FileStore | undefined {
  switch (avatars.kind) {
    case 'off':
      return undefined;
    case 's3':
      return createS3Store(avatars, send);
    case 'folder':
      return createFolderStore(resolve(avatars.path));
    default:
      return createFolderStore(resolve(defaultAvatarFolder(databaseUrl)));
  }
}
