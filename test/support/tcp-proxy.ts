import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** The two connections between which the proxy forwards bytes. */
interface Link {
  readonly client: Socket;
  readonly server: Socket;
  /** Counts one disturbed chunk. */
  spoiled(): void;
}

/** Handles the bytes in both directions. */
export interface TcpFault {
  toServer(bytes: Buffer, link: Link): void;
  toClient(bytes: Buffer, link: Link): void;
}

const passOn = {
  toServer: (bytes: Buffer, { server }: Link) => void server.write(bytes),
  toClient: (bytes: Buffer, { client }: Link) => void client.write(bytes),
};

/** Delays the bytes in both directions, in milliseconds. */
const slow = (ms: number): TcpFault => ({
  toServer(bytes, { server, spoiled }) {
    spoiled();
    setTimeout(() => server.writable && server.write(bytes), ms);
  },
  toClient: (bytes, { client }) =>
    void setTimeout(() => client.writable && client.write(bytes), ms),
});

export const tcpFaults = {
  none: passOn,
  'a little slow': slow(150),
  'slower than is waited for': slow(4000),
  /** Accepts all bytes and forwards none. */
  silent: {
    toServer: (_, { spoiled }) => spoiled(),
    toClient: () => {},
  },
  /** The request does not reach the server. */
  'reset before the server gets it': {
    ...passOn,
    toServer(_, { client, spoiled }) {
      spoiled();
      client.resetAndDestroy();
    },
  },
  /** The server has processed the request. */
  'reset when the server answers': {
    ...passOn,
    toClient(_, { client, spoiled }) {
      spoiled();
      client.resetAndDestroy();
    },
  },
  /** The server has processed the request, and a part of its response arrives. */
  'cut in the middle of the answer': {
    ...passOn,
    toClient(bytes, { client, spoiled }) {
      spoiled();
      client.end(bytes.subarray(0, bytes.length - 20));
    },
  },
} as const satisfies Record<string, TcpFault>;

export type TcpFaultName = keyof typeof tcpFaults;

/** A TCP proxy that can disturb its connections, including those that are already open. */
export interface TcpProxy {
  readonly port: number;
  become(fault: TcpFaultName): void;
  /** The number of disturbed chunks so far. */
  spoiled(): number;
}

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  let fault: TcpFault = passOn;
  let spoiled = 0;
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const server = connect(targetPort, '127.0.0.1');
    const link: Link = {
      client,
      server,
      spoiled: () => {
        spoiled += 1;
      },
    };
    client.on('data', (bytes) => fault.toServer(bytes, link));
    server.on('data', (bytes) => fault.toClient(bytes, link));
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    proxy.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    become: (name) => {
      fault = tcpFaults[name];
    },
    spoiled: () => spoiled,
  };
}
