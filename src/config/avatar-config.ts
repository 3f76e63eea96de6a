import type { SettingValues } from './schema.ts';

/** Where avatars are stored. `default`: a folder beside the database; on Workers the R2 binding, if there is one. */
export type AvatarConfig =
  | { readonly kind: 'default' | 'off' }
  | { readonly kind: 'folder'; readonly path: string }
  | {
      readonly kind: 's3';
      /** The bucket: `https://HOST/BUCKET`, without a trailing slash. */
      readonly url: string;
      readonly region: string;
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
    };

/** Derives the part of `Config` that avatars need. {@link avatarProblems} has rejected a bucket without its keys. */
export function avatarConfigOf({
  AVATARS: store,
  S3_ACCESS_KEY_ID: accessKeyId = '',
  S3_SECRET_ACCESS_KEY: secretAccessKey = '',
}: Pick<SettingValues, 'AVATARS' | 'S3_ACCESS_KEY_ID' | 'S3_SECRET_ACCESS_KEY'>): AvatarConfig {
  if (store === undefined) return { kind: 'default' };
  return store.kind === 's3' ? { ...store, accessKeyId, secretAccessKey } : store;
}

/** Rejects a bucket without its keys, and a folder on a host without files. */
export function avatarProblems(
  given: Readonly<Record<string, string>>,
  hasFiles: boolean,
): string[] {
  const { AVATARS: store = '' } = given;
  if (store.startsWith('folder:') && !hasFiles) {
    return [
      'AVATARS: must not be a folder; this host has no files. Bind an R2 bucket as AVATARS, or use s3:',
    ];
  }
  if (!store.startsWith('s3:')) return [];
  return (['S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'] as const)
    .filter((name) => given[name] === undefined)
    .map((name) => `${name}: must be set, because AVATARS is a bucket`);
}
