import type { R2Bucket } from '@cloudflare/workers-types';
import { createOutbound } from '../../../src/core/outbound.ts';
import { type Bucket, createS3Store } from '../../../src/features/avatars/s3-files.ts';
import { createR2Store } from '../../../src/runtime/ports/r2-files.ts';
import { outcomesOf } from './checks.ts';

/** Runs the checks on the bound R2 bucket at `/r2`, and on the bucket of the setting `BUCKET` at `/s3`. */
export default {
  async fetch(request: Request, env: { AVATARS: R2Bucket; BUCKET: Bucket }): Promise<Response> {
    const isR2 = new URL(request.url).pathname === '/r2';
    const send = createOutbound((input, init) => fetch(input, init));
    const store = isR2 ? createR2Store(env.AVATARS) : createS3Store(env.BUCKET, send);
    return Response.json(await outcomesOf(store));
  },
};
