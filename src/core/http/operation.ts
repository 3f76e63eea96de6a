import { createRoute, type RouteConfig, type z } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import type { ErrorCode } from '../problems.ts';
import type { Body } from './body.ts';
import type { Env } from './env.ts';
import { type Details, onlyProblems, problems } from './openapi.ts';

/**
 * Controls who may call an operation. The middleware of a guard is registered under its name. Only the handlers of
 * operations with this guard have access to the variables that it sets.
 */
export class Guard<Variables extends object = object> {
  readonly name: string;
  readonly security: RouteConfig['security'] & object;
  readonly fails: readonly ErrorCode[];
  /** Problem details that replace the default ones in this operation. */
  readonly details: Details;
  /**
   * The variables that the middleware sets. Exists in the types only. Prevents other objects from being used as guards.
   */
  declare protected readonly variables: Variables;

  constructor({ name, security, fails, details = {} }: GuardConfig) {
    this.name = name;
    this.security = security;
    this.fails = fails;
    this.details = details;
  }

  /** The same guard with other problem details. */
  withDetails(details: Details): Guard<Variables> {
    return new Guard({ ...this, details });
  }
}

interface GuardConfig {
  readonly name: string;
  readonly security: RouteConfig['security'] & object;
  readonly fails: readonly ErrorCode[];
  readonly details?: Details;
}

/** Anyone may call the operation. */
export const open = new Guard({ name: 'open', security: [], fails: [] });

/** A quota counted in the database, after the body is parsed and before the handler runs. */
export interface Limit<C> {
  readonly name: string;
  /** Returns the key of the counter. Omitted for a limit that counts only by the caller's address. */
  readonly who?: (c: C) => string;
  /** Returns the token of the caller's device, if the operation accepts one. A known device has a quota of its own. */
  readonly device?: (c: C) => string | null | undefined;
}

/** Lets one call of a key run at a time, in each process. Taken after the guard and before the body. */
export interface Turn<C> {
  readonly name: string;
  readonly who: (c: C) => string;
}

/** The part of a handler's context that a limit needs. */
export type LimitContext<Content, Variables extends object> = Context<
  Env & { Variables: Variables },
  string,
  { out: { json: BodyOf<Content>; form: BodyOf<Content> } }
>;

type BodyOf<Content> =
  Content extends Record<string, { schema: infer Schema extends z.ZodType }>
    ? z.infer<Schema>
    : undefined;

type Parts = NonNullable<RouteConfig['request']>;

interface OperationConfig<
  Path extends string,
  Variables extends object,
  Content extends object,
  Request extends Omit<Parts, 'body'>,
  Answers extends RouteConfig['responses'],
> {
  readonly operationId: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly path: Path;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly guard: Guard<Variables>;
  readonly limit?: Limit<LimitContext<Content, Variables>>;
  readonly turn?: Turn<Context<Env & { Variables: Variables }>>;
  /** The gate that its work must pass. Calls are rejected early while the gate is full. */
  readonly cost?: 'password';
  /** True if pages of foreign origins must not call it, because it creates a session. */
  readonly isOwnOriginsOnly?: boolean;
  /**
   * True if its handler evaluates `If-Match` (RFC 9110 section 13.1.1). Documents the problems of preconditions; the
   * handler still has to evaluate them.
   */
  readonly isConditional?: boolean;
  /** True if it is exempt from the limit by address and from rejection under overload. For liveness probes. */
  readonly isAlwaysAnswered?: boolean;
  /** True if the OpenAPI document leaves it out. */
  readonly isHidden?: boolean;
  /** Its query, path parameters and header fields. */
  readonly request?: Request;
  /** Parameters that are documented but not validated. */
  readonly parameters?: RouteConfig['parameters'] & object;
  readonly body?: Body<Content>;
  /** Problems in addition to those of the guard, the body and the origin check. */
  readonly fails?: readonly ErrorCode[];
  readonly answers: Answers;
}

/** The checks that a request must pass before the handler runs. */
export interface Requirements {
  readonly guard: Guard;
  readonly limit: Limit<never> | undefined;
  readonly turn: Turn<never> | undefined;
  readonly cost: 'password' | undefined;
  readonly isOwnOriginsOnly: boolean;
  readonly isAlwaysAnswered: boolean;
  readonly body: Body | undefined;
}

/** A declared operation. Only {@link operation} creates one, so that its route has the middleware of its guard. */
export class Operation<Route extends RouteConfig> {
  readonly route: Route;
  readonly requirements: Requirements;
  /** Prevents other objects from being used as operations. */
  declare protected readonly isDeclared: true;

  constructor(route: Route, requirements: Requirements) {
    this.route = route;
    this.requirements = requirements;
  }
}

type WithBody<Request, Content> = object extends Content
  ? Request
  : Request & { body: { required: true; description: string; content: Content } };

/**
 * Declares an operation. Its middleware, `security`, documented problems, limits and the types of its handler are
 * all derived from this declaration.
 *
 * @example
 * ```ts
 * export const getProfile = operation({
 *   operationId: 'getProfile',
 *   method: 'get',
 *   path: '/profile/me',
 *   tags: ['profile'],
 *   summary: 'Get your profile',
 *   description: 'Returns the profile of the authenticated user.',
 *   guard: user,
 *   answers: { 200: profile('Your profile.') },
 * });
 * ```
 */
export function operation<
  const Path extends string,
  Answers extends RouteConfig['responses'],
  Variables extends object = object,
  Content extends object = object,
  Request extends Omit<Parts, 'body'> = object,
>(config: OperationConfig<Path, Variables, Content, Request, Answers>) {
  const { guard, limit, turn, cost, body, fails = [], answers, request, parameters } = config;
  const { isOwnOriginsOnly = false, isConditional = false, isAlwaysAnswered = false } = config;
  const { isHidden = false } = config;
  const { operationId, method, path, tags, summary, description } = config;
  const failures = isAlwaysAnswered
    ? onlyProblems([...fails, ...guard.fails, 'uri_too_long'], guard.details)
    : problems(
        [
          ...fails,
          ...(isOwnOriginsOnly ? (['origin_refused'] as const) : []),
          ...guard.fails,
          ...(body ? body.fails : strayBodyFails(method)),
          ...(isConditional ? PRECONDITION_FAILS : []),
        ],
        guard.details,
      );
  const route = createRoute({
    operationId,
    method,
    path,
    tags: [...tags],
    security: guard.security,
    summary,
    description,
    ...(isHidden && { hide: true }),
    ...(parameters && { parameters }),
    ...((request || body) && { request: { ...request, ...(body && { body: body.document }) } }),
    responses: { ...answers, ...failures },
  });
  return new Operation(
    // The spread loses the type of the request, and the router adds the middleware. Both have the declared types.
    route as unknown as {
      method: typeof method;
      path: Path;
      getRoutingPath(): string;
      request: WithBody<Request, Content>;
      responses: Answers;
      middleware: MiddlewareHandler<Env & { Variables: Variables }>;
    },
    // The router calls the limit and the turn with the context that they are declared for.
    {
      guard,
      limit: limit as Limit<never> | undefined,
      turn: turn as Turn<never> | undefined,
      cost,
      isOwnOriginsOnly,
      isAlwaysAnswered,
      body,
    },
  );
}

const PRECONDITION_FAILS = ['malformed_precondition', 'precondition_failed'] as const;

/**
 * The problems of a body that the operation does not declare. Such a body is read up to the size limit and discarded.
 */
const strayBodyFails = (method: string): readonly ErrorCode[] =>
  method === 'get' ? [] : ['payload_too_large'];
