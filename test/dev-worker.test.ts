import { expect, test } from 'vitest';
import { announcement } from '../scripts/dev-worker.ts';

const URL = 'http://127.0.0.1:8000';
const DATA = /^Its data is in \.wrangler\/state, apart from that of `npm start`/m;

test('the announcement names /docs, the documented demo login and the data folder', () => {
  const text = announcement(URL, '{"description": "password `to_share@123`"}', false);
  expect(text).toContain('Try it at http://127.0.0.1:8000/docs\n');
  expect(text).toContain('Demo login: 7760873976 with password to_share@123\n');
  expect(text).toMatch(DATA);
});

test('it names no demo login without a demo user, and no /docs without a document', () => {
  const withoutDemo = announcement(URL, '{}', false);
  expect(withoutDemo).toContain('/docs');
  expect(withoutDemo).not.toContain('Demo login');
  expect(announcement(URL, '', false)).not.toContain('/docs');
});

test('with a database server, it does not name local D1', () => {
  expect(announcement(URL, '{}', true)).not.toMatch(DATA);
});
