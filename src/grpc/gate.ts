import { ReeveError } from '../api/errors.js';

/** Bounds the calls that are being worked on for one connection. */
export interface Gate {
  /**
   * Begins a call; the answer ends it.
   *
   * @param peer `address:port`, which tells connections apart
   * @throws RESOURCE_EXHAUSTED (TOO_MANY_CALLS)
   */
  enter(peer: string): () => void;
}

/**
 * HTTP/2 bounds the streams that are open at once; a call that the client resets is open no
 * more, and still worked on. Here it counts until its work is done.
 */
export function createGate(maxCalls: number): Gate {
  const underWay = new Map<string, number>();
  return {
    enter(peer) {
      const calls = underWay.get(peer) ?? 0;
      if (calls >= maxCalls) throw tooMany(maxCalls);
      underWay.set(peer, calls + 1);
      return () => {
        const left = (underWay.get(peer) ?? 1) - 1;
        if (left > 0) underWay.set(peer, left);
        else underWay.delete(peer);
      };
    },
  };
}

function tooMany(maxCalls: number): ReeveError {
  const message = `more than ${maxCalls} calls of this connection are under way`;
  return new ReeveError('RESOURCE_EXHAUSTED', 'TOO_MANY_CALLS', message, {
    retryAfterMs: 1_000,
    metadata: { subject: 'connection', max_calls: String(maxCalls) },
  });
}
