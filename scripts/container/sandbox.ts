// A stand-in for a container engine: Linux namespaces, as engines use them, by `unshare` of util-linux. The place of the
// base image is taken by the read-only /usr and /etc of this machine.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** The users of the base image (`node` is 1000 in every `node:` image). */
export const USERS = { root: 0, node: 1000 } as const;
export type UserName = keyof typeof USERS;

/** A folder that becomes `/`, and what is mounted into it. */
export interface Sandbox {
  readonly root: string;
  /** True: nothing below `/` can be written but the mounted volumes and `/tmp`. */
  readonly isReadOnly: boolean;
  readonly user: UserName;
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  /** Folders of this machine that can be written, by their path inside. */
  readonly volumes?: Readonly<Record<string, string>>;
}

const SYSTEM = ['usr', 'etc', 'bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'] as const;
/** Node's own folder, if it is not below /usr. */
const NODE_FOLDER = dirname(dirname(process.execPath));
const PATH = [
  join(NODE_FOLDER, 'bin'),
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
].join(':');

/** Returns why this machine cannot run a sandbox, or undefined if it can. */
export function whyNoSandbox(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root, to start a program as another user';
  const { status } = spawnSync('unshare', ['--mount', '--pid', '--fork', 'setpriv', '--version'], {
    stdio: 'ignore',
  });
  return status === 0
    ? undefined
    : 'needs unshare and setpriv of util-linux, and the right to use namespaces';
}

/** Creates the folders and files that a sandbox expects in its root. */
export function prepareRoot(root: string): void {
  for (const name of ['proc', 'dev', 'tmp', 'root', 'home/node', 'volumes']) {
    mkdirSync(join(root, name), { recursive: true });
  }
  for (const name of SYSTEM) {
    const host = join('/', name);
    if (!existsSync(host)) continue;
    if (lstatSync(host).isSymbolicLink()) symlinkSync(`usr/${name}`, join(root, name));
    else mkdirSync(join(root, name));
  }
  if (!NODE_FOLDER.startsWith('/usr')) mkdirSync(join(root, NODE_FOLDER), { recursive: true });
  for (const [file, pattern] of Object.entries(ACCOUNTS)) {
    const others = readFileSync(join('/etc', file), 'utf8').split('\n');
    const names = Object.entries(USERS).map(([name, id]) => pattern(name, id));
    const isOther = (line: string) =>
      line !== '' && !/^(?:root|node):|^[^:]*:[^:]*:1000:/.test(line);
    writeFileSync(join(root, `.${file}`), `${[...names, ...others.filter(isOther)].join('\n')}\n`);
  }
}

/** Lines of the files that name users and groups. */
const ACCOUNTS: Readonly<Record<string, (name: string, id: number) => string>> = {
  passwd: (name, id) => `${name}:x:${id}:${id}::${homeOf(name)}:/bin/sh`,
  group: (name, id) => `${name}:x:${id}:`,
};

/** Paths in the root that {@link prepareRoot} has created, and that no image contains. */
export const isPrepared = (path: string): boolean =>
  /^(?:proc|dev|tmp|root|home|volumes|\.passwd|\.group)(?:\/|$)/.test(path) ||
  SYSTEM.some((name) => path === name) ||
  join('/', path).startsWith(NODE_FOLDER);

/**
 * Starts a command in a sandbox, as process 1 of its own PID namespace, without capabilities unless it is root. Its
 * network is that of this machine.
 */
export function startIn(sandbox: Sandbox, command: readonly string[]): ChildProcess {
  return spawn(
    'unshare',
    [
      '--mount',
      '--pid',
      '--fork',
      '--kill-child',
      'sh',
      '-euc',
      scriptOf(sandbox),
      'sh',
      ...command,
    ],
    {
      env: { PATH, HOME: homeOf(sandbox.user), ...sandbox.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
}

/** The result of a command in a sandbox. */
export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/**
 * Runs a command in a sandbox to its end.
 *
 * @param limitMs after which it is killed, and its code is -1
 */
export async function runIn(
  sandbox: Sandbox,
  command: readonly string[],
  limitMs = 600_000,
): Promise<Outcome> {
  const child = startIn(sandbox, command);
  const limit = setTimeout(() => child.kill('SIGKILL'), limitMs);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status ?? -1));
  }).finally(() => clearTimeout(limit));
  return { code, output };
}

const homeOf = (user: string): string => (user === 'root' ? '/root' : `/home/${user}`);

/** Mounts, changes the root, gives up all rights and becomes the command, which stands in `$@`. */
function scriptOf({ root, isReadOnly, user, workdir, volumes = {} }: Sandbox): string {
  const inside = (path: string): string => quote(join(root, path));
  const bind = (from: string, to: string, mode: string): string[] => [
    `mount --bind ${quote(from)} ${inside(to)}`,
    `mount -o remount,bind,${mode} ${inside(to)}`,
  ];
  const real = SYSTEM.filter(
    (name) => existsSync(`/${name}`) && !lstatSync(`/${name}`).isSymbolicLink(),
  );
  const id = USERS[user];
  return [
    'mount --make-rprivate /',
    ...bind(root, '/', 'rw'),
    ...real.flatMap((name) => bind(`/${name}`, name, 'ro')),
    ...(NODE_FOLDER.startsWith('/usr') ? [] : bind(NODE_FOLDER, NODE_FOLDER, 'ro')),
    ...Object.keys(ACCOUNTS).flatMap((file) => bind(join(root, `.${file}`), `etc/${file}`, 'ro')),
    ...bind('/dev', 'dev', 'ro'),
    `mount -t proc proc ${inside('proc')}`,
    `mount -t tmpfs tmpfs ${inside('tmp')}`,
    ...Object.entries(volumes).flatMap(([to, from]) => bind(from, to, 'rw')),
    ...(isReadOnly ? [`mount -o remount,bind,ro ${inside('/')}`] : []),
    `exec chroot ${quote(root)} setpriv --reuid=${id} --regid=${id} --clear-groups --no-new-privs ${
      user === 'root' ? '' : '--bounding-set=-all --inh-caps=-all'
    } -- sh -c ${quote(`cd ${quote(workdir)} && exec "$@"`)} sh "$@"`,
  ].join('\n');
}

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
