import { AwsV4Signer } from 'aws4fetch';
import { toHex } from '../../core/crypto/bytes.ts';
import { checkFile, checkKey, MAX_FILE_BYTES } from '../../core/files.ts';
import type { FileStore, Outbound, OutboundAnswer, StoredFile } from '../../core/ports.ts';
import type { TraceContext } from '../../core/trace.ts';

const LIMIT_MS = 10_000;
/** Somebody waits for a picture, and it can be requested again. */
const GET_LIMIT_MS = 3000;
/** Enough for the error documents of S3. */
const MAX_ERROR_BYTES = 65_536;
const NO_BYTES = new Uint8Array(0);

/** A bucket, and the key to it. */
export interface Bucket {
  /** `https://HOST/BUCKET`, without a trailing slash. */
  readonly url: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

type Method = 'PUT' | 'GET' | 'DELETE';

/** Stores files in a bucket of S3, R2 or a compatible server, over HTTP with Signature Version 4. */
export function createS3Store(
  { url: bucket, region, accessKeyId, secretAccessKey }: Bucket,
  send: Outbound,
): FileStore {
  const access = { service: 's3', region, accessKeyId, secretAccessKey };

  async function request(
    method: Method,
    key: string,
    { type, bytes }: Partial<StoredFile> = {},
    trace?: TraceContext,
  ): Promise<OutboundAnswer> {
    checkKey(key);
    const signer = new AwsV4Signer({
      ...access,
      method,
      url: `${bucket}/${key}`,
      headers: { 'X-Amz-Content-Sha256': await hashOf(bytes ?? NO_BYTES) },
    });
    const { url, headers } = await signer.sign();
    if (type !== undefined) headers.set('Content-Type', type);
    return send(url.href, {
      method,
      headers: Object.fromEntries(headers),
      ...(bytes && { body: bytes }),
      trace,
      limitMs: method === 'GET' ? GET_LIMIT_MS : LIMIT_MS,
      maxBytes: method === 'GET' ? MAX_FILE_BYTES : MAX_ERROR_BYTES,
    });
  }

  async function get(
    key: string,
    trace?: TraceContext,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const answer = await request('GET', key, {}, trace);
    if (isMissing(answer)) return undefined;
    if (answer.status !== 200) throw failure('GET', answer.status);
    return answer.bytes;
  }

  return {
    id: () => Promise.resolve(`s3:${bucket.replace(/^https?:\/\//, '')}`),

    async check() {
      await get('check');
    },

    async put(key, file, trace) {
      checkFile(key, file);
      const { status } = await request('PUT', key, file, trace);
      if (status !== 200) throw failure('PUT', status);
    },

    get,

    async delete(key) {
      const answer = await request('DELETE', key);
      const isDeleted = answer.status === 204 || answer.status === 200 || isMissing(answer);
      if (!isDeleted) throw failure('DELETE', answer.status);
    },
  };
}

/** True if the bucket has no such object. The status alone may also mean that there is no such bucket. */
const isMissing = ({ status, bytes }: OutboundAnswer): boolean =>
  status === 404 && new TextDecoder().decode(bytes).includes('<Code>NoSuchKey</Code>');

/** The answer of the bucket is left out, because it may repeat the access key. */
const failure = (method: Method, status: number): Error =>
  new Error(`The bucket of AVATARS answered ${status} to ${method}`);

async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}
