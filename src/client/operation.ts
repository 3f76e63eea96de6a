import type { AbortSignalLike, AnswerHeaders, BlobLike } from './platform.ts';
import type { components, paths } from './schema.ts';

/** A schema of the OpenAPI document by name, such as `Schema<'Profile'>`. */
export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The paths that support a method. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends { readonly [K in Lowercase<M>]: object } ? P : never;
}[keyof paths];

type OperationOf<M extends Method, P extends PathOf<M>> = paths[P][Lowercase<M> & keyof paths[P]];

/** Options of every call. */
export interface CallOptions {
  /** Aborts the call. A refresh that it waits for continues, since other calls may wait for it too. */
  readonly signal?: AbortSignalLike | undefined;
  /** Milliseconds for the whole call, including a refresh and a retry. */
  readonly timeout?: number | undefined;
}

/** The option for one part of a request: required, optional or absent, as in the OpenAPI document. */
type Part<Name extends string, Of> = [Of] extends [undefined]
  ? unknown
  : undefined extends Of
    ? { readonly [K in Name]?: Of }
    : { readonly [K in Name]: Of };

type InputIn<Operation, In extends string> = Operation extends { readonly parameters: infer All }
  ? All[In & keyof All]
  : undefined;

type Body<Operation, MediaType extends string> = Operation extends {
  readonly requestBody: { readonly content: infer Content };
}
  ? keyof Content & MediaType extends never
    ? undefined
    : Content[keyof Content & MediaType]
  : undefined;

type OptionsOf<Operation> = CallOptions &
  Part<'params', InputIn<Operation, 'path'>> &
  Part<'query', InputIn<Operation, 'query'>> &
  Part<'headers', InputIn<Operation, 'header'>> &
  Part<'body', Body<Operation, `${string}json`>> &
  Part<'form', Body<Operation, 'application/x-www-form-urlencoded'>> &
  Part<'file', FileOf<Body<Operation, `image/${string}`>>>;

type FileOf<Body> = [Body] extends [undefined] ? undefined : BlobLike;

/** Options of a call: path `params`, `query`, `headers`, and a JSON `body`, a `form` or a `file`. */
export type Options<M extends Method, P extends PathOf<M>> = OptionsOf<OperationOf<M, P>>;

/** The last argument of a call: optional if none of its members is required. */
export type Arguments<M extends Method, P extends PathOf<M>> =
  CallOptions extends Options<M, P> ? [options?: Options<M, P>] : [options: Options<M, P>];

/** A successful response. */
export interface Answer<Status extends number, Data> {
  readonly status: Status;
  /** The body; `undefined` if there is none. */
  readonly data: Data;
  /** The version of the resource, for the headers `if-match` and `if-none-match`. */
  readonly etag: string | undefined;
  readonly headers: AnswerHeaders;
}

/** The statuses that a call returns; it throws all others. 304 is returned because the caller asked for it. */
type Success = 200 | 201 | 202 | 204 | 304;

type DataOf<Response> = Response extends {
  readonly content: { readonly 'application/json': infer Data };
}
  ? Data
  : undefined;

/** The result of a call: a union with one member per status, discriminated by `status`. */
export type AnswerOf<M extends Method, P extends PathOf<M>> =
  OperationOf<M, P> extends { readonly responses: infer Responses }
    ? {
        [Status in keyof Responses & Success]: Answer<Status, DataOf<Responses[Status]>>;
      }[keyof Responses & Success]
    : never;

/** Calls an operation by its method and path. */
export type Request = <M extends Method, P extends PathOf<M>>(
  method: M,
  path: P,
  ...options: Arguments<M, P>
) => Promise<AnswerOf<M, P>>;
