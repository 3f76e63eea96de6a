import { type Answer, Api } from '../api.ts';
import { TEST_CLOCK_HEADER } from './header.ts';

const START = Date.UTC(2026, 0, 1, 12);

let callers = 0;

/** Returns an address that is unique within the test run. */
const newAddress = (): string => {
  callers += 1;
  return `10.${(callers >> 16) & 255}.${(callers >> 8) & 255}.${callers & 255}`;
};

/**
 * Calls an API that was started with the movable clock, as if through one proxy. Its time stands still until a test
 * moves it. Each instance has its own address.
 */
export class TimedApi extends Api {
  /** Milliseconds since 1970. */
  now = START;

  /** The value of `X-Forwarded-For`. */
  address = newAddress();

  /** Moves the clock; a negative number moves it back. */
  advance(seconds: number): void {
    this.now += Math.round(seconds * 1000);
  }

  override request(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const headers = new Headers(init.headers);
    headers.set(TEST_CLOCK_HEADER, String(this.now));
    if (!headers.has('X-Forwarded-For')) headers.set('X-Forwarded-For', this.address);
    return super.request(method, path, { ...init, headers });
  }
}
