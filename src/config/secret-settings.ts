import { MAX_PROFILE_FIELDS } from './bounds.ts';

/** The content of a setting's file, or the reason why it cannot be used. The reason must not quote the content. */
export type SecretFile = { readonly secret: string } | { readonly fault: string };

/** Reads the file of a setting; never throws. */
export type ReadSecretFile = (path: string) => SecretFile;

/** The settings that a file may contain, and their longest values. */
const MAX_LENGTHS = {
  SECRET_KEY: 1024,
  SECRET_KEY_PREVIOUS: 1024,
  PROFILE_FIELDS: MAX_PROFILE_FIELDS,
} as const;

type Name = keyof typeof MAX_LENGTHS;

type Given = Readonly<Record<string, string>>;

/** The name of the setting that provides a value: that of the setting itself, or its `…_FILE`. */
export const sourceOf = (given: Given, name: Name): string =>
  given[`${name}_FILE`] === undefined ? name : `${name}_FILE`;

/**
 * Sets `SECRET_KEY`, `SECRET_KEY_PREVIOUS` and `PROFILE_FIELDS` to the content of the files that their `…_FILE` settings name.
 *
 * @param read `undefined` if the host has no files
 */
export function withSecretFiles(
  given: Given,
  read: ReadSecretFile | undefined,
): { readonly given: Given; readonly problems: readonly string[] } {
  const secrets: Record<string, string> = {};
  const problems: string[] = [];
  for (const name of Object.keys(MAX_LENGTHS) as Name[]) {
    const path = given[`${name}_FILE`];
    if (path === undefined) continue;
    const found = secretIn(path, { name, read, isGivenTwice: given[name] !== undefined });
    if ('secret' in found) secrets[name] = found.secret;
    else problems.push(`${name}_FILE: ${found.fault}`);
  }
  return { given: { ...given, ...secrets }, problems };
}

function secretIn(
  path: string,
  {
    name,
    read,
    isGivenTwice,
  }: {
    readonly name: Name;
    readonly read: ReadSecretFile | undefined;
    readonly isGivenTwice: boolean;
  },
): SecretFile {
  if (read === undefined) return { fault: `this host has no files; set ${name} instead` };
  if (isGivenTwice) return { fault: `must not be set together with ${name}` };
  const found = read(path);
  if ('fault' in found) return found;
  if (found.secret === '') return { fault: 'the file must not be empty' };
  const maxLength = MAX_LENGTHS[name];
  if (found.secret.length <= maxLength) return found;
  return { fault: `the file must have at most ${maxLength} characters` };
}
