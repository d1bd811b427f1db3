import type { Chance } from './chance.js';
import type { EventQueue } from './event-queue.js';

/** How long things take and how often they go wrong; set to `CALM` when the faults are over. */
export interface Weather {
  /** That a call of the record is lost on the way, or its reply. */
  readonly lostCall: number;
  readonly lostReply: number;
  /** That something takes seconds instead of milliseconds. */
  readonly slow: number;
}

/** Nothing is under way for longer. */
export const MAX_LATENCY_MS = 3_000;

export const CALM: Weather = { lostCall: 0, lostReply: 0, slow: 0 };

/** A failure that the simulation has made, as opposed to one of the program. */
export class Injected extends Error {
  override readonly name = 'Injected';
}

/** What carries messages, with the weather of the moment. */
export class Network {
  weather: Weather;
  readonly queue: EventQueue;
  readonly chance: Chance;

  constructor(queue: EventQueue, chance: Chance, weather: Weather) {
    this.queue = queue;
    this.chance = chance;
    this.weather = weather;
  }

  /** How long something is under way, in ms. */
  latency(): number {
    if (this.chance.happens(this.weather.slow)) return this.chance.random() * MAX_LATENCY_MS;
    return 0.1 + this.chance.random() ** 3 * 40;
  }

  /** Calls `fn` when something sent now has arrived. */
  carry(fn: () => void): void {
    this.queue.after(this.latency(), fn);
  }

  /** Carries what is sent one way in its order. */
  lane(): (fn: () => void) => void {
    let last = 0;
    return (fn) => {
      last = Math.max(last, this.queue.now + this.latency());
      this.queue.after(last - this.queue.now, fn);
    };
  }
}
