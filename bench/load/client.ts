import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { bunPath } from '../../scripts/binaries.ts';
import { bareEnvironment } from '../../test/support/process.ts';
import { onCore, type Pinning } from '../pinning.ts';
import type { Command, Job, JobResult, Reply } from './job.ts';

/** The load generator, running. */
export interface Generator {
  /**
   * Does one job. Several may run at once.
   *
   * @throws Error where an answer is not a 200, or a connection breaks: then nothing was measured
   */
  run(job: Job): Promise<JobResult>;
  stop(): void;
}

const PROGRAM = fileURLToPath(new URL('generator.ts', import.meta.url));

/** Starts the generator. */
export function startGenerator(pinning: Pinning): Generator {
  const [command, ...args] = onCore(pinning.generator, [bunPath(), PROGRAM]);
  const child = spawn(command, args, {
    env: bareEnvironment(),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = new Map<number, (reply: Reply) => void>();
  let lastId = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    // Written by generator.ts, which has this type.
    const reply = JSON.parse(line) as Reply;
    waiting.get(reply.id)?.(reply);
    waiting.delete(reply.id);
  });
  child.once('exit', (code, signal) => {
    for (const [id, settle] of waiting) {
      settle({ id, fault: `the load generator has ended: ${code ?? signal}` });
    }
  });

  return {
    run: (job) =>
      new Promise((resolve, reject) => {
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
