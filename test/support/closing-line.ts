import type { Reporter, TestModule } from 'vitest/node';
import { summaryOf } from './attack-tally.ts';

/** Returns a line for each test that was skipped with a note. */
const missingIn = (modules: readonly TestModule[]): string[] =>
  modules
    .flatMap((module) => [...module.children.allTests('skipped')])
    .flatMap((test) => {
      const result = test.result();
      const note = result.state === 'skipped' ? result.note : undefined;
      return note === undefined ? [] : [`Not tested, ${note}: ${test.fullName}`];
    });

/**
 * Ends a run with one machine-readable line: `N passed, N failed`. If tests attacked servers, prints a line with the
 * totals before it. Names each test that was skipped because something is missing on this machine.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      const before = counts.failed;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed' || state === 'failed') counts[state]++;
        else counts.skipped++;
      }
      // A file that failed to load, or whose hook failed, contains no failed test, so the file itself is counted.
      if (module.state() === 'failed' && counts.failed === before) counts.failed++;
    }
    const tallies = modules
      .flatMap((module) => [...module.children.allTests()])
      .flatMap((test) => test.meta().attack ?? []);
    const summary = summaryOf(tallies);
    if (summary !== undefined) process.stdout.write(`\n${summary}\n`);
    for (const line of missingIn(modules)) process.stdout.write(`\n${line}\n`);
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
    process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed${skipped}\n`);
  }
}
