import {
  Copy,
  type Dockerfile,
  DockerfileParser,
  Env,
  From,
  type Instruction,
  JSONInstruction,
  User,
  Workdir,
} from 'dockerfile-ast';

/** `COPY`. `from` is the stage, or undefined for the build context. */
export interface CopyStep {
  readonly kind: 'copy';
  readonly from: string | undefined;
  readonly sources: readonly string[];
  readonly target: string;
}

/** What changes the file system of a stage, or how that is done. */
export type Step =
  | CopyStep
  | { readonly kind: 'run'; readonly command: string }
  | { readonly kind: 'workdir'; readonly path: string }
  | { readonly kind: 'env'; readonly values: Readonly<Record<string, string>> };

/** One stage of a Dockerfile. Commands are in exec form. */
export interface Stage {
  readonly name: string;
  readonly image: string;
  readonly steps: readonly Step[];
  readonly user: string | undefined;
  readonly ports: readonly number[];
  readonly healthcheck: readonly string[] | undefined;
  readonly entrypoint: readonly string[] | undefined;
  readonly command: readonly string[] | undefined;
}

type Draft = { -readonly [Key in keyof Stage]: Stage[Key] } & {
  steps: Step[];
  ports: number[];
};

/**
 * Parses a Dockerfile.
 *
 * @throws Error that names an instruction or a form that the project does not use, since nothing here could try it
 */
export function parseDockerfile(text: string): readonly Stage[] {
  const dockerfile: Dockerfile = DockerfileParser.parse(text);
  const stages: Draft[] = [];
  for (const instruction of dockerfile.getInstructions()) {
    if (instruction instanceof From) stages.push(stageOf(instruction));
    else addTo(stages.at(-1), instruction);
  }
  return stages;
}

/** The environment that the steps of a stage set. */
export const environmentOf = ({ steps }: Pick<Stage, 'steps'>): Record<string, string> =>
  Object.assign({}, ...steps.flatMap((step) => (step.kind === 'env' ? [step.values] : [])));

/** The working directory of a stage at its end. */
export const workdirOf = ({ steps }: Pick<Stage, 'steps'>): string =>
  steps.findLast((step) => step.kind === 'workdir')?.path ?? '/';

function stageOf(from: From): Draft {
  const image = from.getImage();
  const name = from.getBuildStage();
  if (!image || !name) throw unsupported(from, 'needs an image and AS NAME');
  return {
    name,
    image,
    steps: [],
    user: undefined,
    ports: [],
    healthcheck: undefined,
    entrypoint: undefined,
    command: undefined,
  };
}

function addTo(stage: Draft | undefined, instruction: Instruction): void {
  if (stage === undefined) throw unsupported(instruction, 'stands before FROM');
  const words = instruction.getArguments().map((argument) => argument.getValue());
  if (instruction instanceof Copy) stage.steps.push(copyOf(instruction, words));
  else if (instruction instanceof Env)
    stage.steps.push({ kind: 'env', values: valuesOf(instruction) });
  else if (instruction instanceof Workdir)
    stage.steps.push({ kind: 'workdir', path: absolute(instruction) });
  else if (instruction instanceof User) stage.user = words[0];
  else if (instruction.getKeyword() === 'EXPOSE') stage.ports.push(...words.map(Number));
  else if (instruction.getKeyword() === 'RUN') {
    stage.steps.push({ kind: 'run', command: textOf(instruction) });
  } else if (instruction.getKeyword() === 'HEALTHCHECK') {
    stage.healthcheck = execForm(
      instruction,
      textOf(instruction).replace(/^(?:--\S+\s+)*CMD\s+/, ''),
    );
  } else if (instruction.getKeyword() === 'ENTRYPOINT') {
    stage.entrypoint = execForm(instruction, textOf(instruction));
  } else if (instruction.getKeyword() === 'CMD') {
    stage.command = execForm(instruction, textOf(instruction));
  } else throw unsupported(instruction, 'is not supported here');
}

function copyOf(copy: Copy, words: readonly string[]): CopyStep {
  const flags = copy.getFlags();
  const from = flags.find((flag) => flag.getName() === 'from')?.getValue() ?? undefined;
  if (flags.length > (from === undefined ? 0 : 1))
    throw unsupported(copy, 'has a flag besides --from');
  if (copy.getJSONStrings().length > 0) throw unsupported(copy, 'is in JSON form');
  const sources = words.slice(0, -1);
  const target = words.at(-1);
  if (sources.length === 0 || target === undefined)
    throw unsupported(copy, 'needs a source and a target');
  if (/[*?[]/.test(sources.join(' '))) throw unsupported(copy, 'has a wildcard');
  return { kind: 'copy', from, sources, target };
}

const valuesOf = (env: Env): Record<string, string> =>
  Object.fromEntries(
    env.getProperties().map((property) => [property.getName(), property.getValue() ?? '']),
  );

function absolute(workdir: Workdir): string {
  const path = workdir.getPath();
  if (!path?.startsWith('/')) throw unsupported(workdir, 'needs an absolute path');
  return path;
}

/** The arguments of an instruction on one line. */
const textOf = (instruction: Instruction): string =>
  (instruction.getRawArgumentsContent() ?? '').replaceAll(/\\\r?\n\s*/g, ' ').trim();

/** Parses a command in exec form, which runs without a shell, so that signals reach the program. */
function execForm(instruction: Instruction, text: string): readonly string[] {
  try {
    const words: unknown = JSON.parse(text);
    if (
      Array.isArray(words) &&
      words.length > 0 &&
      words.every((word) => typeof word === 'string')
    ) {
      return words;
    }
  } catch {
    // In shell form.
  }
  throw unsupported(instruction, 'is not in exec form');
}

function unsupported(instruction: Instruction, problem: string): Error {
  const form = instruction instanceof JSONInstruction ? '' : `: ${textOf(instruction)}`;
  const line = instruction.getRange().start.line + 1;
  return new Error(`Dockerfile, line ${line}: ${instruction.getKeyword()} ${problem}${form}`);
}
