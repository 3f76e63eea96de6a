import { cpSync, existsSync, lstatSync, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { BuildContext } from './context.ts';
import type { CopyStep, Stage } from './dockerfile.ts';
import { type Outcome, prepareRoot, runIn } from './sandbox.ts';

/** What a build needs besides the stages. */
export interface Build {
  readonly context: BuildContext;
  /** An empty folder, which gets the root of each stage. */
  readonly folder: string;
  /** Variables for `RUN`, such as the registry of npm. */
  readonly env: Readonly<Record<string, string>>;
  /** Folders of this machine that `RUN` may write, by their path inside: caches. */
  readonly volumes: Readonly<Record<string, string>>;
  /** Reports each step before it starts. */
  report(step: string): void;
}

/**
 * Carries out the steps of each stage in an empty folder that contains only what the stage copies.
 *
 * @returns the root of each stage, by its name
 * @throws Error that names the step and contains the output of its command
 */
export async function buildStages(
  stages: readonly Stage[],
  build: Build,
): Promise<ReadonlyMap<string, string>> {
  const roots = new Map<string, string>();
  for (const stage of stages) {
    const root = join(build.folder, stage.name);
    mkdirSync(root);
    prepareRoot(root);
    for (const path of Object.keys(build.volumes)) mkdirSync(join(root, path), { recursive: true });
    await buildStage(stage, { ...build, root, roots });
    roots.set(stage.name, root);
  }
  return roots;
}

interface StageBuild extends Build {
  readonly root: string;
  readonly roots: ReadonlyMap<string, string>;
}

async function buildStage(stage: Stage, build: StageBuild): Promise<void> {
  const { root } = build;
  let workdir = '/';
  let env: Readonly<Record<string, string>> = build.env;
  for (const step of stage.steps) {
    if (step.kind === 'workdir') {
      workdir = step.path;
      mkdirSync(join(root, workdir), { recursive: true });
    } else if (step.kind === 'env') env = { ...env, ...step.values };
    else if (step.kind === 'copy') copy(step, workdir, build);
    else {
      build.report(`${stage.name}: ${step.command}`);
      const { volumes } = build;
      const sandbox = { root, isReadOnly: false, user: 'root', workdir, env, volumes } as const;
      expectSuccess(step.command, await runIn(sandbox, ['sh', '-c', step.command]));
    }
  }
}

function expectSuccess(command: string, { code, output }: Outcome): void {
  if (code !== 0) throw new Error(`RUN ${command} ended with ${code}:\n${output.slice(-4000)}`);
}

/** Copies as `COPY` does: the content of a directory, and a file by its name if the target is a directory. */
function copy(step: CopyStep, workdir: string, build: StageBuild): void {
  const target = join(build.root, step.target.startsWith('/') ? '/' : workdir, step.target);
  for (const source of step.sources) {
    if (step.from === undefined) copyFromContext(source, target, step, build.context);
    else copyFromStage(source, target, step, build.roots);
  }
}

function copyFromContext(
  source: string,
  target: string,
  step: CopyStep,
  { folder, files }: BuildContext,
): void {
  const isFile = files.includes(source);
  const found = isFile ? [source] : files.filter((file) => file.startsWith(`${source}/`));
  if (found.length === 0) {
    throw new Error(`COPY ${source}: not in the build context, or excluded by .dockerignore`);
  }
  for (const file of found) {
    const to = isFile ? fileTarget(source, target, step) : join(target, file.slice(source.length));
    mkdirSync(dirname(to), { recursive: true });
    cpSync(join(folder, file), to, { verbatimSymlinks: true });
  }
}

function copyFromStage(
  source: string,
  target: string,
  step: CopyStep,
  roots: ReadonlyMap<string, string>,
): void {
  const root = roots.get(step.from ?? '');
  if (root === undefined)
    throw new Error(`COPY --from=${step.from}: there is no such stage before`);
  const from = join(root, source);
  if (!existsSync(from)) throw new Error(`COPY --from=${step.from} ${source}: does not exist`);
  const to = lstatSync(from).isDirectory() ? target : fileTarget(source, target, step);
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
}

const fileTarget = (source: string, target: string, step: CopyStep): string =>
  step.target.endsWith('/') ? join(target, basename(source)) : target;
