import type { TurnFacts } from '../../domain/limits/full-limit.js';
import { servedOnReturn, TURN_BOUND_MS } from '../../domain/order/turns.js';
import type { TaskKeys } from '../../domain/tasks/keys.js';
import { Heap } from '../../matching/heap.js';
import type { Clock } from '../../ports/clock.js';
import type { Entry } from '../entry.js';
import type { KeyUse } from '../limits/key-use.js';
import { Account, byFirst, byServed, Part, type Place } from './account.js';
import { Bucket } from './bucket.js';
import { Parked } from './parked.js';

export interface KeyedOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly keyUse: (limit: string) => KeyUse;
  /** Told when another task may be next, by what became of those that were given out. */
  readonly onChanged: () => void;
}

/** Accounts of keys of which nothing waits. */
const MAX_IDLE = 10_000;

/**
 * The tasks of a lane by fairness key and limits. Next is the first task of the key that was served least, of those
 * with a task whose limits have room. Every step is O(log n), but where a limit closes: as many steps as it had room.
 */
export class KeyedTasks {
  readonly #options: KeyedOptions;
  readonly #accounts = new Map<string | null, Account>();
  readonly #buckets = new Map<string, Bucket>();
  readonly #parked = new Map<KeyUse, Parked>();
  /** Accounts with something that may go. */
  readonly #inTurn = new Heap<Account>(byServed);
  /** Parts of which something may go, by their first tasks. */
  readonly #byFirst = new Heap<Place>(byFirst);
  /** Accounts of which nothing waits, that were served more than those that do. */
  readonly #idle = new Heap<Account>((a, b) => a.served - b.served);
  /** Where the account was that got the last slot. */
  #floor = 0;

  constructor(options: KeyedOptions) {
    this.#options = options;
  }

  /** The first of each of its parts are the next ones. */
  *heaps(): Generator<Heap<Entry>> {
    for (const { parts } of this.#accounts.values()) for (const { tasks } of parts.values()) yield tasks;
  }

  /** The next task that may go. */
  next(): Entry | undefined {
    for (;;) {
      const part = this.#nextPart();
      const bucket = part && this.#bucketOf(part);
      if (!bucket?.isFull) return part?.first;
      bucket.fill();
    }
  }

  /** Takes over tasks that name nothing. */
  adopt(tasks: Heap<Entry>): void {
    if (tasks.size > 0) this.#add(null, tasks);
  }

  push(entry: Entry): void {
    const part = this.#partOf(entry.keys);
    part?.tasks.push(entry);
    if (part) this.#changed(part);
    else this.#add(entry.keys, undefined, entry);
  }

  remove(entry: Entry): void {
    const part = this.#partOf(entry.keys);
    if (!part) return;
    part.tasks.remove(entry);
    if (part.tasks.size > 0) this.#changed(part);
    else this.#removePart(part);
  }

  #removePart(part: Part): void {
    const { account, key } = part;
    const bucket = this.#bucketOf(part);
    bucket?.remove(part);
    if (bucket?.size === 0) this.#forget(bucket);
    else if (bucket?.parkedAt) this.#parkedAt(bucket.parkedAt).changed(bucket);
    account.parts.delete(key);
    if (account.parts.size === 0) this.#rest(account);
  }

  /** The account that a task is charged to. */
  account(fairness: string | null): Account {
    const known = this.#accounts.get(fairness);
    if (known) return known;
    const made = new Account(fairness, (account, before) => this.#served(account, before));
    made.served = this.#least();
    this.#accounts.set(fairness, made);
    return made;
  }

  /** How a fairness key stands to the others. */
  turnOf(key: string | null): TurnFacts {
    const servedMs = this.#accounts.get(key)?.served ?? this.#least();
    let less = 0;
    for (const _ of this.#inTurn.before((other) => other.served < servedMs)) less += 1;
    return { key, servedMs, less };
  }

  /** A task was given out, and is charged: its limits have less room, and its key has had its turn. */
  turned({ keys }: Entry): void {
    const part = this.#partOf(keys);
    const bucket = part && this.#bucketOf(part);
    if (part && bucket?.has(part)) bucket.turned(part);
  }

  #nextPart(): Part | undefined {
    const oldest = this.#byFirst.peek()?.part;
    const score = oldest?.first?.score ?? Number.POSITIVE_INFINITY;
    if (oldest && this.#options.clock.now() - score > TURN_BOUND_MS) return oldest;
    return this.#inTurn.peek()?.offered.peek()?.part;
  }

  #partOf(keys: TaskKeys | null): Part | undefined {
    return this.#accounts.get(keys?.fairness ?? null)?.parts.get(bucketKey(keys));
  }

  #add(keys: TaskKeys | null, tasks?: Heap<Entry>, entry?: Entry): void {
    const account = this.account(keys?.fairness ?? null);
    this.#idle.remove(account);
    const bucket = this.#bucket(keys);
    const part = new Part(account, bucket.key, tasks);
    if (entry) part.tasks.push(entry);
    account.parts.set(bucket.key, part);
    bucket.add(part);
    if (bucket.parkedAt) this.#parkedAt(bucket.parkedAt).changed(bucket);
  }

