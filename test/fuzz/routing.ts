// Which operation an address is for, as the document and the URL standard tell it.
import type { Operation } from './document.ts';
import type { Sent } from './sent.ts';

export interface Route {
  /** The path as a server gets it: `fetch` has resolved its dots. */
  readonly path: string;
  /** All operations of the address, whatever their method. */
  readonly siblings: readonly Operation[];
  /** The one that answers; of `HEAD` it is that of `GET`. */
  readonly operation?: Operation;
  /** Whether it is written in a way that a router may decode or not. */
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
  // Concatenated and not resolved: a target of two slashes is a path, and no host.
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
