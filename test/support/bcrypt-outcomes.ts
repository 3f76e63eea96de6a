// Verifies bcrypt hashes with the real thread, and with threads that fail at the start, fail during the work, exit, or
// never respond. Prints the outcomes as JSON. Each runtime runs this file, in an empty folder.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createBcryptThreads } from '../../src/runtime/ports/bcrypt-threads.ts';

const HASH = '$2b$04$bGoY3kLQT8wQyMN5EJ4uTes1bCKmven0K/ocrMXlJaLTkRybV6B.m';
const LIMIT_MS = 1000;
const ON_MESSAGE = "import { parentPort } from 'node:worker_threads'; parentPort.on('message', ";
const MODULES = {
  'fails at its start': "throw new Error('at its start');",
  'fails at work': `${ON_MESSAGE} () => { throw new Error('at work'); });`,
  ends: `${ON_MESSAGE} () => process.exit(3));`,
  'never answers': `${ON_MESSAGE} () => {});`,
};

type Verify = ReturnType<typeof createBcryptThreads>;

const outcomeOf = (verify: Verify, password: string): Promise<string> =>
  verify(password, HASH).then(String, (error: Error) => `${error.name}: ${error.message}`);

const outcomes: Record<string, readonly string[]> = {};
// The thread exits after a millisecond without work, so the third verification runs on a new thread.
const real = createBcryptThreads({ idleMs: 1 });
const first = await Promise.all([outcomeOf(real, 'analytical engine'), outcomeOf(real, 'other')]);
await new Promise((resolve) => setTimeout(resolve, 100));
outcomes.real = [...first, await outcomeOf(real, 'analytical engine')];
for (const [name, text] of Object.entries(MODULES)) {
  const path = join(process.cwd(), `${name.replaceAll(' ', '-')}.mjs`);
  writeFileSync(path, text);
  const verify = createBcryptThreads({ module: pathToFileURL(path), limitMs: LIMIT_MS });
  // Verifies twice, because the second verification must not use the failed thread.
  outcomes[name] = [await outcomeOf(verify, 'other'), await outcomeOf(verify, 'other')];
}
console.log(JSON.stringify(outcomes));
