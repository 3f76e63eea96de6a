import { type Answer, Api } from '../api.ts';
import { TEST_CLOCK_HEADER } from './header.ts';

const START = Date.UTC(2026, 0, 1, 12);

/** Calls an API that was started with the movable clock. Its time stands still until a test moves it. */
export class TimedApi extends Api {
  /** Milliseconds since 1970. */
  now = START;

  /** Moves the clock; a negative number moves it back. */
  advance(seconds: number): void {
    this.now += Math.round(seconds * 1000);
  }

  override request(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const headers = new Headers(init.headers);
    headers.set(TEST_CLOCK_HEADER, String(this.now));
    return super.request(method, path, { ...init, headers });
  }
}
