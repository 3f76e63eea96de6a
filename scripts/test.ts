// `npm test`: all checks and tests, the fastest first. Its last line is `N passed, N failed`.
import { spawnSync } from 'node:child_process';

const steps = [
  ['format and lint', 'biome', 'check', '.'],
  ['types', 'tsc'],
  ['build', process.execPath, 'scripts/build.mjs'],
  [
    'tests',
    'vitest',
    'run',
    '--project',
    'unit',
    '--project',
    'runtimes',
    ...process.argv.slice(2),
  ],
] as const;

for (const [label, command, ...args] of steps) {
  console.log(`\n— ${label}`);
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status === 0) continue;
  if (label !== 'tests') console.log(`\n${label} failed\n0 passed, 1 failed`);
  process.exit(status ?? 1);
}
