import type { Config } from '../../config/config.ts';
import { type CreateMac, createPortableMac } from '../../core/crypto/derived-key.ts';
import { createSealer } from '../../core/crypto/sealer.ts';
import type { Database } from '../../core/db/database.ts';
import type { Logger } from '../../core/log.ts';
import { type Meter, silentMeter } from '../../core/metrics/meter.ts';
import type { Later, Mailer, Outbound, SmsSender } from '../../core/ports.ts';
import { createDelivery, type Delivery } from './delivery.ts';
import { linksOf } from './links.ts';
import type { Channel } from './message.ts';
import { createConsoleSender, type PrintedMessage } from './senders/console.ts';
import { type CreateSmtpMailer, createMailer, createSenders, createSmsSender } from './senders.ts';
import { createOutbox, OUTBOX_PURPOSE, type Outbox } from './store.ts';

/** Queues and sends messages. */
export interface Messages extends Delivery, Pick<Outbox, 'prepare' | 'removeOld'> {
  /** False if the settings name no sender. */
  canSend(channel: Channel): boolean;
  /** Starts to send what has just been queued. Call it after the batch that queues a message. */
  kick(later: Later): void;
  /** Ends the runs that {@link kick} has started after the messages that they have claimed, and starts no more. */
  stop(): void;
  /** The last messages that were printed, newest first. */
  printed(): readonly PrintedMessage[];
}

interface MessageParts {
  readonly config: Pick<Config, 'environment' | 'messages' | 'secretKeys' | 'host' | 'port'>;
  readonly db: Database;
  readonly log: Logger;
  readonly fetch: Outbound;
  readonly clock: () => number;
  readonly createMac?: CreateMac | undefined;
  readonly meter?: Meter | undefined;
  /** Replace the senders of the settings. */
  readonly mail?: Mailer | undefined;
  readonly sms?: SmsSender | undefined;
  readonly createSmtpMailer?: CreateSmtpMailer | undefined;
  readonly print?: ((text: string) => void) | undefined;
}

/** @throws ConfigError if the platform does not support a sender of the settings */
export async function createMessages(parts: MessageParts): Promise<Messages> {
  const { config, db, log, clock, createMac = createPortableMac, meter = silentMeter } = parts;
  const console = createConsoleSender(parts.print ?? (() => {}), clock);
  const senderParts = { ...parts, createMac, console };
  const { mail: mailSetting, sms: smsSetting } = config.messages;
  const mail = parts.mail ?? (mailSetting && createMailer(mailSetting, senderParts));
  const sms = parts.sms ?? (smsSetting && createSmsSender(smsSetting, senderParts));
  const senders = createSenders({ mail, sms }, linksOf(config));

  const outbox = createOutbox(db, await createSealer(config.secretKeys, OUTBOX_PURPOSE), clock);
  const delivery = createDelivery({ outbox, senders, log, meter, clock });
  // Not an `AbortSignal`, which on Workers belongs to the request that created it.
  const stopping = { aborted: false };
  if (delivery.state() === 'off' && config.environment === 'production') {
    log.warn('messages_off', { cure: 'set MAIL or SMS' });
  }
  return {
    ...delivery,
    prepare: outbox.prepare,
    removeOld: outbox.removeOld,
    canSend: (channel) => senders[channel] !== undefined,
    kick(later) {
      // After the response is on its way: whether there is something to send must not show in its time.
      const deliver = async () => {
        await new Promise((resolve) => setTimeout(resolve, 0));
        await delivery.deliver(undefined, stopping);
      };
      if (!stopping.aborted) later(deliver);
    },
    stop() {
      stopping.aborted = true;
    },
    printed: console.latest,
  };
}
