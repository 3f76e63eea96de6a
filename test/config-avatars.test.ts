import { describe, expect, test } from 'vitest';
import { parseConfig } from '../src/config/config.ts';
import {
  errorOf,
  GOOD_SECRET,
  onWorkers,
  parse,
  production,
  refused,
  type Settings,
} from './support/settings.ts';

const KEYS = { S3_ACCESS_KEY_ID: 'AKIDEXAMPLE', S3_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPx' };
const avatarsOf = (settings: Settings) => parse(settings).avatars;

describe('AVATARS', () => {
  test('unset leaves the choice to the host, in production too', () => {
    expect(avatarsOf({})).toEqual({ kind: 'default' });
    expect(avatarsOf(production)).toEqual({ kind: 'default' });
  });

  test.each([
    ['off', { kind: 'off' }],
    ['folder:./pictures', { kind: 'folder', path: './pictures' }],
    ['folder:/var/lib/a b:c', { kind: 'folder', path: '/var/lib/a b:c' }],
  ])('accepts %s', (AVATARS, expected) => {
    expect(avatarsOf({ AVATARS })).toEqual(expected);
  });

  test.each([
    [
      'https://s3.eu-west-3.amazonaws.com/faces',
      'https://s3.eu-west-3.amazonaws.com/faces',
      'eu-west-3',
    ],
    ['https://s3.amazonaws.com/faces', 'https://s3.amazonaws.com/faces', 'us-east-1'],
    [
      'https://s3.amazonaws.com/faces?region=eu-north-1',
      'https://s3.amazonaws.com/faces',
      'eu-north-1',
    ],
    [
      'https://0abc.r2.cloudflarestorage.com/faces',
      'https://0abc.r2.cloudflarestorage.com/faces',
      'auto',
    ],
    ['https://minio.example:9000/My_faces.1', 'https://minio.example:9000/My_faces.1', 'us-east-1'],
    ['http://localhost:9000/faces', 'http://localhost:9000/faces', 'us-east-1'],
    ['http://127.0.0.1:4568/faces?region=auto', 'http://127.0.0.1:4568/faces', 'auto'],
  ])('accepts s3:%s with its keys', (text, url, region) => {
    expect(avatarsOf({ ...production, ...KEYS, AVATARS: `s3:${text}` })).toEqual({
      kind: 's3',
      url,
      region,
      accessKeyId: KEYS.S3_ACCESS_KEY_ID,
      secretAccessKey: KEYS.S3_SECRET_ACCESS_KEY,
    });
  });

  test.each([
    ['s3.dualstack.eu-west-1.amazonaws.com', 'eu-west-1'],
    ['s3-eu-west-1.amazonaws.com', 'eu-west-1'],
    ['s3.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    ['s3-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
    ['s3-fips.dualstack.us-east-2.amazonaws.com', 'us-east-2'],
    ['s3-external-1.amazonaws.com', 'us-east-1'],
    ['s3.us-west-004.backblazeb2.com', 'us-west-004'],
    ['s3.fr-par.scw.cloud', 'fr-par'],
    ['s3.eu-central-2.wasabisys.com', 'eu-central-2'],
    ['s3.example.com', 'us-east-1'],
    ['s3.my-company.com', 'us-east-1'],
  ])('takes the region from %s', (host, region) => {
    const AVATARS = `s3:https://${host}/faces`;
    expect(avatarsOf({ ...KEYS, AVATARS })).toMatchObject({ region });
  });

  test('requires the region of a host of Amazon that does not tell it', () => {
    const AVATARS = 's3:https://s3-accelerate.amazonaws.com/faces';
    expect(refused({ ...KEYS, AVATARS })).toEqual(['AVATARS']);
    const { problems } = errorOf(() => parse({ ...KEYS, AVATARS }));
    expect(problems.join()).toContain('?region=REGION');
    expect(avatarsOf({ ...KEYS, AVATARS: `${AVATARS}?region=eu-west-1` })).toMatchObject({
      region: 'eu-west-1',
    });
  });

  test.each([
    'on',
    'folder:',
    'folder:a\0b',
    '/var/lib/avatars',
    's3:',
    's3:faces',
    's3:https://s3.example',
    's3:https://s3.example/',
    's3:https://s3.example/faces/',
    's3:https://s3.example/faces/deeper',
    's3:https://s3.example/../faces',
    's3:https://s3.example/a',
    's3:https://s3.example/faces#x',
    's3:https://s3.example/faces?',
    's3:https://s3.example/faces?region=',
    's3:https://s3.example/faces?region=eu%2f1',
    's3:https://s3.example/faces?region=eu-1&x=1',
    's3:https://key:secret@s3.example/faces',
    's3:http://s3.example/faces',
    's3:http://127.0.0.1.evil.example/faces',
    's3:ftp://s3.example/faces',
    `s3:https://s3.example/${'x'.repeat(2048)}`,
  ])('rejects %s', (AVATARS) => {
    expect(refused({ ...KEYS, AVATARS })).toEqual(['AVATARS']);
  });

  test('requires both keys of a bucket, and no keys without one', () => {
    const AVATARS = 's3:https://s3.example/faces';
    expect(refused({ AVATARS })).toEqual(['S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY']);
    expect(refused({ AVATARS, S3_ACCESS_KEY_ID: 'id' })).toEqual(['S3_SECRET_ACCESS_KEY']);
    expect(avatarsOf({ ...KEYS, AVATARS: 'off' })).toEqual({ kind: 'off' });
  });

  test('names a key that is not valid without repeating it', () => {
    const { problems } = errorOf(() => parse({ S3_SECRET_ACCESS_KEY: 'with a space' }));
    expect(problems).toEqual([expect.stringMatching(/^S3_SECRET_ACCESS_KEY: must be /)]);
    expect(problems.join()).not.toContain('with a');
  });

  test('a host without files rejects a folder, and takes its binding of the same name for none', () => {
    const secret = { SECRET_KEY: GOOD_SECRET };
    expect(refused({ ...secret, AVATARS: 'folder:./a' }, onWorkers)).toEqual(['AVATARS']);
    const bound = { ...secret, AVATARS: { put: () => undefined } };
    expect(parseConfig(bound, onWorkers).avatars).toEqual({ kind: 'default' });
    const bucket = { ...secret, ...KEYS, AVATARS: 's3:https://s3.example/faces' };
    expect(parse(bucket, onWorkers).avatars).toMatchObject({ kind: 's3' });
  });
});
