import type { Caller } from '../../core/caller.ts';
import { randomBytes, toBase64Url } from '../../core/crypto/bytes.ts';
import { AppError } from '../../core/errors.ts';
import type { FileStore, HeldFile, Later, StoredFile } from '../../core/ports.ts';
import type { TraceContext } from '../../core/trace.ts';
import { eventsAt } from '../audit/event.ts';
import type { LiveSession } from '../sessions/session.ts';
import type { SessionStore } from '../sessions/store.ts';
import type { User } from '../users/user.ts';
import { cleanImage, InvalidImage } from './image/clean-image.ts';
import { imageTypeOf } from './image/image-type.ts';
import type { AvatarStore } from './store.ts';
import type { AvatarSweeper } from './sweeper.ts';

/** The user and the session that the guard has read, and the caller. */
export interface AvatarRequest {
  readonly user: Pick<User, 'id'>;
  readonly session: Pick<LiveSession, 'id'>;
  readonly caller: Caller;
  readonly later: Later;
}

export interface AvatarService {
  /**
   * Cleans a picture, stores it and shows it. Returns the changed user. The row of the picture is written before its
   * file, and the account shows it once the file is stored: whenever the process ends, no account shows a picture
   * without a file, and each file has a row by which housekeeping finds it.
   *
   * @throws AppError `invalid_image`; `avatars_off`; `files_unavailable`; `invalid_token` if the session has ended
   * meanwhile
   */
  set(request: AvatarRequest, bytes: Uint8Array<ArrayBuffer>): Promise<User>;
  /** Takes the picture away, if there is one. @throws AppError `invalid_token` if the session has ended */
  remove(request: AvatarRequest): Promise<void>;
  /**
   * Reads a picture. Does not ask the database: the file of a picture that no account shows is deleted. The caller calls
   * `release`, if there is one, when the picture is sent.
   *
   * @throws AppError `not_found`, `files_unavailable`
   */
  read(key: string, trace: TraceContext | undefined): Promise<StoredFile & Partial<HeldFile>>;
  /** True if a key is well-formed and pictures are stored at all. */
  isKey(key: string): boolean;
}

export interface AvatarParts {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly avatars: Pick<AvatarStore, 'add' | 'show' | 'hide' | 'release'>;
  readonly avatarSweeper: Pick<AvatarSweeper, 'sweepAccount'>;
  readonly files: FileStore | undefined;
  readonly sessions: Pick<SessionStore, 'findLive'>;
}

/** The bytes of a file, held if the store has a budget. */
type AnyFile = Pick<StoredFile, 'bytes'> & Partial<HeldFile>;

/** 128 random bits. */
const KEY_BYTES = 16;
const KEY = /^[\w-]{22}$/;

export function createAvatarService(parts: AvatarParts): AvatarService {
  const { clock, avatars, avatarSweeper, files, sessions } = parts;
  const eventOf = eventsAt(clock);

  return {
    async set({ user, session, caller, later }, bytes) {
      if (!files) throw new AppError('avatars_off');
      const image = cleaned(bytes);
      const key = toBase64Url(randomBytes(KEY_BYTES));
      const store = await orUnavailable(files.id());
      await avatars.add({ key, userId: user.id, store, size: image.bytes.length });
      // If this fails, the file may be stored nevertheless, even later. Housekeeping deletes it after an hour.
      await orUnavailable(files.put(key, image, caller.trace));
      const owner = { id: user.id, sessionId: session.id };
      const changed = await avatars.show(owner, key, eventOf(caller, user.id, 'avatar_set'));
      if (!changed) await avatars.release(key);
      later(() => avatarSweeper.sweepAccount(user.id));
      if (!changed) throw new AppError('invalid_token');
      return changed;
    },

    async remove({ user, session, caller, later }) {
      const owner = { id: user.id, sessionId: session.id };
      if (await avatars.hide(owner, eventOf(caller, user.id, 'avatar_removed'))) {
        later(() => avatarSweeper.sweepAccount(user.id));
        return;
      }
      if (!(await sessions.findLive(session.id, user.id))) throw new AppError('invalid_token');
    },

    isKey: (key) => files !== undefined && KEY.test(key),

    async read(key, trace) {
      if (!files || !KEY.test(key)) throw new AppError('not_found');
      const file = await orUnavailable(held(files, key, trace));
      const type = file && imageTypeOf(file.bytes);
      if (type) return { type, ...file };
      file?.release?.();
      throw new AppError('not_found');
    },
  };
}

async function held(
  files: FileStore,
  key: string,
  trace: TraceContext | undefined,
): Promise<AnyFile | undefined> {
  if (files.hold) return files.hold(key, trace);
  const bytes = await files.get(key, trace);
  return bytes && { bytes };
}

function cleaned(bytes: Uint8Array<ArrayBuffer>) {
  try {
    return cleanImage(bytes);
  } catch (cause) {
    if (!(cause instanceof InvalidImage)) throw cause;
    throw new AppError('invalid_image', {
      detail: `The picture was not accepted: ${cause.message}.`,
      cause,
    });
  }
}

async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new AppError('files_unavailable', { cause });
  }
}
