import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { bunPath, denoPath, tsxPath } from '../../scripts/binaries.ts';
import { createOutbound } from '../../src/core/outbound.ts';
import { type Bucket, createS3Store } from '../../src/features/avatars/s3-files.ts';
import { createFolderStore, defaultAvatarFolder } from '../../src/runtime/ports/file-folder.ts';
import { CHECKS } from '../support/file-store/checks.ts';
import {
  isSignedWith,
  type SignedServer,
  startSignedServer,
} from '../support/file-store/signed-server.ts';
import { run } from '../support/program.ts';
import { emptyFolder } from '../support/server.ts';
import { ROOT } from '../support/targets.ts';

const RUNTIMES = {
  node: [process.execPath, tsxPath()],
  bun: [bunPath()],
  deno: [denoPath(), 'run', '-A'],
} as const;
const NAMES = Object.keys(RUNTIMES) as (keyof typeof RUNTIMES)[];

/** The outcomes of a store that does everything right. */
const ALL_OK = Object.fromEntries(Object.keys(CHECKS).map((title) => [title, 'ok']));

async function outcomesOn(name: keyof typeof RUNTIMES, target: string): Promise<unknown> {
  const program = join(ROOT, 'test/support/file-store/run.ts');
  const { stdout, stderr } = await run([...RUNTIMES[name], program, name, target], ROOT);
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

let server: SignedServer;
let bucket: Bucket;

beforeAll(async () => {
  server = await startSignedServer();
  ({ bucket } = server);
});

afterAll(() => server.close());

const send = createOutbound(fetch);
const PICTURE = { type: 'image/png', bytes: Uint8Array.of(1, 2, 3) };

describe.each(NAMES)('on %s', (name) => {
  test('a folder does what every store must do', async () => {
    expect(await outcomesOn(name, join(emptyFolder(), 'new', 'avatars'))).toEqual(ALL_OK);
  });

  test('a bucket of S3 does what every store must do', async () => {
    expect(await outcomesOn(name, JSON.stringify(bucket))).toEqual(ALL_OK);
  });
});

test('in workerd, R2 and a bucket of S3 do what every store must do', async () => {
  const entry = join(ROOT, 'test/support/file-store/worker.ts');
  const bundle = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['workerd', 'worker'],
  });
  const host = new Miniflare({
    modules: true,
    script: bundle.outputFiles[0]?.text ?? '',
    compatibilityDate: '2026-04-01',
    r2Buckets: ['AVATARS'],
    bindings: { BUCKET: { ...bucket } },
  });
  onTestFinished(() => host.dispose());
  for (const path of ['r2', 's3']) {
    const answer = await host.dispatchFetch(`http://stores.invalid/${path}`);
    expect([path, await answer.json()]).toEqual([path, ALL_OK]);
  }
});

describe('a bucket of S3', () => {
  test('verifies signatures as in the example of Amazon', () => {
    const example = {
      method: 'GET',
      path: '/test.txt',
      headers: {
        host: 'examplebucket.s3.amazonaws.com',
        range: 'bytes=0-9',
        'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
        'x-amz-date': '20130524T000000Z',
        authorization:
          'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
      },
    };
    const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
    expect(isSignedWith(secret, example)).toBe(true);
    expect(isSignedWith(`${secret}x`, example)).toBe(false);
    expect(isSignedWith(secret, { ...example, path: '/test.txt2' })).toBe(false);
  });

  test('rejects every call with a wrong secret, and the error contains neither key', async () => {
    const secretAccessKey = 'another-secret';
    const store = createS3Store({ ...bucket, secretAccessKey }, send);
    const calls = [store.put('a', PICTURE), store.get('a'), store.delete('a')];
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome.status).toBe('rejected');
      const { message } = (outcome as PromiseRejectedResult).reason as Error;
      expect(message).toMatch(/^The bucket of AVATARS answered 403 to (PUT|GET|DELETE)$/);
    }
    expect(await createS3Store(bucket, send).get('a')).toBeUndefined();
  });

  test('keeps the type of a file', async () => {
    await createS3Store(bucket, send).put('typed', PICTURE);
    const path = join(server.folder, 'typed._S3rver_metadata.json');
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ 'content-type': 'image/png' });
  });

  test('that does not exist is an error, not a missing file', async () => {
    const store = createS3Store({ ...bucket, url: bucket.url.replace('faces', 'other') }, send);
    await expect(store.put('a', PICTURE)).rejects.toThrow('answered 404 to PUT');
    await expect(store.get('a')).rejects.toThrow('answered 404 to GET');
    await expect(store.delete('a')).rejects.toThrow('answered 404 to DELETE');
    await expect(store.check()).rejects.toThrow('answered 404 to GET');
    await createS3Store(bucket, send).check();
  });

  test('is identified by its host and name, whatever its region and its keys', async () => {
    const url = 'https://s3.eu-west-3.amazonaws.com/faces';
    const ids = [{}, { region: 'auto', accessKeyId: 'other' }].map((other) =>
      createS3Store({ ...bucket, url, ...other }, send).id(),
    );
    expect(await Promise.all(ids)).toEqual(Array(2).fill('s3:s3.eu-west-3.amazonaws.com/faces'));
  });

  test('that redirects, or is not there, is an error', async () => {
    const elsewhere = createServer((_, response) => {
      response.writeHead(307, { Location: `${bucket.url}/a` }).end();
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const address = elsewhere.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const store = createS3Store({ ...bucket, url: `http://127.0.0.1:${port}/faces` }, send);
    await expect(store.get('a')).rejects.toThrow('answered 307 to GET');
    await new Promise((resolve) => elsewhere.close(resolve));
    await expect(store.get('a')).rejects.toThrow();
    await expect(store.delete('a')).rejects.toThrow();
  });
});

