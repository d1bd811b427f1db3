import type { Principal } from '../domain/access/principal.js';
import { ReeveError } from '../domain/errors.js';
import { partKey, type QueuePart } from '../domain/queues/queue-part.js';
import { MAX_PAUSES, type QueuePause, type QueueRecord } from '../ports/queue-record.js';
import type { Ports } from './ports.js';

export interface QueuePorts {
  readonly ports: Pick<Ports, 'index' | 'log'>;
  readonly queues: QueueRecord;
}

/** Pauses and resumes parts of queues. */
export interface QueuePauses {
  /**
   * Kept in the record first; no task of the part is reserved once this has answered.
   *
   * @throws RESOURCE_EXHAUSTED (TOO_MANY_PAUSES)
   */
  pause(principal: Principal, part: QueuePart, reason: string): Promise<QueuePause>;
  /** The pause that has ended; `null` if there was none. */
  resume(principal: Principal, part: QueuePart): Promise<QueuePause | null>;
}

/** Record and index are changed one call after the other, so that they end up agreeing. */
export function createQueuePauses({ ports: { index, log }, queues }: QueuePorts): QueuePauses {
  let last: Promise<unknown> = Promise.resolve();
  function inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = last.then(change);
    last = turn.catch(() => undefined);
    return turn;
  }

  return {
    pause: ({ org, subject: actor }, part, reason) =>
      inTurn(async () => {
        const pause = await queues.pauseQueue({ org, part, reason, actor });
        if (!pause) throw tooMany();
        await index.hold(org, part, pauseName(part));
        log.info({ org, ...part, actor }, 'a part of the queue is paused');
        return pause;
      }),
    resume: ({ org, subject: actor }, part) =>
      inTurn(async () => {
        const pause = await queues.resumeQueue(org, part);
        await index.unhold(org, pauseName(part));
        if (pause) log.info({ org, ...part, actor }, 'a part of the queue is resumed');
        return pause;
      }),
  };
}

/** Name in the index of what a pause holds. */
export function pauseName(part: QueuePart): string {
  return `pause ${partKey(part)}`;
}

function tooMany(): ReeveError {
  const message = `${MAX_PAUSES} parts of the queue are paused; resume some, or pause a larger part`;
  return new ReeveError('RESOURCE_EXHAUSTED', 'TOO_MANY_PAUSES', message);
}
