import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGenerator } from './load/client.ts';
import type { NamedOutcome } from './outcome.ts';
import type { Progress } from './progress.ts';
import type { Conditions, Scenario } from './scenario.ts';
import type { Server } from './servers/process.ts';

/** Runs one scenario with its own load generator and folder. Stops everything that the scenario started. */
export async function runScenario(
  scenario: Scenario,
  conditions: Conditions,
  progress: Progress,
): Promise<NamedOutcome> {
  const { name, title } = scenario;
  const folder = mkdtempSync(join(tmpdir(), `latchkey-bench-${name}-`));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.once('exit', removeFolder);
  const generator = startGenerator(scenario.sharesCores ? undefined : conditions.pinning.generator);
  const servers: Server[] = [];
  progress.begin(name);
  try {
    const outcome = await scenario.run({
      ...conditions,
      generator,
      folder,
      onStep: (share, what) => progress.at(share, what),
      async started(starting) {
        const server = await starting;
        servers.push(server);
        return server;
      },
    });
    return { scenario: name, title, outcome };
  } catch (error) {
    throw new Error(`${name} cannot be measured`, { cause: error });
  } finally {
    generator.stop();
    await Promise.all(servers.map((server) => server.stop()));
    process.off('exit', removeFolder);
    removeFolder();
  }
}
