// Finds the operation that a request is for, by the document and the URL standard.
import type { Operation } from './document.ts';
import type { Sent } from './sent.ts';

export interface Route {
  /** The path that the server receives. `fetch` has resolved its dot segments. */
  readonly path: string;
  /** All operations on this path, for any method. */
  readonly siblings: readonly Operation[];
  /** The operation that answers. `HEAD` is answered by the operation of `GET`. */
  readonly operation?: Operation;
  /** Whether the path matches only after percent-decoding, which a router may do or not. */
  readonly isOddlyWritten: boolean;
}

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

const patternOf = (template: string): RegExp =>
  new RegExp(
    `^${template
      .split(/\{[^}]+\}/)
      .map(escaped)
      .join('[^/]+')}$`,
  );

export function routeOf(
  operations: readonly Operation[],
  sent: Pick<Sent, 'method' | 'target'>,
): Route {
  // Concatenated and not resolved, because a target that starts with `//` is a path and not a host.
  const { pathname } = new URL(`http://api.example${sent.target}`);
  const decoded = decode(pathname);
  const matching = (path: string) => operations.filter((one) => patternOf(one.path).test(path));
  const plain = matching(pathname);
  const siblings = plain.length > 0 ? plain : matching(decoded);
  const method = sent.method === 'HEAD' ? 'GET' : sent.method;
  const operation = siblings.find((one) => one.method === method);
  return {
    path: pathname,
    siblings,
    ...(operation && { operation }),
    isOddlyWritten: plain.length === 0 && siblings.length > 0,
  };
}

function decode(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
