// Runs the checks of a file store on the runtime that the first argument names. The second is a folder, or a bucket as
// JSON. Prints the outcomes as JSON.
import { createOutbound } from '../../../src/core/outbound.ts';
import { createS3Store } from '../../../src/features/avatars/s3-files.ts';
import { createFolderStore } from '../../../src/runtime/ports/file-folder.ts';
import type { ServerRuntime } from '../../../src/runtime/servers/server-runtime.ts';
import { outcomesOf } from './checks.ts';

const [name = '', target = ''] = process.argv.slice(2);
// The cast is safe: each of these files exports a `runtime`.
const { runtime } = (await import(`../../../src/runtime/servers/${name}-listen.ts`)) as {
  runtime: ServerRuntime;
};
const send = createOutbound(runtime.fetchOnce ?? fetch);
const isBucket = target.startsWith('{');
const store = isBucket ? createS3Store(JSON.parse(target), send) : createFolderStore(target);
console.log(JSON.stringify(await outcomesOf(store)));
