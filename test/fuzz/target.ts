// Runs the fuzzer against one target, and checks the server's log.
import type { Target, TargetName } from '../support/targets.ts';
import { fuzz, type Run, type Tally } from './run.ts';

const STARTED = 'deriveBits guard: on';

/**
 * @throws Error if a response is not as documented, the log has an internal error, or the server has restarted
 */
export async function fuzzTarget(
  name: TargetName,
  { baseUrl, output }: Pick<Target, 'baseUrl' | 'output'>,
  run: Omit<Run, 'baseUrl' | 'isBehindProxy'>,
): Promise<Tally> {
  const starts = () => output().split(STARTED).length;
  const before = { starts: starts(), length: output().length };
  const tally = await fuzz({ ...run, baseUrl, isBehindProxy: name.startsWith('workerd') });
  const written = output().slice(before.length);
  const faults = written.split('\n').filter((line) => line.includes('internal_error'));
  if (faults.length > 0) throw new Error(`seed ${run.seed}: the log has\n${faults.join('\n')}`);
  if (starts() !== before.starts) throw new Error(`seed ${run.seed}: the server has restarted`);
  return tally;
}
