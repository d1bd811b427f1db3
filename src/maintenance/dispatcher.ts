import { isRecordAway } from '../domain/record-errors.js';
import type { Reservation } from '../ports/ready-index.js';
import { claimTasks } from '../usecases/claim-tasks.js';
import type { Ports } from '../usecases/ports.js';
import { createCheckedClaims } from './checked-claims.js';
import type { Service } from './service.js';

/** Tasks popped at once, and batches on their way to the record at once; the next ones accumulate meanwhile. */
const MAX_BATCH = 500;
const MAX_IN_FLIGHT = 2;
/** How long to wait after the record or the index refused a batch as a whole. */
const RETRY_MS = 250;

/** Pops tasks whenever the index has some to give, and claims them. */
export function createDispatcher(ports: Ports): Service {
  const claim = claimTasks(ports);
  let running = false;
  let scheduled = false;
  /** Something became ready since the index was asked. */
  let again = false;
  const inFlight = new Set<Promise<void>>();

  function wake(): void {
    again = true;
    if (!running || scheduled || inFlight.size >= MAX_IN_FLIGHT) return;
    scheduled = true;
    queueMicrotask(() => void dispatch());
  }

  async function dispatch(): Promise<void> {
    again = false;
    const reservations = await reserve();
    scheduled = false;
    if (reservations.length === 0) {
      if (again) wake();
      return;
    }
    const batch = claimBatch(checked.take(reservations));
    inFlight.add(batch);
    wake();
    await batch;
    inFlight.delete(batch);
    wake();
  }

  /** While the index is away nothing is ready; it is asked again after a while. */
  async function reserve(): Promise<readonly Reservation[]> {
    try {
      return await ports.index.reserve(MAX_BATCH);
    } catch (error) {
      ports.log.error({ err: error }, 'nothing could be taken from the index');
      await pause();
      again = true;
      return [];
    }
  }

  const pause = () => new Promise<void>((resolve) => ports.clock.after(RETRY_MS, resolve));

  async function claimBatch(reservations: readonly Reservation[]): Promise<void> {
    if (reservations.length === 0) return;
    try {
      await claim(reservations);
    } catch (error) {
      const level = isRecordAway(error) ? 'debug' : 'error';
      ports.log[level]({ err: error, tasks: reservations.length }, 'a batch of claims failed');
      await pause();
    }
  }

  const checked = createCheckedClaims(ports, claimBatch);
  ports.index.onReady(wake);
  return {
    start() {
      running = true;
      wake();
    },
    async stop() {
      running = false;
      while (inFlight.size > 0) await Promise.all(inFlight);
      await checked.idle();
    },
  };
}
