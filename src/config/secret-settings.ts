/** The content of a secret's file, or the reason why it cannot be used. The reason must not quote the content. */
export type SecretFile = { readonly secret: string } | { readonly fault: string };

/** Reads the file of a secret; never throws. */
export type ReadSecretFile = (path: string) => SecretFile;

const SECRETS = ['SECRET_KEY', 'SECRET_KEY_PREVIOUS', 'METRICS_TOKEN'] as const;
const MAX_LENGTH = 1024;

type Given = Readonly<Record<string, string>>;

/** The name of the setting that provides a secret: that of the secret itself, or its `…_FILE`. */
export const sourceOf = (given: Given, name: (typeof SECRETS)[number]): string =>
  given[`${name}_FILE`] === undefined ? name : `${name}_FILE`;

/**
 * Sets each secret to the content of the file that its `…_FILE` setting names.
 *
 * @param read `undefined` if the host has no files
 */
export function withSecretFiles(
  given: Given,
  read: ReadSecretFile | undefined,
): { readonly given: Given; readonly problems: readonly string[] } {
  const secrets: Record<string, string> = {};
  const problems: string[] = [];
  for (const name of SECRETS) {
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
    readonly name: string;
    readonly read: ReadSecretFile | undefined;
    readonly isGivenTwice: boolean;
  },
): SecretFile {
  if (read === undefined) return { fault: `this host has no files; set ${name} instead` };
  if (isGivenTwice) return { fault: `must not be set together with ${name}` };
  const found = read(path);
  if ('fault' in found) return found;
  if (found.secret === '') return { fault: 'the file must not be empty' };
  if (found.secret.length <= MAX_LENGTH) return found;
  return { fault: `the file must have at most ${MAX_LENGTH} characters` };
}
