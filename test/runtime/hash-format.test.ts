import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { codeBlocks } from '../support/code-blocks.ts';
import { hashVectors, REFUSED_HASHES } from '../support/hash-vectors.ts';
import { needs } from '../support/optional.ts';
import { run } from '../support/program.ts';
import { emptyFolder } from '../support/server.ts';

const [python = '', django = ''] = codeBlocks('hash-format.md', 'python');
const [go = ''] = codeBlocks('hash-format.md', 'go');
const [javaScript = ''] = codeBlocks('hash-format.md', 'js');

/** Passwords and hashes, and whether they match. Those in NFC match too; others and other formats do not. */
const CASES: readonly (readonly [password: string, stored: string, matches: boolean])[] = [
  ...hashVectors().flatMap(({ password, hash }): [string, string, boolean][] => [
    [password, hash, true],
    [password.normalize('NFC'), hash, true],
    [`${password} `, hash, false],
    [password.toUpperCase(), hash, false],
  ]),
  ...REFUSED_HASHES.map((hash): [string, string, boolean] => ['a', hash, false]),
];

/** Writes files into a folder, and runs a command there that prints the results of the cases as a list of JSON. */
async function resultsOf(files: Record<string, string>, command: readonly string[]) {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'cases.json'), JSON.stringify(CASES));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const settings = {
    GOCACHE: process.env.GOCACHE ?? join(folder, 'cache'),
    GOFLAGS: '-modcacherw',
  };
  const { status, stdout, stderr } = await run(command, folder, settings, 180_000);
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

const expected = CASES.map(([, , matches]) => matches);

describe('the code of docs/hash-format.md verifies the test vectors, and nothing else', () => {
  test('Python', { timeout: 60_000 }, async (context) => {
    needs(context, 'Python 3.8', 'python3', '-c', 'import sys; assert sys.version_info >= (3, 8)');
    const main = `import json\nfrom latchkey import verify\nprint(json.dumps([verify(p, s) for p, s, _ in json.load(open("cases.json"))]))\n`;
    const files = { 'latchkey.py': python, 'main.py': main };
    expect(await resultsOf(files, ['python3', 'main.py'])).toEqual(expected);
  });

  test('Go, for passwords in NFC', { timeout: 240_000 }, async (context) => {
    needs(context, 'Go 1.24', 'sh', '-c', 'go doc crypto/pbkdf2.Key');
    const main = `package main

import (
	"encoding/json"
	"os"
	"vectors/latchkey"
)

func main() {
	text, _ := os.ReadFile("cases.json")
	var cases [][]any
	if err := json.Unmarshal(text, &cases); err != nil {
		panic(err)
	}
	results := []bool{}
	for _, each := range cases {
		results = append(results, latchkey.Verify(each[0].(string), each[1].(string)))
	}
	json.NewEncoder(os.Stdout).Encode(results)
}
`;
    const files = { 'go.mod': 'module vectors\n\ngo 1.24\n', 'main.go': main, 'latchkey.go': go };
    const command = 'mkdir latchkey && mv latchkey.go latchkey/ && exec go run .';
    // As the page says, Go's standard library has no NFC.
    const inNfc = CASES.map(
      ([password, , matches]) => matches && password.normalize('NFC') === password,
    );
    expect(await resultsOf(files, ['sh', '-c', command])).toEqual(inNfc);
  });

  test('JavaScript', async () => {
    const { verifyLatchkey } = await import(moduleOf(javaScript));
    expect(CASES.map(([password, stored]) => verifyLatchkey(password, stored))).toEqual(expected);
  });

  test('Django, which then stores a hash of its own', { timeout: 60_000 }, async (context) => {
    const programs = process.env.LATCHKEY_PYTHON ?? 'python3';
    needs(context, 'Django', programs, '-c', 'import django');
    const main = `import json
from django.conf import settings

settings.configure(PASSWORD_HASHERS=["django.contrib.auth.hashers.PBKDF2PasswordHasher", "hashers.LatchkeyHasher"])
from django.contrib.auth.hashers import check_password, identify_hasher

results = []
for password, stored, _ in json.load(open("cases.json")):
    replaced = []
    result = check_password(password, "latchkey" + stored, replaced.append) if stored.startswith("$") else False
    assert replaced == ([password] if result else [])
    if stored.startswith("$"):
        identify_hasher("latchkey" + stored).safe_summary("latchkey" + stored)
    results.append(result)
print(json.dumps(results))
`;
    const files = { 'hashers.py': python + django, 'main.py': main };
    expect(await resultsOf(files, [programs, 'main.py'])).toEqual(expected);
  });
});

/** The URL of a module with this text. */
function moduleOf(text: string): string {
  const path = join(emptyFolder(), 'latchkey.mjs');
  writeFileSync(path, text);
  return pathToFileURL(path).href;
}
