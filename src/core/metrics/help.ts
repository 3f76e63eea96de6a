import type { MetricName } from './metrics.ts';

/** What each metric means. Beside the list of metrics, so that a Worker does not contain it. */
export const METRIC_HELP: Readonly<Record<MetricName, string>> = {
  http_server_request_duration_seconds:
    'Duration of requests until their response is ready, in seconds.',
  http_server_active_requests: 'Requests in flight.',
  latchkey_event_loop_lag_seconds: 'Lag of the event loop, sampled ten times a second, in seconds.',
  latchkey_unavailable_responses_total: 'Responses with status 503, by problem code.',
  latchkey_password_queue_waiting: 'Password hashes that wait for their turn.',
  latchkey_password_queue_wait_seconds:
    'Time that a password hash has waited before it ran or its wait timed out, in seconds.',
  db_client_operation_duration_seconds:
    'Duration of database calls, in seconds. A call that fails has an error type.',
  latchkey_outbox_messages: 'Messages that wait to be sent, counted up to 10,000.',
  latchkey_outbox_overdue_seconds:
    'Time by which the message that is due first is overdue, in seconds; 0 if none is due. A retry is due later.',
  latchkey_messages_total:
    'Attempts to send a message, by outcome. Messages that expired before they were sent are dead.',
  latchkey_sign_ups_total: 'Accounts that were created by sign-ups.',
  latchkey_log_ins_total: 'Login attempts, by method and outcome.',
  latchkey_lockouts_total: 'Locks of an account after too many wrong passwords.',
  latchkey_refresh_token_reuse_total:
    'Sessions that were ended because an old refresh token was used.',
  latchkey_limit_hits_total:
    'Requests or messages that a limit has refused, by the name of the limit.',
  latchkey_build_info: 'Always 1. The labels name the version and the runtime.',
};
