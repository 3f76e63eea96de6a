import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { logIn, readProfile, refresh, updateProfileFrom } from '../../bench/load/requests.ts';
import { frame } from '../../bench/load/response.ts';
import { readRanges } from '../../bench/pinning.ts';
import { createProgress } from '../../bench/progress.ts';
import { inTurns } from '../../bench/rounds.ts';

const framed = (text: string) => frame(Buffer.from(text));

test('a response with a length is complete with its last byte', () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\ncontent-length: 5\r\n\r\n';
  for (const text of ['HTTP/1.1 200', head.slice(0, -1), head, `${head}hell`]) {
    expect(framed(text)).toBe('incomplete');
  }
  expect(framed(`${head}hello`)).toEqual({ status: 200 });
  expect(() => framed(`${head}hello!`)).toThrow('after the end');
});

test('a length counts bytes, and is not read from the body', () => {
  expect(framed('HTTP/1.1 429 No\r\nContent-Length: 2\r\n\r\né')).toEqual({ status: 429 });
  expect(framed('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\né')).toBe('incomplete');
  expect(() => framed('HTTP/1.1 200 OK\r\n\r\n\r\nContent-Length: 0')).toThrow('without a length');
});

test('a chunked response is complete with its last chunk, one without a body at once', () => {
  const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
  expect(framed(`${head}5\r\nhello\r\n`)).toBe('incomplete');
  expect(framed(`${head}5\r\nhello\r\n0\r\n\r\n`)).toEqual({ status: 200 });
  expect(framed('HTTP/1.1 204 No Content\r\nDate: now\r\n\r\n')).toEqual({ status: 204 });
});

test.each([
  ['a read', readProfile('t'), 'GET /profile/me'],
  ['an update', updateProfileFrom('10.0.0.1', 't', 'é'), 'PUT /profile/me'],
  ['a login', logIn('ada@example.com', 'a b&c'), 'POST /auth/login'],
  ['a refresh', refresh(), 'POST /auth/refresh'],
])('%s is a complete request with the length of its body', (_, request, line) => {
  const [head = '', body = ''] = request.split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^${line} HTTP/1\\.1\r\nHost: 127\\.0\\.0\\.1\r\n`));
  const length = /Content-Length: (\d+)/.exec(head)?.[1] ?? '0';
  expect(Buffer.byteLength(body)).toBe(Number(length));
});

test('contenders are measured in turns, and warm-up is not counted', async () => {
  const order: string[] = [];
  const contender = (name: string) => ({
    name,
    measure: async (seconds: number) => {
      order.push(`${name}${seconds}`);
      return order.length;
    },
  });
  const shares: number[] = [];
  const results = await inTurns([contender('A'), contender('B')], {
    rounds: 2,
    seconds: 5,
    maxWarmUps: 1,
    warmUpSeconds: 1,
    onStep: (share) => shares.push(share),
  });
  expect(order).toEqual(['A1', 'B1', 'A5', 'B5', 'A5', 'B5']);
  expect(results).toEqual([
    [3, 5],
    [4, 6],
  ]);
  expect(shares).toEqual([0, 1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6]);
});

test('a contender that is not warm is warmed up again, up to a maximum', async () => {
  const order: string[] = [];
  const contender = (name: string, warmAfter: number) => ({
    name,
    measure: async () => order.push(name),
    isWarm: (warmUps: readonly number[]) => warmUps.length >= warmAfter,
  });
  const plan = { rounds: 1, seconds: 0, warmUpSeconds: 0, maxWarmUps: 3, onStep: () => {} };
  await inTurns([contender('A', 2), contender('B', 99)], plan);
  expect(order.join('')).toBe('AABBBAB');
});

test('processor ranges are parsed in the format of Linux', () => {
  expect(readRanges('0-2,5')).toEqual([0, 1, 2, 5]);
  expect(readRanges('3')).toEqual([3]);
  expect(readRanges('')).toEqual([]);
});

test('progress is one rewritten line on a terminal, and separate lines elsewhere', () => {
  const weights = new Map([
    ['a', 1],
    ['b', 3],
  ]);
  const run = (isTTY: boolean): string => {
    let written = '';
    const write = (text: string) => {
      written += text;
    };
    const progress = createProgress({ isTTY, columns: 40, write }, weights);
    progress.begin('a');
    progress.begin('b');
    progress.at(0.5, 'round 1');
    progress.at(0.5, 'round 1');
    progress.end();
    return written;
  };
  expect(run(false)).toBe('  0%  a\n 25%  b\n 62%  b · round 1\n');
  const lines = run(true).split('\r\u001b[2K');
  expect(lines.at(-1)).toBe('');
  expect(lines.every((line) => line.length < 40 && !line.includes('\n'))).toBe(true);
});
