// A server of S3: s3rver, which does not verify Signature Version 4, behind a proxy that does.
import { createHash, createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import S3rver from 's3rver';
import type { Bucket } from '../../../src/features/avatars/s3-files.ts';

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

/** A request, with its header fields in lower case. */
export interface SignedRequest {
  readonly method: string;
  /** Without a query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=[^/]+\/(\d{8})\/([\w-]+)\/s3\/aws4_request, ?SignedHeaders=([\w;-]+), ?Signature=([0-9a-f]{64})$/;

/**
 * True if a request is signed with a secret. Follows the description of Signature Version 4 in Amazon's documentation of
 * S3, "Authenticating Requests: Using the Authorization Header".
 */
export function isSignedWith(secret: string, { method, path, headers }: SignedRequest): boolean {
  const [, date = '', region = '', names = '', signature] =
    AUTHORIZATION.exec(String(headers.authorization)) ?? [];
  const fields = names.split(';').map((name) => `${name}:${headers[name]}\n`);
  const payload = String(headers['x-amz-content-sha256']);
  const canonical = [method, path, '', fields.join(''), names, payload].join('\n');
  const scope = `${date}/${region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const key = [date, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return hmac(key, text).toString('hex') === signature;
}

/** The only account of s3rver. */
const SECRET = 'S3RVER';

export interface SignedServer {
  readonly bucket: Bucket;
  /** The folder of the objects in the bucket. */
  readonly folder: string;
  close(): Promise<void>;
}

/** Starts a server with one bucket. It answers 403 unless the signature and the hash of the body are right. */
export async function startSignedServer(): Promise<SignedServer> {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-s3-'));
  const inner = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory,
    configureBuckets: [{ name: 'faces', configs: [] }],
  });
  const { port } = await inner.run();

  const pass = async (request: IncomingMessage): Promise<Response> => {
    const { method = '', url: path = '', headers } = request;
    const body = await buffer(request);
    const isWhole = sha256(body) === headers['x-amz-content-sha256'];
    if (!isWhole || !isSignedWith(SECRET, { method, path, headers })) {
      return new Response('SignatureDoesNotMatch', { status: 403 });
    }
    const kept = ['authorization', 'x-amz-date', 'x-amz-content-sha256', 'content-type'];
    const fields = kept.map((name): [string, string] => [name, String(headers[name] ?? '')]);
    const init = method === 'PUT' ? { body } : {};
    return fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: fields,
      ...init,
    });
  };
  const outer = createServer(async (request, response) => {
    const answer = await pass(request);
    response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>((resolve) => outer.listen(0, '127.0.0.1', resolve));
  const address = outer.address() as AddressInfo;
  return {
    bucket: {
      url: `http://127.0.0.1:${address.port}/faces`,
      region: 'us-east-1',
      accessKeyId: 'S3RVER',
      secretAccessKey: SECRET,
    },
    folder: join(directory, 'faces'),
    async close() {
      outer.closeAllConnections();
      await new Promise((resolve) => outer.close(resolve));
      await inner.close();
      rmSync(directory, { recursive: true });
    },
  };
}
