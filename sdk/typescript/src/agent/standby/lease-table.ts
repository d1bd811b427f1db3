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
/** A row: the task id in four parts of 32 bits, when the lease ends if that was prolonged here, the epoch (0: empty). */
const TASK_ID = 0;
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
  /** The same memory. */
  readonly #halves: Uint32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#words = new BigUint64Array(buffer);
    this.#halves = new Uint32Array(buffer);
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
    if (!parseUuid(taskId)) return false;
    const at = HEADER + row * ROW;
    for (let i = 0; i < 4; i++) Atomics.store(this.#halves, 2 * (at + TASK_ID) + i, uuidParts[i] ?? 0);
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
    const part = (i: number) => Atomics.load(this.#halves, 2 * (at + TASK_ID) + i);
    const hex = [0, 1, 2, 3].map((i) => part(i).toString(16).padStart(8, '0')).join('');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }
}

const uuidParts = new Uint32Array(4);

/** Into `uuidParts`, digit by digit, since it is done with every task. False: not a UUID. */
function parseUuid(text: string): boolean {
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === DASH) continue;
    const digit = unit <= NINE ? unit - ZERO : (unit | 32) - LETTER_A + 10;
    const isHex = digit >= 0 && digit < 16 && (unit <= NINE || digit > 9);
    if (!isHex || digits === 32) return false;
    const part = digits >> 3;
    uuidParts[part] = ((uuidParts[part] ?? 0) << 4) | digit;
    digits++;
  }
  return digits === 32;
}

const DASH = 45;
const ZERO = 48;
const NINE = 57;
const LETTER_A = 97;
