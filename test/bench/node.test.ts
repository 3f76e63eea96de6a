import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeMachine, nodeVersion } from '../../bench/machine.ts';
import { startRawRate } from '../../bench/raw-rate.ts';
import { startBare } from '../../bench/servers/bare.ts';
import { latchkeyCommand } from '../../bench/servers/latchkey.ts';
import { emptyFolder } from '../support/server.ts';

/** Writes a script that reports another version, runs this Node, and logs its arguments to a file. */
function otherNode(): { readonly path: string; readonly log: string } {
  const folder = emptyFolder();
  const [path, log] = [join(folder, 'node'), join(folder, 'log')];
  const script = `#!/bin/sh
if [ "$1" = --version ]; then echo v99.1.2; exit; fi
echo "$@" >> '${log}'
exec '${process.execPath}' "$@"
`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return { path, log };
}

test('the report names the version of the Node that runs the servers', () => {
  expect(describeMachine(otherNode().path).node).toBe('99.1.2');
  expect(describeMachine(process.execPath).node).toBe(process.versions.node);
});

test('a program that is not Node is rejected with its path', () => {
  expect(() => nodeVersion('/nowhere/node')).toThrow('there is no Node at /nowhere/node');
  expect(() => nodeVersion('/bin/echo')).toThrow('there is no Node at /bin/echo');
});

test('servers on Node and the bare derivation use the given Node, Bun does not', async () => {
  const { path, log } = otherNode();
  const folder = emptyFolder();
  const options = { node: path, folder, core: undefined };
  expect(latchkeyCommand(options).command[0]).toBe(path);
  expect(latchkeyCommand({ ...options, runtime: 'bun' }).command[0]).not.toBe(path);
  const bare = await startBare({ ...options, runtime: 'node' });
  await bare.stop();
  const raw = await startRawRate(path);
  raw.stop();
  const started = readFileSync(log, 'utf8').trim().split('\n');
  expect(started).toEqual([
    expect.stringContaining('bench/servers/bare-node.ts'),
    expect.stringContaining('bench/raw-pbkdf2.ts'),
  ]);
});
