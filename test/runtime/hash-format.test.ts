import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { codeBlocks } from '../support/code-blocks.ts';
import { CASES, resultsOf } from '../support/hash-cases.ts';
import { needs } from '../support/optional.ts';
import { emptyFolder } from '../support/server.ts';

const [python = '', django = ''] = codeBlocks('hash-format.md', 'python');
const [javaScript = ''] = codeBlocks('hash-format.md', 'js');

const expected = CASES.map(([, , matches]) => matches);

describe('the code of docs/hash-format.md verifies the test vectors, and nothing else', () => {
  test('Python', { timeout: 60_000 }, async (context) => {
    needs(context, 'Python 3.8', 'python3', '-c', 'import sys; assert sys.version_info >= (3, 8)');
    const main = `import json\nfrom latchkey import verify\nprint(json.dumps([verify(p, s) for p, s, _ in json.load(open("cases.json"))]))\n`;
    const files = { 'latchkey.py': python, 'main.py': main };
    expect(await resultsOf(files, ['python3', 'main.py'])).toEqual(expected);
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
