import { limitOf, limitsAnything, NO_LIMITS, type OrgLimits } from '../../domain/limits/org-limits.js';
import { charged, NO_SHARE, type Share } from '../../domain/order/share.js';
import type { Band } from '../../domain/tasks/source.js';
import type { Clock } from '../../ports/clock.js';
import { KeyUse } from './key-use.js';

/** Keys that nobody waits for or has are looked for whenever there are twice as many as were left, and so many. */
const LEAST_SWEPT = 1_000;

/** What of an organisation is with agents, beside what it lets be. */
export class OrgUse {
  readonly org: string;
  readonly #clock: Clock;
  readonly #keys = new Map<string, KeyUse>();
  /** Tasks that are reserved or with agents, by their agent. */
  readonly #agents = new Map<string, number>();
  #total = 0;
  #other = 0;
  #sweepAt = LEAST_SWEPT;
  readonly #slotsOf: () => number;
  /** Of the connected agents; `null`: to be counted. */
  #slots: number | null = null;
  #hasBarred = false;
  #barsAsOf = '';
  limits: OrgLimits = NO_LIMITS;
  /** What runs is known. */
  isReady = false;
  share: Share = NO_SHARE;

  constructor(org: string, clock: Clock, slots: () => number) {
    this.org = org;
    this.#clock = clock;
    this.#slotsOf = slots;
  }

  /** Tasks that are reserved or with agents. */
  get total(): number {
    return this.#total;
  }

  /** Agents that have a task. */
  get busyAgents(): number {
    return this.#agents.size;
  }

  /** Something is limited, and what runs is not known. */
  get isUnready(): boolean {
    return !this.isReady && limitsAnything(this.limits);
  }

  /** Whether something is limited whatever tasks name. */
  get isLimited(): boolean {
    const { maxConcurrent, maxBusyAgents, reservedSlots } = this.limits;
    return maxConcurrent !== null || maxBusyAgents !== null || reservedSlots > 0;
  }

  /** Whether anything of a band may go now, as far as the organisation goes. */
  isOpen(band: Band): boolean {
    if (!this.isLimited) return true;
    const { maxConcurrent, reservedSlots } = this.limits;
    if (!this.isReady) return false;
    if (maxConcurrent !== null && this.#total >= maxConcurrent) return false;
    return band === 'HUMAN' || reservedSlots === 0 || this.#other < this.otherMost;
  }

  /** Tasks of the other band that may be with agents at once, as slots are reserved. */
  get otherMost(): number {
    this.#slots ??= this.#slotsOf();
    return Math.max(0, this.#slots - this.limits.reservedSlots);
  }

  get other(): number {
    return this.#other;
  }

  /** Whether an agent may get nothing because enough others have a task. */
  isBarred(agentId: string): boolean {
    const { maxBusyAgents: most } = this.limits;
    return most !== null && this.#agents.size >= most && !this.#agents.has(agentId);
  }

  /** To be called when agents have come or gone. */
  connectedChanged(): void {
    this.#slots = null;
    this.#barsAsOf = '';
  }

  /** Whether `isBarred` may have changed for anybody since it was asked last. */
  barsChanged(): boolean {
    const { maxBusyAgents: most } = this.limits;
    if (most === null && !this.#hasBarred) return false;
    this.#hasBarred = most !== null;
    const asOf = most === null ? '' : `${this.#agents.size >= most}`;
    const before = this.#barsAsOf;
    this.#barsAsOf = asOf;
    return before !== asOf || most === null;
  }

  keyUse(key: string): KeyUse {
    const known = this.#keys.get(key);
    if (known) return known;
    this.#sweep();
    const made = new KeyUse(this.#clock, limitOf(this.limits.keys, key), () => this.isReady);
    this.#keys.set(key, made);
    return made;
  }

  setLimits(limits: OrgLimits): void {
    this.limits = limits;
    for (const [key, use] of this.#keys) use.setLimit(limitOf(limits.keys, key));
  }

  setReady(): void {
    this.isReady = true;
    for (const use of this.#keys.values()) use.tellRoom();
  }

  /** A task is reserved or with an agent from here on (1), or no longer (-1). */
  count(band: Band, agentId: string, n: 1 | -1): void {
    this.#total += n;
    if (band === 'OTHER') this.#other += n;
    const ofAgent = (this.#agents.get(agentId) ?? 0) + n;
    if (ofAgent > 0) this.#agents.set(agentId, ofAgent);
    else this.#agents.delete(agentId);
  }

  charge(band: Band, ms: number): void {
    this.share = charged(this.share, band, ms);
  }

  #sweep(): void {
    if (this.#keys.size < this.#sweepAt) return;
    for (const [key, use] of this.#keys) if (use.isSpent) this.#keys.delete(key);
    this.#sweepAt = Math.max(LEAST_SWEPT, 2 * this.#keys.size);
  }
}
