import { OpenAPIHono, type RouteConfig, type RouteHandler } from '@hono/zod-openapi';
import type { Context, Handler, MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { Caller } from '../caller.ts';
import { AppError } from '../errors.ts';
import { setHeaders } from './answer.ts';
import { acceptBody, acceptType } from './body.ts';
import type { Env } from './env.ts';
import { toFieldError } from './field-errors.ts';
import type { Head } from './head.ts';
import { inOrder, type Step } from './middleware/in-order.ts';
import { refuseOverload } from './middleware/overload.ts';
import { type BodyReader, MAX_BODY_BYTES } from './middleware/read-body.ts';
import {
  type Guard,
  type Limit,
  type Operation,
  open,
  type Requirements,
  type Turn,
} from './operation.ts';
import type { Turns } from './turns.ts';

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
 * The limits by their names: those that count only the caller's address, and those with a key of their own. Each limit
 * counts a call, and returns the header fields that report the quota or throws AppError `too_many_requests`.
 */
export interface Limits {
  readonly byAddress: Readonly<Record<string, (caller: Caller) => Promise<Head>>>;
  readonly byKey: Readonly<
    Record<
      string,
      (key: string, caller: Caller, device: string | null | undefined) => Promise<Head>
    >
  >;
}

/** The guards, limits and gates that contracts refer to by name, and the other steps that they may require. */
export interface RouteDependencies {
  readonly guards: Readonly<Record<string, Step>>;
  readonly limits: Limits;
  readonly gates: Readonly<Record<'password', Gate>>;
  readonly turns: Readonly<Record<string, Turns>>;
  readonly onlyOwnOrigins: Step;
  readonly bodies: BodyReader;
}

/** Registers operations, each behind the requirements of its contract. */
export interface Routes {
  add<Route extends RouteConfig>(operation: Operation<Route>, handler: RouteHandler<Route>): void;
}

/** A router. Features can register on it only through `routes`. */
export interface RoutedApp {
  readonly router: OpenAPIHono<Env>;
  readonly routes: Routes;
  /** True for the path of an operation that is exempt from the limit by address and from rejection under overload. */
  readonly isAlwaysAnswered: (path: string) => boolean;
}

export function createRoutes(dependencies: RouteDependencies): RoutedApp {
  const router = createRouter();
  const alwaysAnswered = new Set<string>();
  const routes: Routes = {
    add({ route, requirements }, handler) {
      if (requirements.isAlwaysAnswered) alwaysAnswered.add(route.path);
      const middleware = middlewareFor(requirements, route.method, dependencies);
      // `add` has checked that both have the types of the same route. From here on, the code uses Hono's own types.
      router.openapi(
        { ...route, middleware } as RouteConfig,
        withLimit(handler as Handler, requirements, dependencies) as never,
      );
    },
  };
  return { router, routes, isAlwaysAnswered: (path) => alwaysAnswered.has(path) };
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

/** Orders the steps by cost, cheapest first: a rejection must cost almost nothing. */
function middlewareFor(
  requirements: Requirements,
  method: string,
  { guards, gates, turns, onlyOwnOrigins, bodies, limits }: RouteDependencies,
): MiddlewareHandler<Env>[] {
  const { guard, turn, cost, isOwnOriginsOnly, body, limit } = requirements;
  const gate = cost && gates[cost];
  const hasBody = method !== 'get';
  const maxBytes = body?.maxBytes ?? MAX_BODY_BYTES;
  const drain = (c: Context<Env>) => bodies.drain(c, maxBytes);
  const first: Step[] = [
    ...(isOwnOriginsOnly ? [onlyOwnOrigins] : []),
    ...(gate ? [refuseOverload((c) => gate.isFull(c.get('caller').address))] : []),
    ...guardSteps(guard, guards, hasBody ? drain : undefined),
  ];
  const ofBody: Step[] = [
    ...(isLimitedFirst(requirements) ? [beforeUpload({ limit, body }, limits, drain)] : []),
    ...(hasBody ? [(c: Context<Env>) => bodies.read(c, maxBytes)] : []),
    ...(body ? [(c: Context<Env>) => acceptBody(c, body)] : []),
  ];
  const middleware = turn
    ? [inOrder(...first), inTurn(turn, turns, drain), inOrder(...ofBody)]
    : [[...first, ...ofBody]].filter((steps) => steps.length > 0).map((steps) => inOrder(...steps));
  if (!gate) return middleware;
  const admit = createMiddleware<Env>((c, next) => gate.admit(c.get('caller').address, next));
  return [...middleware, admit];
}

/** Discards the body of a rejected request. */
type Drain = (c: Context<Env>) => Promise<void>;

/** True if the quota is counted before the body is read: a file is large, and the key does not depend on it. */
const isLimitedFirst = ({ body, limit }: Requirements): boolean =>
  body?.decode === null && limit !== undefined;

/** Checks the media type of a file and counts its quota, before the file is read. */
function beforeUpload(
  { limit, body }: Pick<Requirements, 'limit' | 'body'>,
  limits: Limits,
  drain: Drain,
): Step {
  const take = limit && takeOf(limit, limits);
  const types = Object.keys(body?.document.content ?? {});
  return async (c) => {
    try {
      acceptType(c, types);
      if (take) setHeaders(c, await take(c));
    } catch (error) {
      await drain(c);
      throw error;
    }
  };
}

/** Holds the turn of a caller until the response is created. Drains the body of a call that is out of turn. */
function inTurn(
  { name, who }: Turn<never>,
  turns: RouteDependencies['turns'],
  drain: Drain,
): MiddlewareHandler<Env> {
  const { [name]: ofName } = turns;
  if (!ofName) throw new Error(`there are no turns ${name}`);
  return createMiddleware<Env>(async (c, next) => {
    let hasBegun = false;
    try {
      // `operation` has checked that `who` accepts this context.
      await ofName.run(who(c as never), async () => {
        hasBegun = true;
        await next();
      });
    } catch (error) {
      if (!hasBegun) await drain(c);
      throw error;
    }
  });
}

/**
 * Returns the step of a guard, if it has one. The step uses the problem details of the operation, and drains the body
 * of a rejected request.
 */
function guardSteps(
  guard: Guard,
  guards: RouteDependencies['guards'],
  drain: Drain | undefined,
): readonly Step[] {
  if (guard === open) return [];
  const { name, details } = guard;
  const step = guards[name];
  if (!step) throw new Error(`there is no guard ${name}`);
  if (Object.keys(details).length === 0 && !drain) return [step];
  const guarded: Step = async (c) => {
    try {
      await step(c);
    } catch (cause) {
      await drain?.(c);
      const detail = cause instanceof AppError ? details[cause.code] : undefined;
      if (!(cause instanceof AppError) || detail === undefined) throw cause;
      throw new AppError(cause.code, { detail, cause });
    }
  };
  return [guarded];
}

/** Wraps the handler, so that the quota of the operation is counted first. */
function withLimit(
  handler: Handler,
  requirements: Requirements,
  { limits }: RouteDependencies,
): Handler {
  const { limit } = requirements;
  if (!limit || isLimitedFirst(requirements)) return handler;
  const take = takeOf(limit, limits);
  return async (c: Context<Env>, next) => {
    setHeaders(c, await take(c));
    return await handler(c, next);
  };
}

function takeOf({ name, who, device }: Limit<never>, { byAddress, byKey }: Limits) {
  const [ofAddress, ofKey] = [byAddress[name], byKey[name]];
  if (!who && ofAddress) return (c: Context<Env>) => ofAddress(c.get('caller'));
  if (who && ofKey) {
    // `operation` has checked that `who` and `device` accept this context.
    return (c: Context<Env>) => ofKey(who(c as never), c.get('caller'), device?.(c as never));
  }
  throw new Error(`there is no limit ${name} ${who ? 'with a key' : 'by address'}`);
}
