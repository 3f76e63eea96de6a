import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bareEnvironment } from '../test/support/process.ts';
import { killedAtExit } from './children.ts';
import { ROOT } from './root.ts';

/** A process that verifies passwords with the API's own function, without HTTP, database or gate. */
export interface RawRate {
  /** Returns the verifications a second, with `parallel` of them in flight. */
  measure(seconds: number, parallel: number): Promise<number>;
  stop(): void;
}

/** @param node the path of the Node binary that runs it */
export async function startRawRate(node: string): Promise<RawRate> {
  const child = killedAtExit(
    spawn(node, ['--import', import.meta.resolve('tsx'), join(ROOT, 'bench/raw-pbkdf2.ts')], {
      env: bareEnvironment(),
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  async function nextLine(): Promise<string> {
    const { value, done } = await lines.next();
    if (done) throw new Error('the process that derives hashes has ended');
    return value;
  }
  await nextLine();
  return {
    async measure(seconds, parallel) {
      child.stdin.write(`${seconds} ${parallel}\n`);
      return Number(await nextLine());
    },
    stop: () => void child.kill(),
  };
}
