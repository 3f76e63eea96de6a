import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient, type Fetch } from '../../src/client/client.ts';

const tokens = { access_token: 'secret-access', refresh_token: 'secret-refresh', expires_in: 3600 };

/** The requests that a foreign host has received. */
const received: string[] = [];
const stranger = createServer((request, response) => {
  received.push(`${request.url} ${request.headers.authorization}`);
  response.end('{}');
});
let strangersPort = 0;

beforeAll(async () => {
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  // The address of a server that listens on a TCP port is an `AddressInfo`.
  strangersPort = (stranger.address() as AddressInfo).port;
});
afterAll(() => stranger.close());

describe('where a client sends requests', () => {
  test('[S56] a path that turns the base URL into another host sends no token there', async () => {
    const client = createClient({ baseUrl: 'http://127.0.0.1' });
    await client.adoptTokens(tokens);
    // The cast stands for an untyped program, or for a path from elsewhere.
    const path = `:${strangersPort}/profile/me` as '/profile/me';
    await expect(client.request('GET', path)).rejects.toThrow(TypeError);
    expect(received).toEqual([]);
  });

  test('[S56] nothing is sent unless the path begins with exactly one slash', async () => {
    const sent: string[] = [];
    const fetch: Fetch = async (url) => {
      sent.push(url);
      return { status: 200, headers: new Headers(), text: async () => '{}' };
    };
    const client = createClient({ baseUrl: '', fetch });
    await client.adoptTokens(tokens);
    for (const path of [
      ...['', 'profile/me', '.evil.example/', '@evil.example/', ':9/', '?x', '#x', ' /profile/me'],
      ...['//evil.example/', '///evil.example/', '/\\evil.example/', '\\\\evil.example/'],
      ...['/\t/evil.example/', '/\n/evil.example/', '/\r\\evil.example', '\t//evil.example/'],
      ...['http://evil.example/', 'https:evil.example', 'data:,x'],
    ]) {
      const call = client.request('GET', path as '/profile/me');
      await expect(call, path).rejects.toThrow(TypeError);
    }
    expect(sent).toEqual([]);
    await client.request('GET', '/profile/me');
    expect(sent).toEqual(['/profile/me']);
  });

  test('[S56] http: is accepted only for this machine, unless the app allows it', () => {
    for (const baseUrl of [
      ...['', '/', '/api', 'https://api.example.com', 'https://api.example.com:8443/v1/'],
      ...[
        'http://localhost:8000',
        'HTTP://LocalHost',
        'http://127.0.0.1:8000/',
        'http://127.9.8.7',
      ],
      ...['http://[::1]', 'http://[::1]:8000/api'],
    ]) {
      expect(() => createClient({ baseUrl }), baseUrl).not.toThrow();
    }
    const plain = ['http://api.example.com', 'HTTP://192.168.1.20:8000', 'http://10.0.2.2:8000/'];
    for (const baseUrl of [
      ...plain,
      ...['http://localhost.evil.example', 'http://127.0.0.1.evil.example', 'http://127.0.0.evil'],
      ...['http://localhost@evil.example', 'http://localhost:8000@evil.example', 'http://[::1].x'],
      ...['http://localhost\\@evil.example', 'http://::1', 'http://0.0.0.0:8000', 'http://[::2]'],
    ]) {
      expect(() => createClient({ baseUrl }), baseUrl).toThrow(TypeError);
    }
    for (const baseUrl of plain) {
      expect(() => createClient({ baseUrl, allowInsecure: true }), baseUrl).not.toThrow();
      expect(() => createClient({ baseUrl, allowInsecure: false }), baseUrl).toThrow(TypeError);
    }
  });

  test('[S56] a base URL that is not one of an API is always rejected', () => {
    for (const baseUrl of [
      ...['//evil.example', '/\\evil.example', '/\t/evil.example', ' http://localhost', 'http:'],
      ...[
        'http:/evil.example',
        'http:\\\\evil.example',
        'ht\ntp://evil.example',
        'http:evil.example',
      ],
      ...['ftp://api.example.com', 'javascript:alert(1)', 'api.example.com', 'localhost:8000'],
      ...[
        'https://',
        'https:/api.example.com',
        'https://api.example.com?x',
        'https://api.example.com#',
      ],
    ]) {
      const create = () => createClient({ baseUrl, allowInsecure: true });
      expect(create, baseUrl).toThrow(TypeError);
    }
  });
});
