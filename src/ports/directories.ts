import type { Role, Subject } from '../domain/directory/directory.js';
import type { PoolQuery } from '../domain/directory/pool.js';
import type { JsonObject } from '../domain/json.js';

/** A page of what matches, by id. */
export interface PageQuery {
  /** A filter that was checked; `null`: all. */
  readonly filter: JsonObject | null;
  /** From an earlier answer; empty: from the start. */
  readonly cursor: string;
  readonly limit: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** For the next page; empty on the last. */
  readonly nextCursor: string;
}

/** The roles and subjects of one organisation, wherever they are kept. */
export interface Directory {
  /** Told apart from another by this: what was read of one says nothing of another. */
  readonly name: string;
  /** How long what was read counts, in ms. `null`: until the organisation's rules change. */
  readonly cacheMs: number | null;
  /** @throws UNAVAILABLE (DIRECTORY_UNAVAILABLE) */
  queryRoles(query: PageQuery): Promise<Page<Role>>;
  /** @throws UNAVAILABLE (DIRECTORY_UNAVAILABLE) */
  querySubjects(query: PageQuery): Promise<Page<Subject>>;
  /** The ids of a pool's subjects. @throws UNAVAILABLE (DIRECTORY_UNAVAILABLE) */
  poolMembers(pool: PoolQuery): Promise<ReadonlySet<string>>;
}

/** The directory that an organisation uses. */
export interface Directories {
  /** @throws UNAVAILABLE if what it uses cannot be read */
  of(org: string): Promise<Directory>;
}

/** A service of an organisation's own. */
export interface RemoteDirectoryPlace {
  readonly org: string;
  /** `host:port`. */
  readonly address: string;
  readonly plaintext: boolean;
  readonly cacheMs: number;
}

export type OpenRemoteDirectory = (place: RemoteDirectoryPlace) => Directory;
