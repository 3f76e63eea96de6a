// The load generator, a separate process that runs on Bun. Generators for Node saturate a core at 40,000 to 60,000
// requests a second. Bun's sockets with prepared requests reach about twice that rate, which is needed to saturate bare
// Hono on Bun and Deno.
import { Buffer } from 'node:buffer';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { percentile } from '../statistics.ts';
import type { Command, Job, JobResult, Reply } from './job.ts';
import { frame } from './response.ts';

/** The part of Bun's global object that is used here (https://bun.com/docs/runtime/networking/tcp). */
declare const Bun: {
  connect(options: {
    hostname: string;
    port: number;
    socket: {
      open(socket: BunSocket): void;
      data(socket: BunSocket, bytes: Buffer): void;
      drain(socket: BunSocket): void;
      close(): void;
      error(socket: BunSocket, error: Error): void;
    };
  }): Promise<BunSocket>;
};

interface BunSocket {
  write(bytes: Buffer): number;
  setNoDelay(on: boolean): void;
  end(): void;
}

const PLACEHOLDER = '{refresh_token}';
/** How long after the end of a job the last responses may arrive. */
const GRACE_MS = 15_000;
const CONNECT_LIMIT_MS = 5000;

/** For each job name, the position in its list of requests. */
const cursors = new Map<string, number>();

function run(job: Job): Promise<JobResult> {
  return new Promise((resolve, reject) => {
    const requests = job.requests.map((text) => Buffer.from(text));
    const refreshTokens = [...(job.refreshTokens ?? [])];
    const times: number[] = [];
    const sockets: BunSocket[] = [];
    const cpuAtStart = process.cpuUsage();
    const startedAt = performance.now();
    const deadline = startedAt + job.seconds * 1000;
    let cursor = cursors.get(job.name) ?? 0;
    let open = job.connections;
    let lastAnswer = startedAt;
    let isDone = false;
    /** The length of the first response, in bytes. */
    let usualLength = 0;
    /** The total duration of the event-loop turns in which no response arrived. */
    let idleMs = 0;

    const limit = setTimeout(
      () => fail(`no answer ${GRACE_MS} ms after the end, of ${open} connections`),
      job.seconds * 1000 + GRACE_MS + CONNECT_LIMIT_MS,
    );

    function fail(fault: string): void {
      if (isDone) return;
      close();
      reject(new Error(fault));
    }

    function close(): void {
      isDone = true;
      clearTimeout(limit);
      for (const socket of sockets) socket.end();
      cursors.set(job.name, cursor);
    }

    function finish(): void {
      if (times.length === 0) {
        fail('no answer within the time');
        return;
      }
      close();
      const seconds = (lastAnswer - startedAt) / 1000;
      const { user, system } = process.cpuUsage(cpuAtStart);
      resolve({
        answers: times.length,
        seconds,
        perSecond: times.length / seconds,
        p50: percentile(times, 0.5),
        p99: percentile(times, 0.99),
        max: percentile(times, 1),
        busy: Math.max(0, (user + system) / 1e6 - idleMs / 1000) / seconds,
        ...(job.refreshTokens && { refreshTokens }),
      });
    }

    function connection(index: number): void {
      // At a steady rate, the connections start one after another, and each request has a time at which it is due.
      const interval = job.perSecond === undefined ? 0 : (1000 * job.connections) / job.perSecond;
      let due = startedAt + (interval * index) / job.connections;
      let sentAt = 0;
      let received: Buffer | undefined;
      let unsent: Buffer | undefined;

      function send(socket: BunSocket, since: number): void {
        const request = requests[cursor++ % requests.length];
        if (!request) {
          fail('a job without a request');
          return;
        }
        const token = refreshTokens[index];
        sentAt = since;
        write(socket, token === undefined ? request : withToken(request, token));
      }

      function write(socket: BunSocket, bytes: Buffer): void {
        const written = socket.write(bytes);
        unsent = written < bytes.length ? bytes.subarray(Math.max(0, written)) : undefined;
      }

      function next(socket: BunSocket): void {
        const now = performance.now();
        if (now >= deadline) {
          open--;
          if (open === 0) finish();
          return;
        }
        if (interval === 0) {
          send(socket, now);
          return;
        }
        // If a late response delays a request, the latency counts from the time at which the request was due, because a
        // real client would have waited since then. A delay by this process's own timer does not count.
        const wasDue = due;
        due += interval;
        if (wasDue <= now) {
          send(socket, wasDue);
          return;
        }
        setTimeout(() => {
          if (!isDone) send(socket, performance.now());
        }, wasDue - now);
      }

      void Bun.connect({
        hostname: '127.0.0.1',
        port: job.port,
        socket: {
          open(socket) {
            sockets.push(socket);
            socket.setNoDelay(true);
            next(socket);
          },
          data(socket, bytes) {
            if (isDone) return;
            const whole = received ? Buffer.concat([received, bytes]) : bytes;
            try {
              const framing = frame(whole);
              if (framing === 'incomplete') {
                // Copied, because the socket reuses its buffer.
                received = Buffer.from(whole);
                return;
              }
              received = undefined;
              lastAnswer = performance.now();
              times.push(lastAnswer - sentAt);
              if (framing.status !== 200) {
                const request = requests[(cursor - 1) % requests.length]?.toString() ?? '';
                const asked = request.slice(0, request.indexOf(' HTTP'));
                return fail(`${asked} answered ${whole.toString().slice(0, 400)}`);
              }
              usualLength ||= whole.length;
              // Some servers respond with 200 and an empty body after the session has ended.
              if (whole.length * 2 < usualLength) {
                return fail(`an answer of ${whole.length} bytes, after one of ${usualLength}`);
              }
              if (job.refreshTokens) refreshTokens[index] = refreshTokenIn(whole);
              next(socket);
            } catch (error) {
              fail(String(error));
            }
          },
          drain(socket) {
            if (unsent) write(socket, unsent);
          },
          close: () => fail('the server has closed a connection'),
          error: (_, error) => fail(String(error)),
        },
      }).catch((error: unknown) => fail(String(error)));
    }

    for (let index = 0; index < job.connections; index++) connection(index);

    let turnBegan = startedAt;
    const spin = (): void => {
      const now = performance.now();
      if (lastAnswer < turnBegan) idleMs += now - turnBegan;
      turnBegan = now;
      if (!isDone) setImmediate(spin);
    };
    if (job.isAwake) spin();
  });
}

/** Inserts the token and removes the same number of blanks from the end, so that the length does not change. */
const withToken = (request: Buffer, token: string): Buffer =>
  Buffer.from(
    request.toString().replace(PLACEHOLDER, token).padEnd(request.length).slice(0, request.length),
  );

function refreshTokenIn(response: Buffer): string {
  const token = /"refresh_token":"([^"]+)"/.exec(
    response.toString('latin1', 0, response.length),
  )?.[1];
  if (token === undefined) throw new Error('an answer without a refresh token');
  return token;
}

const reply = (message: Reply): void => void process.stdout.write(`${JSON.stringify(message)}\n`);

for await (const line of createInterface({ input: process.stdin })) {
  // The cast is safe: client.ts writes values of this type.
  const { id, job } = JSON.parse(line) as Command;
  run(job).then(
    (result) => reply({ id, result }),
    (error: unknown) =>
      reply({ id, fault: error instanceof Error ? error.message : String(error) }),
  );
}
