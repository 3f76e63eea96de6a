import type * as Api from '@opentelemetry/api';
import { nameOf } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { OTHER } from '../../core/metrics/metrics.ts';
import type { TraceContext } from '../../core/trace.ts';
import type { ClientSpan, Tracer } from '../../core/tracer.ts';
import { VERSION } from '../../core/version.ts';

/** Where @opentelemetry/api keeps what is registered, in every 1.x (its `internal/global-utils`). */
const REGISTERED = Symbol.for('opentelemetry.js.api.1');

/**
 * Returns a tracer if the process has registered a provider of OpenTelemetry, as a module of `--import` does. Otherwise
 * loads nothing. Logs which of both.
 */
export async function loadTracer(log: Logger): Promise<Tracer | undefined> {
  const registered = (globalThis as { readonly [REGISTERED]?: { readonly trace?: unknown } })[
    REGISTERED
  ];
  if (registered?.trace === undefined) return undefined;
  try {
    const tracer = tracerOf(await import('@opentelemetry/api'));
    log.info('traces_on');
    return tracer;
  } catch (error) {
    log.warn('traces_off', {
      error: nameOf(error),
      cure: 'install @opentelemetry/api where Latchkey is installed',
    });
    return undefined;
  }
}

/** Creates spans by OpenTelemetry's semantic conventions. URLs and paths are left out: they may name a person. */
function tracerOf(api: typeof Api): Tracer {
  const { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } = api;
  const tracer = trace.getTracer('latchkey', VERSION);

  const contextOf = (parent: TraceContext | undefined): Api.Context =>
    parent === undefined
      ? ROOT_CONTEXT
      : trace.setSpanContext(ROOT_CONTEXT, {
          traceId: parent.traceId,
          spanId: parent.parentId,
          traceFlags: parent.isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
          isRemote: true,
        });

  function traceOf(span: Api.Span): TraceContext | undefined {
    const { traceId, spanId, traceFlags } = span.spanContext();
    if (!api.isSpanContextValid(span.spanContext())) return undefined;
    return { traceId, parentId: spanId, isSampled: (traceFlags & TraceFlags.SAMPLED) !== 0 };
  }

  const clientSpan = (
    name: string,
    attributes: Api.Attributes,
    parent: Api.Context,
  ): ClientSpan => {
    const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, parent);
    return {
      trace: traceOf(span),
      end(failure, status) {
        if (status !== undefined) span.setAttribute('http.response.status_code', status);
        if (failure !== undefined) {
          span.setAttribute('error.type', failure);
          span.setStatus({ code: SpanStatusCode.ERROR });
        }
        span.end();
      },
    };
  };

  return {
    startRequest(method, incoming) {
      // An instrumentation of the server may have started the span of the request.
      const isStarted = trace.getSpan(context.active()) !== undefined;
      const parent = isStarted ? context.active() : contextOf(incoming);
      const span = tracer.startSpan(
        method === OTHER ? 'HTTP' : method,
        {
          kind: isStarted ? SpanKind.INTERNAL : SpanKind.SERVER,
          attributes: { 'http.request.method': method },
        },
        parent,
      );
      const active = trace.setSpan(parent, span);
      return {
        trace: traceOf(span) ?? incoming,
        run: (work) => context.with(active, work),
        end(route, status) {
          span.updateName(`${method === OTHER ? 'HTTP' : method} ${route}`);
          span.setAttributes({ 'http.route': route, 'http.response.status_code': status });
          if (status >= 500) {
            span.setAttribute('error.type', String(status));
            span.setStatus({ code: SpanStatusCode.ERROR });
          }
          span.end();
        },
      };
    },

    startOutgoing(method, url, parent) {
      const { hostname, port, protocol } = new URL(url);
      const attributes = {
        'http.request.method': method,
        'server.address': hostname,
        'server.port': Number(port || (protocol === 'https:' ? 443 : 80)),
      };
      return clientSpan(method, attributes, contextOf(parent));
    },

    startQuery(operation) {
      if (trace.getSpan(context.active()) === undefined) return undefined;
      const attributes = { 'db.system.name': 'sqlite', 'db.operation.name': operation };
      return clientSpan(operation, attributes, context.active());
    },
  };
}
