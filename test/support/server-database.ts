import { onTestFinished } from 'vitest';
import { freePort } from './free-port.ts';
import type { RunningProcess } from './process.ts';
import { runProgram } from './program.ts';
import { emptyFolder } from './server.ts';
import { startSqld } from './sqld.ts';

/** A libSQL server that can be killed and restarted with its data. */
export interface ServerDatabase {
  readonly url: string;
  readonly port: number;
  /** Kills the server, like a crash. */
  kill(): Promise<void>;
  startAgain(): Promise<void>;
}

/** Starts a migrated libSQL server. */
export async function startServerDatabase(): Promise<ServerDatabase> {
  const folder = emptyFolder();
  const port = await freePort();
  const processes: RunningProcess[] = [];
  onTestFinished(async () => {
    for (const running of processes) await running.stop();
  });
  const url = await startSqld(folder, processes, port);
  const migrated = await runProgram('migrate', [], folder, { DATABASE_URL: url });
  if (migrated.status !== 0) throw new Error(`It cannot be migrated: ${migrated.stderr}`);
  return {
    url,
    port,
    async kill() {
      const running = processes.at(-1);
      running?.kill('SIGKILL');
      await running?.exit;
    },
    async startAgain() {
      await startSqld(folder, processes, port);
    },
  };
}
