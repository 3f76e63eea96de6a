import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createOutbound } from '../../src/core/outbound.ts';
import { createS3Store } from '../../src/features/avatars/s3-files.ts';
import { Api } from '../support/api.ts';
import { createAvatarRoom } from '../support/avatar-room.ts';
import { startSignedServer } from '../support/file-store/signed-server.ts';
import { png } from '../support/pictures.ts';
import { openWith, type RawConnection, rawText, until } from '../support/raw-connection.ts';
import { emptyFolder, SERVERS, type ServerName, startServer } from '../support/server.ts';

const names = Object.keys(SERVERS) as ServerName[];
const UPLOAD_BYTES = 5_000_000;
const UPLOADS = 10;

/** The head of an upload whose body does not arrive. */
const withheld = (token: string): string =>
  rawText('PUT /profile/me/avatar', [
    `Authorization: Bearer ${token}`,
    'Content-Type: image/png',
    `Content-Length: ${UPLOAD_BYTES}`,
  ]);

const rejected = (connections: readonly RawConnection[], status: number): number =>
  connections.filter(({ received }) => received().startsWith(`HTTP/1.1 ${status} `)).length;

describe.each(names)('%s', (name) => {
  test(`[S82] of ${UPLOADS} withheld uploads of 5 MB, six use up the memory of bodies; other requests go on`, async () => {
    const { baseUrl } = await startServer(name, emptyFolder());
    const api = new Api(baseUrl);
    const held: RawConnection[] = [];
    for (let i = 0; i < UPLOADS; i++) {
      const { token } = await api.newAccount();
      held.push(await openWith(baseUrl, withheld(token), { from: `127.0.0.${10 + i}` }));
    }
    await until(() => rejected(held, 503) === UPLOADS - 6);
    const account = await api.newAccount();
    const change = await api.json('PUT', '/profile/me', { bio: 'x' }, account.bearer);
    expect(change.status).toBe(200);
    const headers = { ...account.bearer, 'Content-Type': 'image/png' };
    const upload = () => api.request('PUT', '/profile/me/avatar', { headers, body: png() });
    expect((await upload()).status).toBe(200);
    expect(rejected(held, 503)).toBe(UPLOADS - 6);
  });

  test('[S82] of two uploads of a user at once, one gets 429 before its body', async () => {
    const { baseUrl } = await startServer(name, emptyFolder());
    const api = new Api(baseUrl);
    const { token } = await api.newAccount();
    const both = [
      await openWith(baseUrl, withheld(token)),
      await openWith(baseUrl, withheld(token)),
    ];
    await until(() => rejected(both, 429) > 0);
    expect(both.map(({ received }) => received()).filter((text) => text === '')).toHaveLength(1);
  });
});

type Fault = 'none' | 'status 500' | 'cut' | 'lost answer' | 'no answer';

/** A bucket of S3 behind a proxy that breaks requests. */
async function startBrokenBucket() {
  const server = await startSignedServer();
  let fault: Fault = 'none';
  const target = new URL(server.bucket.url);
  const proxy = createServer((incoming, outgoing) => {
    if (fault === 'cut') {
      outgoing.destroy();
      return;
    }
    if (fault === 'no answer') return;
    if (fault === 'status 500') {
      outgoing.writeHead(500).end('<Error><Code>InternalError</Code></Error>');
      return;
    }
    const { method, url: path, headers } = incoming;
    const forwarded = request(
      { hostname: target.hostname, port: target.port, method, path, headers },
      (answer) => {
        if (fault === 'lost answer') {
          answer.resume().on('end', () => outgoing.destroy());
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(async () => {
    proxy.closeAllConnections();
    proxy.close();
    await server.close();
  });
  const { port } = proxy.address() as AddressInfo;
  const through = { ...server.bucket, url: `http://127.0.0.1:${port}${target.pathname}` };
  const send = createOutbound(fetch);
  return {
    files: createS3Store(through, send),
    /** The same bucket without the proxy. */
    direct: createS3Store(server.bucket, send),
    breakWith: (next: Fault) => {
      fault = next;
    },
  };
}

describe('a bucket that fails', () => {
  test.each(['status 500', 'cut', 'lost answer', 'no answer'] as const)(
    '[S84] %s: an upload answers 503 and keeps the earlier picture; after an hour nothing of it is left',
    async (fault) => {
      const { files, direct, breakWith } = await startBrokenBucket();
      const room = await createAvatarRoom({}, () => files);
      const first = await room.shown();
      breakWith(fault);
      const answer = await room.put(png({ seed: 2 }));
      expect([answer.status, (await answer.json()).code]).toEqual([503, 'files_unavailable']);
      expect(await room.keysShown()).toEqual([first]);
      const [left] = (await room.rows()).filter(({ key }) => key !== first);
      breakWith('none');
      // The bucket has stored the file of which it could not say so.
      expect((await direct.get(left?.key ?? '')) !== undefined).toBe(fault === 'lost answer');
      expect((await room.app.request(`/avatars/${first}`)).status).toBe(200);
      room.advance(3600);
      await room.tick();
      expect(await room.rows()).toEqual([{ key: first, removeAt: null }]);
      expect(await direct.get(left?.key ?? '')).toBeUndefined();
      expect(await direct.get(first)).toEqual(png());
    },
  );

  test('[S84] a picture that cannot be deleted is deleted by a later run', async () => {
    const { files, direct, breakWith } = await startBrokenBucket();
    const room = await createAvatarRoom({}, () => files);
    const first = await room.shown();
    breakWith('status 500');
    expect((await room.remove()).status).toBe(204);
    await room.idle();
    expect(await direct.get(first)).toEqual(png());
    breakWith('none');
    await room.tick();
    expect(await direct.get(first)).toBeUndefined();
    expect(await room.rows()).toEqual([]);
  });
});
