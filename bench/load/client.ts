import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { bunPath } from '../../scripts/binaries.ts';
import { bareEnvironment } from '../../test/support/process.ts';
import { killedAtExit } from '../children.ts';
import { onCore } from '../pinning.ts';
import type { Command, Job, JobResult, Reply } from './job.ts';

/** A running load generator. */
export interface Generator {
  /**
   * Runs one job. Several jobs may run at once.
   *
   * @throws Error if a response is not a 200 or a connection breaks, which makes the measurement void
   */
  run(job: Job): Promise<JobResult>;
  stop(): void;
}

const PROGRAM = fileURLToPath(new URL('generator.ts', import.meta.url));

/** Starts the generator, pinned to a core if one is given. */
export function startGenerator(core: number | undefined): Generator {
  const [command, ...args] = onCore(core, [bunPath(), PROGRAM]);
  const child = killedAtExit(
    spawn(command, args, { env: bareEnvironment(), stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  let ending: string | undefined;
  const waiting = new Map<number, (reply: Reply) => void>();
  let lastId = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    // The cast is safe: generator.ts writes values of this type.
    const reply = JSON.parse(line) as Reply;
    waiting.get(reply.id)?.(reply);
    waiting.delete(reply.id);
  });
  function end(how: string): void {
    ending = `the load generator has ended: ${how}`;
    for (const [id, settle] of waiting) settle({ id, fault: ending });
    waiting.clear();
  }
  child.once('exit', (code, signal) => end(String(code ?? signal)));
  child.once('error', ({ message }) => end(message));
  // Ignored here, because the exit of the process reports the failure.
  child.stdin.on('error', () => {});

  return {
    run: (job) =>
      new Promise((resolve, reject) => {
        if (ending !== undefined) throw new Error(ending);
        const id = ++lastId;
        waiting.set(id, (reply) => {
          if ('result' in reply) resolve(reply.result);
          else reject(new Error(`${job.name}: ${reply.fault}`));
        });
        child.stdin.write(`${JSON.stringify({ id, job } satisfies Command)}\n`);
      }),
    stop: () => void child.kill(),
  };
}