  #bucket(keys: TaskKeys | null): Bucket {
    const key = bucketKey(keys);
    const known = this.#buckets.get(key);
    if (known) return known;
    const made = new Bucket({
      key,
      limits: (keys?.limits ?? []).map(this.#options.keyUse),
      offer: (part) => this.#offer(part),
      withdraw: (part) => this.#withdraw(part),
      park: (bucket, full, wasOpen) => {
        this.#parkedAt(full).add(bucket);
        if (wasOpen) this.#passOn(bucket);
      },
    });
    this.#buckets.set(key, made);
    return made;
  }

  #changed(part: Part): void {
    const { account } = part;
    const bucket = this.#bucketOf(part);
    bucket?.changed(part);
    if (bucket?.has(part)) {
      account.offered.update(part.inAccount);
      this.#byFirst.update(part.inLane);
      this.#inTurn.update(account);
    } else if (bucket?.parkedAt) this.#parkedAt(bucket.parkedAt).changed(bucket);
  }

  #bucketOf({ key }: Part): Bucket | undefined {
    return this.#buckets.get(key);
  }

  #offer(part: Part): void {
    const { account } = part;
    if (account.offered.size === 0) account.served = servedOnReturn(account.served, this.#least());
    account.offered.push(part.inAccount);
    this.#byFirst.push(part.inLane);
    if (this.#inTurn.has(account)) this.#inTurn.update(account);
    else this.#inTurn.push(account);
  }

  #withdraw(part: Part): void {
    const { account } = part;
    account.offered.remove(part.inAccount);
    this.#byFirst.remove(part.inLane);
    if (account.offered.size > 0) this.#inTurn.update(account);
    else this.#inTurn.remove(account);
  }

  /** What those begin with that were not there. */
  #least(): number {
    return this.#inTurn.peek()?.served ?? this.#floor;
  }

  #served(account: Account, before: number): void {
    const known = this.#accounts.get(account.key);
    if (known === undefined) this.#accounts.set(account.key, account);
    else if (known !== account) {
      // The account was forgotten, and begun anew.
      known.served = Math.max(0, known.served + account.served - before);
    }
    if (account.served > before) this.#floor = Math.max(this.#floor, before);
    this.#place(known ?? account);
  }

  #place(account: Account): void {
    if (account.parts.size === 0) this.#rest(account);
    else if (this.#inTurn.has(account)) this.#inTurn.update(account);
    this.#forgetIdle();
    this.#options.onChanged();
  }

  /** Nothing of it waits: kept as long as it was served more than those that do. */
  #rest(account: Account): void {
    if (this.#idle.has(account)) this.#idle.update(account);
    else this.#idle.push(account);
    this.#forgetIdle();
  }

  #forgetIdle(): void {
    const least = this.#least();
    for (let one = this.#idle.peek(); one; one = this.#idle.peek()) {
      if (one.served > least && this.#idle.size <= MAX_IDLE) return;
      this.#idle.remove(one);
      this.#accounts.delete(one.key);
    }
  }

  #parkedAt(limit: KeyUse): Parked {
    const known = this.#parked.get(limit);
    if (known) return known;
    const made = new Parked(limit, {
      onOpened: () => this.#options.onChanged(),
      onEmpty: () => this.#parked.delete(limit),
    });
    this.#parked.set(limit, made);
    return made;
  }

  #forget(bucket: Bucket): void {
    this.#buckets.delete(bucket.key);
    if (bucket.parkedAt) this.#parkedAt(bucket.parkedAt).remove(bucket);
    else this.#passOn(bucket);
  }

  /** Room that a bucket was opened for, and does not take, is for those that wait. */
  #passOn({ limits }: Bucket): void {
    for (const limit of limits) {
      const parked = this.#parked.get(limit);
      const room = parked ? limit.room() : 0;
      if (room > 0) parked?.roomMade(room);
    }
  }
}

/** Limits are sorted; none has a control character. */
function bucketKey(keys: TaskKeys | null): string {
  return keys === null ? '' : keys.limits.join('\0');
}