describe('a folder', () => {
  test('and its files can be read by this user only, and contain no drafts afterwards', async () => {
    const folder = join(emptyFolder(), 'avatars');
    await createFolderStore(folder).put('a', PICTURE);
    const modes = [folder, join(folder, '.drafts'), join(folder, 'a')].map(
      (path) => lstatSync(path).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o700, 0o600]);
    expect(readdirSync(folder).toSorted()).toEqual(['.drafts', 'a']);
    expect(readdirSync(join(folder, '.drafts'))).toEqual([]);
  });

  test('loses the drafts of a killed process with the next file, but none that is being written', async () => {
    const folder = join(emptyFolder(), 'avatars');
    const drafts = join(folder, '.drafts');
    mkdirSync(drafts, { recursive: true });
    const [old, recent] = ['a.0011223344556677.draft', 'b.0011223344556677.draft'];
    for (const name of [old, recent]) writeFileSync(join(drafts, name), 'half');
    const hourAgo = Date.now() / 1000 - 3600;
    utimesSync(join(drafts, old), hourAgo, hourAgo);
    await createFolderStore(folder).put('c', PICTURE);
    expect(readdirSync(drafts)).toEqual([recent]);
  });

  test('follows no symbolic link: reading finds none, writing and deleting replace the link', async () => {
    const [folder, outside] = [emptyFolder(), join(emptyFolder(), 'secret')];
    writeFileSync(outside, 'secret');
    symlinkSync(outside, join(folder, 'a'));
    const store = createFolderStore(folder);
    expect(await store.get('a')).toBeUndefined();
    await store.put('a', PICTURE);
    expect(await store.get('a')).toEqual(PICTURE.bytes);
    symlinkSync(outside, join(folder, 'b'));
    await store.delete('b');
    expect(lstatSync(outside).size).toBe(6);
    expect(lstatSync(join(folder, 'b'), { throwIfNoEntry: false })).toBeUndefined();
  });

  test('has one id for all that use it at once, later, and elsewhere', async () => {
    const folder = join(emptyFolder(), 'new', 'avatars');
    const ids = await Promise.all(Array.from({ length: 10 }, () => createFolderStore(folder).id()));
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^folder:[0-9a-f]{32}$/);
    const moved = join(emptyFolder(), 'moved');
    renameSync(folder, moved);
    expect(await createFolderStore(moved).id()).toBe(ids[0]);
    expect(await createFolderStore(folder).id()).not.toBe(ids[0]);
    expect(readdirSync(join(moved, '.drafts'))).toEqual([]);
  });

  test('whose id is damaged is an error, not another folder', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, '.store'), 'half');
    await expect(createFolderStore(folder).id()).rejects.toThrow('.store');
    expect(readFileSync(join(folder, '.store'), 'utf8')).toBe('half');
  });

  test('is checked without being created', async () => {
    const parent = emptyFolder();
    const store = createFolderStore(join(parent, 'new', 'avatars'));
    await store.check();
    expect(readdirSync(parent)).toEqual([]);
    writeFileSync(join(parent, 'new'), '');
    await expect(store.check()).rejects.toThrow(/ENOTDIR|EACCES/);
  });

  test('that cannot be used is an error', async () => {
    const path = join(emptyFolder(), 'file');
    writeFileSync(path, '');
    const store = createFolderStore(path);
    await expect(store.put('a', PICTURE)).rejects.toThrow(/EEXIST|ENOTDIR/);
    await expect(store.get('a')).rejects.toThrow('ENOTDIR');
    await expect(store.delete('a')).rejects.toThrow('ENOTDIR');
  });

  test.each([
    ['file:./data/latchkey.db', 'data/avatars'],
    ['file:latchkey.db', 'avatars'],
    ['file:///var/lib/latchkey/a%20b.db', '/var/lib/latchkey/avatars'],
    ['libsql://db.example', 'avatars'],
  ])('of avatars for %s is %s by default', (url, folder) => {
    expect(defaultAvatarFolder(url)).toBe(folder);
  });
});
