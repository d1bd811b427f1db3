import { ReeveError, unavailable } from '../domain/errors.js';
import type { Clock } from '../ports/clock.js';
import type { Directory } from '../ports/directories.js';
import type { Log } from '../ports/log.js';

/** What a directory has said of a pool. */
interface Reading extends Pick<Directory, 'name' | 'cacheMs'> {
  readonly members: ReadonlySet<string>;
}

export interface KnownPoolOptions {
  readonly org: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The directory that its organisation uses now. */
  readonly open: () => Promise<Directory>;
  readonly read: (directory: Directory) => Promise<ReadonlySet<string>>;
  /** Told whenever it has other members than before. */
  readonly onChanged: () => void;
}

const NOBODY: ReadonlySet<string> = new Set();
/** However often rules change, a pool is not read more often than this, in ms, nor for more than a quarter of the time. */
const APART_MS = 200;
const SHARE = 4;
/** When a reading that failed is tried again, in ms. */
const RETRY_MS = 2_000;
/** While its directory is away, what was read last counts for at most so many times as long as it should. */
const MAX_AGES = 10;

/** One pool, as it was read last, and when it is read next. It is read as long as it is not stopped. */
export class KnownPool {
  /** It was asked for since this was made false. */
  isUsed = true;
  readonly #options: KnownPoolOptions;
  #reading: Reading | null = null;
  #readAt = 0;
  #beganAt = Number.NEGATIVE_INFINITY;
  /** How long the last reading took, in ms. */
  #tookMs = 0;
  #underWay: Promise<void> | null = null;
  /** What is under way may not have seen what has changed. */
  #again = false;
  #failure: unknown = null;
  #isStopped = false;
  #stopTimer: () => void = () => undefined;

  constructor(options: KnownPoolOptions) {
    this.#options = options;
    void this.#read();
  }

  has(subjectId: string): boolean {
    this.isUsed = true;
    return this.#reading?.members.has(subjectId) ?? false;
  }

  /** As they are now, unless its directory is away: then as they were. @throws UNAVAILABLE (DIRECTORY_UNAVAILABLE) */
  async members(): Promise<ReadonlySet<string>> {
    this.isUsed = true;
    while (this.#underWay) await this.#underWay;
    if (this.#reading === null || this.#isOlderThan(1)) await this.#read();
    if (this.#reading) return this.#reading.members;
    const { org } = this.#options;
    throw unavailable(
      'DIRECTORY_UNAVAILABLE',
      `roles and subjects of ${org} are not to be had: ${wordsOf(this.#failure)}`,
    );
  }

  /** In words, why it has nobody: it could not be read. `null`: it was, or it is being read for the first time. */
  get problem(): string | null {
    this.isUsed = true;
    return this.#reading === null && this.#failure !== null ? wordsOf(this.#failure) : null;
  }

  /** The rules of its organisation are others: perhaps who holds a role, perhaps the directory itself. */
  rulesChanged(): void {
    this.#again = true;
    if (!this.#underWay)
      this.#readIn(Math.max(0, this.#beganAt + APART_MS - this.#options.clock.monotonic()));
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopTimer();
  }

  #readIn(ms: number): void {
    this.#stopTimer();
    if (this.#isStopped || ms === Number.POSITIVE_INFINITY) return;
    if (ms <= 0) void this.#read();
    else this.#stopTimer = this.#options.clock.after(ms, () => void this.#read());
  }

  #read(): Promise<void> {
    this.#stopTimer();
    this.#again = false;
    this.#beganAt = this.#options.clock.monotonic();
    this.#underWay ??= this.#readOnce().finally(() => {
      this.#tookMs = this.#options.clock.monotonic() - this.#beganAt;
      this.#underWay = null;
      this.#readIn(this.#nextIn());
    });
    return this.#underWay;
  }

  async #readOnce(): Promise<void> {
    const { clock, log, org, open, read } = this.#options;
    const began = clock.monotonic();
    try {
      const directory = await open();
      const { name, cacheMs } = directory;
      // What another directory has said is not to be gone by, for however short a time.
      if (this.#reading && this.#reading.name !== name) this.#set(null);
      const members = await read(directory);
      this.#readAt = began;
      if (this.#failure !== null) log.info({ org }, 'who is in a pool of candidates is known again');
      this.#failure = null;
      this.#set({ members, name, cacheMs });
    } catch (error) {
      if (this.#failure === null)
        log.warn({ org, err: error }, 'who is in a pool of candidates could not be read');
      this.#failure = error;
      if (this.#reading === null || !this.#isOlderThan(MAX_AGES)) return;
      log.warn({ org }, 'a directory has been away for too long: nobody is in a pool of candidates');
      this.#set(null);
    }
  }

  #nextIn(): number {
    if (this.#again) return this.#mayReadIn();
    const cacheMs = this.#reading?.cacheMs ?? null;
    if (this.#failure !== null) return Math.min(cacheMs ?? RETRY_MS, RETRY_MS);
    return cacheMs ?? Number.POSITIVE_INFINITY;
  }

  #mayReadIn(): number {
    const apart = Math.max(APART_MS, this.#tookMs * SHARE);
    return Math.max(0, this.#beganAt + apart - this.#options.clock.monotonic());
  }

  #set(reading: Reading | null): void {
    const before = this.#reading?.members ?? NOBODY;
    const after = reading?.members ?? NOBODY;
    this.#reading = reading;
    if (before.size === after.size && [...after].every((id) => before.has(id))) return;
    this.#options.onChanged();
  }

  #isOlderThan(ages: number): boolean {
    const cacheMs = this.#reading?.cacheMs ?? null;
    return cacheMs !== null && this.#options.clock.monotonic() - this.#readAt > cacheMs * ages;
  }
}

function wordsOf(failure: unknown): string {
  return failure instanceof ReeveError ? failure.message : 'it could not be read';
}
