import type { AbortSignalLike, AnswerHeaders } from './platform.ts';
import type { components, paths } from './schema.ts';

/** A schema of the document by its name, such as `Schema<'Profile'>`. */
export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The paths that have a method. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends { readonly [K in Lowercase<M>]: object } ? P : never;
}[keyof paths];

type OperationOf<M extends Method, P extends PathOf<M>> = paths[P][Lowercase<M> & keyof paths[P]];

/** What every call can be given. */
export interface CallOptions {
  /** Ends the call, also while it waits for a refresh, which goes on for the others. */
  readonly signal?: AbortSignalLike | undefined;
  /** Milliseconds for the whole call, with a refresh and a second try. */
  readonly timeout?: number | undefined;
}

/** An option for a part of a request: required, optional or not there, as the document has it. */
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
  Part<'form', Body<Operation, 'application/x-www-form-urlencoded'>>;

/** What a call takes: `params` of the path, `query`, `headers`, and a JSON `body` or a `form`. */
export type Options<M extends Method, P extends PathOf<M>> = OptionsOf<OperationOf<M, P>>;

/** The last argument of a call: left out where nothing in it is required. */
export type Arguments<M extends Method, P extends PathOf<M>> =
  CallOptions extends Options<M, P> ? [options?: Options<M, P>] : [options: Options<M, P>];

/** An answer that is no failure. */
export interface Answer<Status extends number, Data> {
  readonly status: Status;
  /** The body; `undefined` where there is none. */
  readonly data: Data;
  /** Names the version that was read: for `if-match` and `if-none-match`. */
  readonly etag: string | undefined;
  readonly headers: AnswerHeaders;
}

/** Failures are thrown. Not so "not modified": it is what the caller asked for. */
type Success = 200 | 201 | 202 | 204 | 304;

type DataOf<Response> = Response extends {
  readonly content: { readonly 'application/json': infer Data };
}
  ? Data
  : undefined;

/** What a call answers: one member for each status, told apart by `status`. */
export type AnswerOf<M extends Method, P extends PathOf<M>> =
  OperationOf<M, P> extends { readonly responses: infer Responses }
    ? {
        [Status in keyof Responses & Success]: Answer<Status, DataOf<Responses[Status]>>;
      }[keyof Responses & Success]
    : never;
