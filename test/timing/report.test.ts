import { describe, expect, test } from 'vitest';
import { type Row, renderTable, tallyOf } from './report.ts';
import { comparable } from './timed-client.ts';

const row = (name: string, verdict: Row['verdict'], hasSameAnswer = true): Row => ({
  name,
  median: 151.26,
  ratio: { min: 0.9, median: 1, max: 1.1 },
  verdict,
  hasSameAnswer,
});
const baseline = row('wrong password', 'baseline');

describe('[S14] [S65] the timing report', () => {
  test('the exit code is 0 if all cases pass; the baseline is not counted', () => {
    const tally = tallyOf([baseline, row('unknown', 'passed')]);
    expect(tally).toEqual({ passed: 1, failed: 0, exitCode: 0 });
  });

  test('the exit code is 1 if a case fails, even if another is too noisy', () => {
    const rows = [baseline, row('unknown', 'failed'), row('locked', 'passed')];
    expect(tallyOf(rows)).toEqual({ passed: 1, failed: 1, exitCode: 1 });
    expect(tallyOf([...rows, row('again', 'too noisy')])).toMatchObject({ failed: 2, exitCode: 1 });
  });

  test('the exit code is 2 if cases are too noisy, which count as failed', () => {
    const tally = tallyOf([baseline, row('again', 'too noisy'), row('unknown', 'too noisy')]);
    expect(tally).toEqual({ passed: 0, failed: 2, exitCode: 2 });
  });

  test('a different response is a failure, whatever the times are', () => {
    for (const verdict of ['passed', 'too noisy', 'baseline'] as const) {
      const tally = tallyOf([baseline, row('unknown', verdict, false)]);
      expect(tally).toEqual({ passed: 0, failed: 1, exitCode: 1 });
    }
  });

  test('the table has a line for each case', () => {
    expect(renderTable([baseline, row('unknown', 'failed', false)]).split('\n')).toEqual([
      'case            median ms  ratio  spread         verdict',
      'wrong password  151.3      1.000  0.900 – 1.100  baseline',
      'unknown         151.3      1.000  0.900 – 1.100  failed; different response',
    ]);
  });
});

describe('[S14] the exact comparison of responses', () => {
  const headers = ['X-Request-Id', 'id-1', 'Date', 'now', 'Content-Length', '9'];

  test('ignores the request id, wherever it is, and the date', () => {
    const other = ['X-Request-Id', 'id-22', 'Date', 'later', 'Content-Length', '9'];
    expect(comparable(400, headers, 'no: id-1')).toBe(comparable(400, other, 'no: id-22'));
  });

  test('detects another status, body, or header value, spelling or position', () => {
    const lower = headers.map((text) => text.replace('Content', 'content'));
    const moved = [...headers.slice(2), ...headers.slice(0, 2)];
    const longer = [...headers.slice(0, -1), '10'];
    const answers = [
      comparable(400, headers, 'no'),
      comparable(401, headers, 'no'),
      comparable(400, headers, 'No'),
      ...[lower, moved, longer].map((changed) => comparable(400, changed, 'no')),
    ];
    expect(new Set(answers).size).toBe(answers.length);
  });
});
