import { ReeveError } from '../domain/errors.js';
import type { Clock } from '../ports/clock.js';
import type { Ports } from '../usecases/ports.js';

/**
 * How long this process may take itself for the leader. A process that was frozen wakes in the
 * middle of what it did: what is guarded asks before each step, so it does nothing until it leads again.
 */
export interface Term {
  leads(): boolean;
  /** @param until on the monotonic clock, in ms */
  prolong(until: number): void;
  end(): void;
  /** `port` whose methods reject with ABORTED (NOT_LEADING) while this process does not lead. */
  guard<T extends object>(port: T): T;
  /** Ports for what only a leader does: record and index are guarded, timers of a term that is over do not fire. */
  guardPorts(ports: Ports): Ports;
}

const NOT_LEADING = 'NOT_LEADING';

export function createTerm(clock: Pick<Clock, 'monotonic'>): Term {
  let until = Number.NEGATIVE_INFINITY;
  const leads = () => clock.monotonic() < until;

  function guard<T extends object>(port: T): T {
    return new Proxy(port, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) =>
          leads() ? (Reflect.apply(member, target, args) as unknown) : Promise.reject(notLeading());
      },
    });
  }

  return {
    leads,
    prolong(to) {
      until = to;
    },
    end() {
      until = Number.NEGATIVE_INFINITY;
    },
    guard,
    guardPorts(ports) {
      const { clock } = ports;
      return {
        ...ports,
        record: guard(ports.record),
        index: guard(ports.index),
        clock: {
          now: () => clock.now(),
          monotonic: () => clock.monotonic(),
          after: (ms, fn) => clock.after(ms, () => leads() && fn()),
        },
      };
    },
  };
}

/** Whether something was not done because another process leads, or none. */
export function isNotLeading(error: unknown): boolean {
  return error instanceof ReeveError && error.reason === NOT_LEADING;
}

function notLeading(): ReeveError {
  return new ReeveError('ABORTED', NOT_LEADING, 'this coordinator does not lead');
}
