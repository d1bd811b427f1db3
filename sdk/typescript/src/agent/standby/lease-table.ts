import type { Claim } from '../../gen/reeve/v1/claim_pb.js';

/** Nanoseconds on the clock that all threads of a process share. */
export const sharedNow = (): bigint => process.hrtime.bigint();

export const NS_PER_MS = 1_000_000n;

/** A lease as the other thread sees it. */
export interface CopiedLease {
  readonly row: number;
  readonly taskId: string;
  readonly epoch: bigint;
}

/** Words of 64 bits. The header: when the agent's thread was alive last, how often it renews. */
const BEAT = 0;
const RENEW = 1;
const HEADER = 2;
/** A row: the task id in two halves, when the lease ends if that was prolonged here, the epoch (0: empty). */
const HIGH = 0;
const LOW = 1;
const EXPIRES = 2;
const EPOCH = 3;
const ROW = 4;

/**
 * The leases of an agent in memory that two threads share: a blocked thread can't send any, so
 * they must be there before. The agent's thread writes rows and beats; the other reads them
 * once the beat is late, and notes until when it has prolonged a lease. No locks: a row that
 * is read while it changes names a lease that nobody has, and is refused by its epoch.
 */
export class LeaseTable {
  readonly buffer: SharedArrayBuffer;
  readonly #words: BigUint64Array;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#words = new BigUint64Array(buffer);
  }

  static ofRows(rows: number): LeaseTable {
    const words = HEADER + rows * ROW;
    return new LeaseTable(new SharedArrayBuffer(words * BigUint64Array.BYTES_PER_ELEMENT));
  }

  get rows(): number {
    return (this.#words.length - HEADER) / ROW;
  }

  /** When the agent's thread was alive last. */
  get beatAt(): bigint {
    return Atomics.load(this.#words, BEAT);
  }

  beat(): void {
    Atomics.store(this.#words, BEAT, sharedNow());
  }

  /** How often the agent renews, in ns. */
  get renewNs(): bigint {
    return Atomics.load(this.#words, RENEW);
  }

  set renewNs(span: bigint) {
    Atomics.store(this.#words, RENEW, span);
  }

  /** False: the task id is not one that fits. */
  write(row: number, { taskId, epoch }: Pick<Claim, 'taskId' | 'epoch'>): boolean {
    const hex = taskId.replaceAll('-', '');
    if (!/^[0-9a-f]{32}$/i.test(hex)) return false;
    const at = HEADER + row * ROW;
    Atomics.store(this.#words, at + HIGH, BigInt(`0x${hex.slice(0, 16)}`));
    Atomics.store(this.#words, at + LOW, BigInt(`0x${hex.slice(16)}`));
    Atomics.store(this.#words, at + EXPIRES, 0n);
    Atomics.store(this.#words, at + EPOCH, epoch);
    return true;
  }

  clear(row: number): void {
    Atomics.store(this.#words, HEADER + row * ROW + EPOCH, 0n);
  }

  /** Until when the other thread has prolonged the lease of a row; 0: it has not. */
  expiresAt(row: number): bigint {
    return Atomics.load(this.#words, HEADER + row * ROW + EXPIRES);
  }

  prolong({ row, epoch }: CopiedLease, expiresAt: bigint): void {
    const at = HEADER + row * ROW;
    if (Atomics.load(this.#words, at + EPOCH) === epoch) {
      Atomics.store(this.#words, at + EXPIRES, expiresAt);
    }
  }

  /** What is held now. */
  all(): CopiedLease[] {
    const found: CopiedLease[] = [];
    for (let row = 0; row < this.rows; row++) {
      const at = HEADER + row * ROW;
      const epoch = Atomics.load(this.#words, at + EPOCH);
      if (epoch !== 0n) found.push({ row, taskId: this.#taskId(at), epoch });
    }
    return found;
  }

  #taskId(at: number): string {
    const half = (offset: number) =>
      Atomics.load(this.#words, at + offset)
        .toString(16)
        .padStart(16, '0');
    const hex = half(HIGH) + half(LOW);
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }
}
