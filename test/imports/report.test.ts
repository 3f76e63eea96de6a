import { expect, test } from 'vitest';
import { createTally } from '../../src/features/imports/tally.ts';
import { createTextReport, type Summary } from '../../src/runtime/commands/import/report.ts';

/** The first line of the page of a run. */
async function lineOf(summary: Partial<Summary>): Promise<string | undefined> {
  let text = '';
  const sink = {
    write: async (part: string) => {
      text += part;
    },
    end: async () => {},
  };
  await createTextReport(sink, { limit: 1, rest: '' }).finish({
    ...{ kind: 'pms', source: 'pms', isDryRun: false, isForFiles: false, isSourceBroken: false },
    ...{ ending: 'done', tally: createTally().result(), unusedDecisions: [], seconds: 1 },
    ...summary,
  });
  return text.split('\n')[0];
}

test('the report says what another run does, and promises nothing that may not be so', async () => {
  const goesOn = 'started again, it goes on';
  expect(await lineOf({})).toBe('Import of pms: done');
  expect(await lineOf({ ending: 'interrupted' })).toBe(`Import of pms: interrupted; ${goesOn}`);
  // Of a batch with a clash that has come about late, what follows is stored.
  expect(await lineOf({ ending: 'clash' })).toBe(
    `Import of pms: stopped at a clash; no account that is listed is stored; ${goesOn}`,
  );
  expect(await lineOf({ ending: 'failed' })).toContain(goesOn);
  expect(await lineOf({ ending: 'failed', isSourceBroken: true })).not.toContain(goesOn);
});
