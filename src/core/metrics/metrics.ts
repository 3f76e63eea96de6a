/** A label whose values the code enumerates at run time, such as route patterns. The registry bounds their number. */
export const OPEN = 'open';

/** The value of a label for everything that has no value of its own. */
export const OTHER = '_OTHER';

/** What a metric is, and the values that its labels can have. */
export interface Metric {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** The values of each label, in the order of the text format. An empty value stands for a missing label. */
  readonly labels: Readonly<Record<string, readonly string[] | typeof OPEN>>;
  /** Upper bounds of a histogram's buckets, ascending. */
  readonly buckets?: readonly number[];
}

/** The methods of RFC 9110 and RFC 5789. Wider than its values, because clients choose the method. */
const METHODS: readonly string[] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'CONNECT',
  'TRACE',
];

/** Returns a method as labels and logs have it: {@link OTHER} unless it is listed. */
export const listedMethod = (method: string): string => (METHODS.includes(method) ? method : OTHER);

/** The names of all limits. The windows of a limit are one. */
export const LIMITS = [
  'default',
  'pictures',
  'flood',
  'signup',
  'login',
  'login-account',
  'login-device',
  'login-address',
  'password',
  'refresh',
  'export',
  'avatar',
  'admin',
  'messages',
  'message-address',
  'message-account',
  'sms',
] as const;

export type LimitName = (typeof LIMITS)[number];

/** The buckets that OpenTelemetry recommends for HTTP servers, in seconds. */
const HTTP_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
/** Those for database clients. */
const DATABASE_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
const LAG_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const WAIT_BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8];

/**
 * Every metric, with the names of OpenTelemetry's semantic conventions where there is one, spelled as Prometheus spells
 * them. No label may name a person, an address or a request.
 */
export const METRICS = {
  http_server_request_duration_seconds: {
    type: 'histogram',
    labels: {
      http_request_method: METHODS,
      http_route: OPEN,
      http_response_status_class: ['1xx', '2xx', '3xx', '4xx', '5xx'],
    },
    buckets: HTTP_BUCKETS,
  },
  http_server_active_requests: {
    type: 'gauge',
    labels: {},
  },
  latchkey_event_loop_lag_seconds: {
    type: 'histogram',
    labels: {},
    buckets: LAG_BUCKETS,
  },
  latchkey_unavailable_responses_total: {
    type: 'counter',
    labels: {
      code: [
        'overloaded',
        'database_unavailable',
        'messages_off',
        'avatars_off',
        'files_unavailable',
        'misconfigured',
      ] as readonly string[],
    },
  },
  latchkey_password_queue_waiting: {
    type: 'gauge',
    labels: {},
  },
  latchkey_password_queue_wait_seconds: {
    type: 'histogram',
    labels: {},
    buckets: WAIT_BUCKETS,
  },
  db_client_operation_duration_seconds: {
    type: 'histogram',
    labels: {
      db_operation_name: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'BATCH'] as readonly string[],
      error_type: ['', 'unavailable', 'constraint', 'statement'],
    },
    buckets: DATABASE_BUCKETS,
  },
  latchkey_outbox_messages: {
    type: 'gauge',
    labels: {},
  },
  latchkey_outbox_overdue_seconds: {
    type: 'gauge',
    labels: {},
  },
  latchkey_messages_total: {
    type: 'counter',
    labels: {
      kind: OPEN,
      channel: ['email', 'phone'],
      outcome: ['sent', 'rejected', 'misconfigured', 'later', 'dead'],
    },
  },
  latchkey_sign_ups_total: {
    type: 'counter',
    labels: {},
  },
  latchkey_log_ins_total: {
    type: 'counter',
    labels: {
      method: ['password', 'code'] as readonly string[],
      outcome: ['success', 'failure', 'unverified', 'challenge'],
    },
  },
  latchkey_lockouts_total: {
    type: 'counter',
    labels: {},
  },
  latchkey_refresh_token_reuse_total: {
    type: 'counter',
    labels: {},
  },
  latchkey_limit_hits_total: {
    type: 'counter',
    labels: {
      limit: LIMITS,
    },
  },
  latchkey_build_info: {
    type: 'gauge',
    labels: { version: OPEN, runtime: ['node', 'bun', 'deno', 'workerd'] },
  },
} as const satisfies Readonly<Record<string, Metric>>;

type Metrics = typeof METRICS;
export type MetricName = keyof Metrics;
type NameOf<Type extends Metric['type']> = {
  [Name in MetricName]: Metrics[Name]['type'] extends Type ? Name : never;
}[MetricName];

export type CounterName = NameOf<'counter'>;
export type GaugeName = NameOf<'gauge'>;
export type HistogramName = NameOf<'histogram'>;

/** The labels of a metric, all of which a value must have. */
export type LabelsOf<Name extends MetricName> = {
  readonly [Label in keyof Metrics[Name]['labels']]: Metrics[Name]['labels'][Label] extends readonly (infer Value)[]
    ? Value
    : string;
};
