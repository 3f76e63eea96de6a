import type { FileStore } from '../../src/core/ports.ts';

type Operation = 'check' | 'put' | 'get' | 'delete';

/** A store of files in memory that a test can make fail or wait. */
export class MemoryFiles implements FileStore {
  readonly files = new Map<string, Uint8Array<ArrayBuffer>>();
  /** Runs before each operation. */
  before: (operation: Operation, key: string) => void | Promise<void> = () => {};

  /** Identifies the store. */
  store = 'memory';

  id(): Promise<string> {
    return Promise.resolve(this.store);
  }

  async check(): Promise<void> {
    await this.before('check', '');
  }

  async put(key: string, { bytes }: { readonly bytes: Uint8Array<ArrayBuffer> }): Promise<void> {
    await this.before('put', key);
    this.files.set(key, bytes);
  }

  async get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    await this.before('get', key);
    return this.files.get(key);
  }

  async delete(key: string): Promise<void> {
    await this.before('delete', key);
    this.files.delete(key);
  }
}
