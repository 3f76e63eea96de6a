import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ROOT } from '../root.ts';
import { type Server, startServer } from './process.ts';

/** Imports the packages of the twin. The last line of its output lists their versions. */
const PROBE = `
import bcrypt, fastapi, jose, multipart, passlib.hash, platform, pydantic, sqlalchemy, uvicorn
def has(name):
    try:
        __import__(name)
        return name
    except ImportError:
        return "no " + name
print("Python", platform.python_version() + ", FastAPI", fastapi.__version__ + ", pydantic",
      pydantic.VERSION + ", uvicorn",
      uvicorn.__version__ + " with", has("uvloop"), "and", has("httptools") + ", SQLAlchemy",
      sqlalchemy.__version__)
`;

export interface Python {
  readonly path: string;
  /** The versions of Python and of the packages. */
  readonly versions: string;
}

/** Returns the first Python binary that has the packages of the twin, or the packages that each candidate lacks. */
export function findPython(candidates: readonly string[]): Python | { readonly missing: string } {
  const problems: string[] = [];
  for (const path of candidates) {
    const { status, stdout, stderr, error } = spawnSync(path, ['-c', PROBE], { encoding: 'utf8' });
    if (status === 0) return { path, versions: stdout.trim() };
    const reason =
      error?.message ?? (stderr.trim().split('\n').at(-1) || `it ended with ${status}`);
    problems.push(`${path}: ${reason}`);
  }
  return { missing: problems.join('; ') };
}

/** Starts the twin with one worker, because every contender has one process. */
export const startFastapi = (
  python: string,
  folder: string,
  core: number | undefined,
): Promise<Server> =>
  startServer({
    label: 'fastapi',
    command: [
      python,
      ...['-m', 'uvicorn', 'app:app', '--app-dir', join(ROOT, 'bench/peers/fastapi')],
      ...['--host', '127.0.0.1', '--port', '0', '--workers', '1'],
    ],
    folder,
    env: {
      SECRET_KEY: randomBytes(32).toString('hex'),
      DATABASE_URL: `sqlite:///${join(folder, 'fastapi.db')}`,
      PYTHONDONTWRITEBYTECODE: '1',
    },
    ready: /Uvicorn running on http:\/\/127\.0\.0\.1:(\d+)/,
    core,
  });
