import { OpenAPIHono, type RouteConfig, type RouteHandler } from '@hono/zod-openapi';
import type { Context, Handler, MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { Caller } from '../caller.ts';
import { AppError } from '../errors.ts';
import { setHeaders } from './answer.ts';
import { acceptBody } from './body.ts';
import type { Env } from './env.ts';
import { toFieldError } from './field-errors.ts';
import type { Head } from './head.ts';
import { inOrder, type Step } from './middleware/in-order.ts';
import { refuseOverload } from './middleware/overload.ts';
import { MAX_BODY_BYTES, type ReadBody } from './middleware/read-body.ts';
import { type Guard, type Operation, open, type Requirements } from './operation.ts';

/** Bounds concurrent expensive work. */
export interface Gate {
  /** True if a task for this address would be rejected now. */
  isFull(address: string | null): boolean;
  /**
   * Runs a task.
   *
   * @throws AppError `overloaded`, without running it
   */
  admit<T>(address: string | null, task: () => Promise<T>): Promise<T>;
}

/**
 * Counts a call. Returns the header fields that report the quota.
 *
 * @param who the key of the counter; `undefined` if the caller's address is the key
 * @throws AppError `too_many_requests`
 */
export type TakeLimit = (who: string | undefined, caller: Caller) => Promise<Head>;

/** The guards, limits and gates that contracts refer to by name, and the other steps that they may require. */
export interface RouteDependencies {
  readonly guards: Readonly<Record<string, Step>>;
  readonly limits: Readonly<Record<string, TakeLimit>>;
  readonly gates: Readonly<Record<'password', Gate>>;
  readonly onlyOwnOrigins: Step;
  readonly readBody: ReadBody;
}

/** Registers operations, each behind the requirements of its contract. */
export interface Routes {
  readonly router: OpenAPIHono<Env>;
  add<Route extends RouteConfig>(operation: Operation<Route>, handler: RouteHandler<Route>): void;
  /** True for the path of an operation that neither the limit of addresses nor overload may reject. */
  readonly isAlwaysAnswered: (path: string) => boolean;
}

export function createRoutes(dependencies: RouteDependencies): Routes {
  const router = createRouter();
  const alwaysAnswered = new Set<string>();
  return {
    router,
    isAlwaysAnswered: (path) => alwaysAnswered.has(path),
    add({ route, requirements }, handler) {
      if (requirements.isAlwaysAnswered) alwaysAnswered.add(route.path);
      const middleware = middlewareFor(requirements, route.method, dependencies);
      // `add` has checked that both have the types of the same route; from here on the types are Hono's own.
      router.openapi(
        { ...route, middleware } as RouteConfig,
        withLimit(handler as Handler, requirements, dependencies) as never,
      );
    },
  };
}

/** Creates a router that reports each invalid field, as `validation_failed`. */
export function createRouter(): OpenAPIHono<Env> {
  return new OpenAPIHono<Env>({
    defaultHook: (result) => {
      if (result.success) return;
      const input: unknown = 'data' in result ? result.data : undefined;
      const fields = result.error.issues.map((issue) => toFieldError(issue, input));
      throw new AppError('validation_failed', { fields });
    },
  });
}

/** Cheapest steps first: a rejection must cost next to nothing. */
function middlewareFor(
  { guard, cost, isOwnOriginsOnly, body }: Requirements,
  method: string,
  { guards, gates, onlyOwnOrigins, readBody }: RouteDependencies,
): MiddlewareHandler<Env>[] {
  const gate = cost && gates[cost];
  const steps: Step[] = [
    ...(isOwnOriginsOnly ? [onlyOwnOrigins] : []),
    ...(gate ? [refuseOverload((c) => gate.isFull(c.get('caller').address))] : []),
    ...(guard === open ? [] : [guardStep(guard, guards)]),
    ...(method === 'get'
      ? []
      : [(c: Context<Env>) => readBody(c, body?.maxBytes ?? MAX_BODY_BYTES)]),
    ...(body ? [(c: Context<Env>) => acceptBody(c, body)] : []),
  ];
  const middleware = steps.length === 0 ? [] : [inOrder(...steps)];
  if (!gate) return middleware;
  const admit = createMiddleware<Env>((c, next) => gate.admit(c.get('caller').address, next));
  return [...middleware, admit];
}

/** The step of a guard, with the operation's own problem details. */
function guardStep({ name, details }: Guard, guards: RouteDependencies['guards']): Step {
  const step = guards[name];
  if (!step) throw new Error(`there is no guard ${name}`);
  if (!details) return step;
  return async (c) => {
    try {
      await step(c);
    } catch (cause) {
      const detail = cause instanceof AppError ? details[cause.code] : undefined;
      if (!(cause instanceof AppError) || detail === undefined) throw cause;
      throw new AppError(cause.code, { detail, cause });
    }
  };
}

/** Wraps the handler: the quota of the operation is counted first. */
function withLimit(
  handler: Handler,
  { limit }: Requirements,
  { limits }: RouteDependencies,
): Handler {
  if (!limit) return handler;
  const take = limits[limit.name];
  if (!take) throw new Error(`there is no limit ${limit.name}`);
  const { who } = limit;
  return async (c: Context<Env>, next) => {
    // `operation` has checked that `who` accepts this context.
    setHeaders(c, await take(who?.(c as never), c.get('caller')));
    return await handler(c, next);
  };
}
