import type { Later } from '../../core/ports.ts';
import type { Channel } from './message.ts';
import type { Outbox } from './store.ts';

export interface Messages {
  /** True if the channel has a sender. */
  canSend(channel: Channel): boolean;
  readonly prepare: Outbox['prepare'];
  /** Sends what is due, after the response. */
  kick(later: Later): void;
}
