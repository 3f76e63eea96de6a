// Only verifies passwords, to measure the machine's upper bound for logins. Reads one command per line, `SECONDS
// PARALLEL`, and writes the verifications a second, one line per command.

import { createInterface } from 'node:readline';
import { DEFAULT_ROUNDS } from '../src/config/bounds.ts';
import { createPasswordHasher } from '../src/features/passwords/password-hash.ts';

const { hash, verify } = createPasswordHasher(DEFAULT_ROUNDS);
const password = 'analytical engine 1843';
const stored = await hash(password);

async function measure(seconds: number, parallel: number): Promise<number> {
  const startedAt = performance.now();
  let verified = 0;
  const worker = async () => {
    while (performance.now() - startedAt < seconds * 1000) {
      await verify(password, stored);
      verified++;
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return verified / ((performance.now() - startedAt) / 1000);
}

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const [seconds = 0, parallel = 0] = line.split(' ').map(Number);
  console.log(await measure(seconds, parallel));
}
