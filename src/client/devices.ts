import type { Exclusive } from './exclusive.ts';
import { type AnyAnswer, asRecord } from './http.ts';
import type { TokenStore } from './tokens.ts';

/** The token that recognizes this device when an account logs in. */
interface DeviceToken {
  /** The name that the user typed, in lower case; empty if unknown. */
  readonly account: string;
  readonly token: string;
  /** The id of the last login with it. */
  readonly login: string;
}

/** The device tokens of the last few accounts. They outlive logins. */
export interface Devices {
  /** The token of an account, by its name as typed; without a name, that of the last login. */
  ofAccount(name: string | undefined): Promise<string | undefined>;
  ofLogin(login: string): Promise<string | undefined>;
  /**
   * Stores the token in the answer of a login. Replaces that of the same account; without a name, that of the same login.
   */
  keep(answer: AnyAnswer, login: string, name?: string): Promise<void>;
}

/** Together below the 2048 bytes that a secure store accepts, for names of usual length. */
const MAX_DEVICES = 4;

interface DeviceOptions {
  readonly store: TokenStore;
  /** Serializes changes to the store. */
  readonly storing: Exclusive;
  readonly onStoreError: (error: unknown) => void;
}

export function createDevices({ store, storing, onStoreError }: DeviceOptions): Devices {
  let inMemory: string | undefined;
  const storage = store.devices ?? {
    get: () => inMemory,
    set(text: string) {
      inMemory = text;
    },
  };

  /** A login must not fail because of a token that it can do without. */
  async function read(): Promise<readonly DeviceToken[]> {
    try {
      return parse(await storage.get());
    } catch (error) {
      onStoreError(error);
      return [];
    }
  }

  return {
    async ofAccount(name) {
      const account = name && accountOf(name);
      return (await read()).find((kept) => !account || kept.account === account)?.token;
    },

    ofLogin: async (login) => (await read()).find((kept) => kept.login === login)?.token,

    keep: (answer, login, name) =>
      storing(async () => {
        const token = tokenIn(answer);
        // A server without device tokens.
        if (token === undefined) return;
        const kept = await read();
        const old = kept.find((each) => each.token === token || each.login === login);
        const account = name === undefined ? (old?.account ?? '') : accountOf(name);
        const others = kept.filter((each) => each !== old && each.account !== account);
        const next = [{ account, token, login }, ...others].slice(0, MAX_DEVICES);
        try {
          await storage.set(JSON.stringify(next));
        } catch (error) {
          onStoreError(error);
        }
      }),
  };
}

const accountOf = (name: string): string => name.trim().toLowerCase();

/** The token in the answer of a login, also in the envelope of the phone contract. */
function tokenIn({ data }: AnyAnswer): string | undefined {
  const body = asRecord(data);
  const token = body.device_token ?? asRecord(body.data).device_token;
  return typeof token === 'string' ? token : undefined;
}

/** A damaged value counts as no tokens. */
function parse(text: string | null | undefined): DeviceToken[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(value) ? value.filter(isDeviceToken) : [];
  } catch {
    return [];
  }
}

function isDeviceToken(value: unknown): value is DeviceToken {
  const { account, token, login } = asRecord(value);
  return [account, token, login].every((member) => typeof member === 'string');
}
