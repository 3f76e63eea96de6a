// Derives password hashes and does nothing else: what the machine has to give for logins. One line a
// command on standard input, `SECONDS PARALLEL`; one line an answer, hashes a second.

import { createInterface } from 'node:readline';
import { DEFAULT_ROUNDS } from '../src/config/bounds.ts';
import { createPasswordHasher } from '../src/features/passwords/password-hash.ts';

const { hash, verify } = createPasswordHasher(DEFAULT_ROUNDS);
const password = 'analytical engine 1843';
const stored = await hash(password);

async function measure(seconds: number, parallel: number): Promise<number> {
  const begun = performance.now();
  let checked = 0;
  const worker = async () => {
    while (performance.now() - begun < seconds * 1000) {
      await verify(password, stored);
      checked++;
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return checked / ((performance.now() - begun) / 1000);
}

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const [seconds = 0, parallel = 0] = line.split(' ').map(Number);
  console.log(await measure(seconds, parallel));
}
