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
import { type Guard, type Operation, open, type Standing } from './operation.ts';

/** A semaphore around dear work. */
export interface Gate {
  isFull(address: string | null): boolean;
  /** @throws AppError `overloaded` */
  admit<T>(address: string | null, task: () => Promise<T>): Promise<T>;
}

/** Counts a call. Returns the header fields that report the quota. @throws AppError `too_many_requests` */
export type TakeLimit = (who: string | undefined, caller: Caller) => Promise<Head>;

/** What operations name in their contracts. */
export interface Doorkeepers {
  readonly guards: Readonly<Record<string, Step>>;
  readonly limits: Readonly<Record<string, TakeLimit>>;
  readonly gates: Readonly<Record<'password', Gate>>;
  readonly onlyOwnOrigins: Step;
  readonly readBody: ReadBody;
}

/** Adds the operations of a feature to a router, each behind what its contract asks for. */
export interface Routes {
  readonly router: OpenAPIHono<Env>;
  add<Route extends RouteConfig>(operation: Operation<Route>, handler: RouteHandler<Route>): void;
}

export function createRoutes(doorkeepers: Doorkeepers): Routes {
  const router = createRouter();
  return {
    router,
    add({ route, standing }, handler) {
      const middleware = standsBefore(standing, route.method, doorkeepers);
      // Both are of the same route; its types end here, at Hono's own.
      router.openapi(
        { ...route, middleware } as RouteConfig,
        limited(handler as Handler, standing, doorkeepers) as never,
      );
    },
  };
}

/** A router that reports refused input field by field, as `validation_failed`. */
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

/** In the order of their cost: a refusal must cost next to nothing. */
function standsBefore(
  { guard, cost, isOwnOriginsOnly, body }: Standing,
  method: string,
  { guards, gates, onlyOwnOrigins, readBody }: Doorkeepers,
): MiddlewareHandler<Env>[] {
  const gate = cost && gates[cost];
  const steps: Step[] = [
    ...(isOwnOriginsOnly ? [onlyOwnOrigins] : []),
    ...(gate ? [refuseOverload((c) => gate.isFull(c.get('caller').address))] : []),
    ...(guard === open ? [] : [inWords(guard, guards)]),
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

/** The step of a guard, with the operation's own details for its problems. */
function inWords({ name, details }: Guard, guards: Doorkeepers['guards']): Step {
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

/** The handler, once the quota of the operation has been counted. */
function limited(handler: Handler, { limit }: Standing, { limits }: Doorkeepers): Handler {
  if (!limit) return handler;
  const take = limits[limit.name];
  if (!take) throw new Error(`there is no limit ${limit.name}`);
  const { who } = limit;
  return async (c: Context<Env>, next) => {
    // `operation` has checked that it is of this context.
    setHeaders(c, await take(who?.(c as never), c.get('caller')));
    return await handler(c, next);
  };
}
