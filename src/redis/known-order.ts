import { bandInTurn, charged, NO_SHARE, type Share } from '../domain/order/share.js';
import type { Band } from '../domain/tasks/source.js';
import type { LaneOrder } from '../matching/lanes.js';
import type { ToldOrder } from './step.js';

/** A task that is planned, beside what limits what may be planned. */
export interface Taken {
  readonly band: Band;
  /** Its agent had nothing before. */
  readonly isNewlyBusy: boolean;
  /** Both bands could go. */
  readonly isContended: boolean;
  readonly expectedMs: number;
}

const ANY = Number.POSITIVE_INFINITY;

/** What may still be given out of an organisation, and what its bands were given, as Redis told and less what is planned. */
export class KnownOrder implements LaneOrder {
  readonly #restShare: () => number;
  /** Of the limits that Redis has; 0: it was told of none. */
  version = 0;
  /** It is known what runs, as far as anything is limited. */
  isReady = true;
  #all = ANY;
  #rest = ANY;
  #busy = ANY;
  #share: Share = NO_SHARE;

  constructor(restShare: () => number) {
    this.#restShare = restShare;
  }

  /** @returns whether something is another than before */
  read(told: ToldOrder | undefined): boolean {
    const [version, isReady, all, rest, busy, human, other] = told ?? [0, true, false, false, false, 0, 0];
    const before = [this.#all, this.#rest, this.#busy, this.#share.human, this.#share.rest];
    this.version = version;
    this.isReady = isReady;
    this.#all = all === false ? ANY : all;
    this.#rest = rest === false ? ANY : rest;
    this.#busy = busy === false ? ANY : busy;
    this.#share = { human, rest: other };
    return [this.#all, this.#rest, this.#busy, human, other].some((value, i) => value !== before[i]);
  }

  /** What the bands were given while both had something to give out. */
  get share(): Share {
    return this.#share;
  }

  /** Nothing limits what may be given out. */
  get isPlain(): boolean {
    return this.#all === ANY && this.#rest === ANY && this.#busy === ANY;
  }

  isOpen(_org: string, band: Band): boolean {
    return this.#all > 0 && (band === 'HUMAN' || this.#rest > 0);
  }

  bandFirst(): Band {
    return bandInTurn(this.#share, this.#restShare());
  }

  /** Whether agents that have nothing get nothing, as enough others are busy. */
  get barsIdle(): boolean {
    return this.#busy <= 0;
  }

  /** The plan goes on as if it was given out. @returns what undoes that */
  take({ band, isNewlyBusy, isContended, expectedMs }: Taken): () => void {
    const before = [this.#all, this.#rest, this.#busy, this.#share] as const;
    this.#all -= 1;
    if (band === 'OTHER') this.#rest -= 1;
    if (isNewlyBusy) this.#busy -= 1;
    if (isContended) this.#share = charged(this.#share, band, expectedMs);
    return () => {
      [this.#all, this.#rest, this.#busy, this.#share] = before;
    };
  }
}
