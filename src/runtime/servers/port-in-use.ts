import { CommandError } from '../../core/errors.ts';

/** Explains a failure to listen if another program uses the port. Returns every other error unchanged. */
export const explainPortInUse = (error: unknown, host: string, port: number | string): unknown =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    ? new CommandError(
        `Port ${port} of ${host} is in use. Set PORT to another one, or to 0 for any free port.`,
      )
    : error;
