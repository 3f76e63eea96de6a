// Computes bcrypt hashes with the real thread, and with threads that fail at the start, fail during the work, exit, or
// never respond. Prints the outcomes as JSON. Each runtime runs this file, in an empty folder.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createLogger } from '../../src/core/log.ts';
import { createHashThreads } from '../../src/runtime/ports/hash-threads.ts';

const HASH = '$2b$04$bGoY3kLQT8wQyMN5EJ4uTes1bCKmven0K/ocrMXlJaLTkRybV6B.m';
const LIMIT_MS = 1000;
const ON_MESSAGE = "import { parentPort } from 'node:worker_threads'; parentPort.on('message', ";
const MODULES = {
  'fails at its start': "throw new Error('at its start');",
  'fails at work': `${ON_MESSAGE} () => { throw new Error('at work'); });`,
  ends: `${ON_MESSAGE} () => process.exit(3));`,
  'answers with something else': `${ON_MESSAGE} () => parentPort.postMessage(true));`,
  'never answers': `${ON_MESSAGE} () => {});`,
};

const logged: string[] = [];
const log = createLogger('error', (line) => logged.push(line));

type Threads = ReturnType<typeof createHashThreads>;

/** Whether the password is that of the hash, or the error. */
const outcomeOf = ({ compute }: Threads, password: string): Promise<string> =>
  compute({ algorithm: 'bcrypt', password, settings: HASH.slice(0, 29) }).then(
    (hash) => String(new TextDecoder().decode(hash) === HASH),
    (error: Error) => `${error.name}: ${error.message}`,
  );

const outcomes: Record<string, readonly string[]> = {};
// The thread exits after a millisecond without work, so the third hash runs on a new thread.
const real = createHashThreads(log, { idleMs: 1 });
const first = await Promise.all([outcomeOf(real, 'analytical engine'), outcomeOf(real, 'other')]);
await new Promise((resolve) => setTimeout(resolve, 100));
outcomes.real = [...first, await outcomeOf(real, 'analytical engine')];
for (const [name, text] of Object.entries(MODULES)) {
  const path = join(process.cwd(), `${name.replaceAll(' ', '-')}.mjs`);
  writeFileSync(path, text);
  const threads = createHashThreads(log, { module: pathToFileURL(path), limitMs: LIMIT_MS });
  // Twice, because the second hash must not use the failed thread.
  outcomes[name] = [await outcomeOf(threads, 'other'), await outcomeOf(threads, 'other')];
}
const reasons = logged.map((line) => JSON.parse(line).error);
console.log(JSON.stringify({ outcomes, reasons }));
