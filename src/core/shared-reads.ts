import { withinLimit } from './outbound.ts';
import type { FileStore, HeldFile } from './ports.ts';
import type { TraceContext } from './trace.ts';

/** How {@link shareReads} bounds reads. */
export interface ReadLimits {
  /** Maximum number of reads of the store in flight. */
  readonly maxReads: number;
  /** Timeout of a read, in milliseconds. */
  readonly limitMs: number;
  /** Maximum number of bytes that responses hold. */
  readonly maxBytes: number;
}

const READ_LIMITS: ReadLimits = {
  maxReads: 32,
  limitMs: 5000,
  maxBytes: 64 * 1024 * 1024,
};

/** For how long later responses share the bytes that a response holds. Another server may have deleted the file. */
const FRESH_MS = 5000;
/** A hold counts for at most this long, in case a runtime forgets to cancel the response of a lost connection. */
const MAX_HELD_MS = 600_000;

/** A file that is being read, or whose bytes are held. */
interface Entry {
  readonly key: string;
  readonly begunAt: number;
  readonly bytes: Promise<Uint8Array<ArrayBuffer> | undefined>;
  holders: number;
}

/**
 * Bounds the reads of a store, so that a slow store or slow clients cannot use up the process: few reads run at once, and
 * none waits for another; requests for the same file share one read and one buffer; the buffers that responses hold
 * have a budget. Beyond a limit, `hold` and `get` reject at once.
 *
 * Not for Workers, where a request must not wait for the I/O of another request.
 */
export function shareReads(
  store: FileStore,
  limits: Partial<ReadLimits> = {},
): FileStore & Required<Pick<FileStore, 'hold'>> {
  const { maxReads, limitMs, maxBytes } = { ...READ_LIMITS, ...limits };
  /** The entries that further requests may share. */
  const shared = new Map<string, Entry>();
  /** The sizes of the buffers that are held, the oldest first. */
  const held = new Map<Entry, number>();
  let heldBytes = 0;
  let reads = 0;

  /** A read keeps its place until the store has answered, even after its timeout: a thread of the pool waits for it. */
  async function read(key: string, trace: TraceContext | undefined) {
    if (reads >= maxReads) throw new Error('Too many files are being read');
    reads += 1;
    const work = store.get(key, trace).finally(() => {
      reads -= 1;
    });
    return withinLimit(limitMs, () => work);
  }

  function forget(entry: Entry): void {
    heldBytes -= held.get(entry) ?? 0;
    held.delete(entry);
    if (shared.get(entry.key) === entry) shared.delete(entry.key);
  }

  function forgetOld(now: number): void {
    for (const entry of held.keys()) {
      if (now - entry.begunAt < MAX_HELD_MS) return;
      forget(entry);
    }
  }

  function begin(key: string, now: number, trace: TraceContext | undefined): Entry {
    const entry: Entry = { key, begunAt: now, holders: 0, bytes: read(key, trace).then(account) };
    function account(bytes: Uint8Array<ArrayBuffer> | undefined) {
      const size = bytes?.length ?? 0;
      if (heldBytes + size > maxBytes) forgetOld(performance.now());
      if (heldBytes + size > maxBytes) throw new Error('Too many files are being sent');
      held.set(entry, size);
      heldBytes += size;
      return bytes;
    }
    shared.set(key, entry);
    return entry;
  }

  async function hold(key: string, trace?: TraceContext): Promise<HeldFile | undefined> {
    const now = performance.now();
    const known = shared.get(key);
    const entry = known && now - known.begunAt < FRESH_MS ? known : begin(key, now, trace);
    entry.holders += 1;
    let isHeld = true;
    const release = () => {
      if (!isHeld) return;
      isHeld = false;
      entry.holders -= 1;
      if (entry.holders === 0) forget(entry);
    };
    try {
      const bytes = await entry.bytes;
      if (bytes) return { bytes, release };
      release();
      return undefined;
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Requests from now on must not get the bytes that were read before. */
  const thenForget = (key: string, change: Promise<void>): Promise<void> =>
    change.finally(() => shared.delete(key));

  return {
    id: () => store.id(),
    check: () => store.check(),
    hold,

    async get(key, trace) {
      const file = await hold(key, trace);
      file?.release();
      return file?.bytes;
    },

    put: (key, file, trace) => thenForget(key, store.put(key, file, trace)),
    delete: (key) => thenForget(key, store.delete(key)),
  };
}
