import type { Ports } from '../usecases/ports.js';
import type { Service } from './service.js';
import { createTicker } from './ticker.js';

const BATCH = 500;
/** How long what failed waits until it is due again. */
export const RETRY_MS = 1_000;

export interface DueServiceOptions<T extends object> {
  readonly name: string;
  readonly ports: Pick<Ports, 'clock' | 'log'>;
  /** Between two looks at what is due. */
  readonly everyMs: number;
  /** Takes out at most `max` of what is due. */
  readonly take: (max: number) => Promise<readonly T[]>;
  /** Does what they are due for. */
  readonly act: (due: readonly T[]) => Promise<void>;
  /** Takes back what could not be acted on. */
  readonly putBack: (later: readonly (T & { readonly due: number })[]) => Promise<void>;
}

/** Does what is due, batch by batch; a batch that fails is due again a second later. */
export function createDueService<T extends object>(options: DueServiceOptions<T>): Service {
  const { name, ports, everyMs, take, act, putBack } = options;
  const { clock, log } = ports;
  return createTicker({
    name,
    clock,
    log,
    everyMs,
    async tick() {
      const due = await take(BATCH);
      try {
        await act(due);
      } catch (error) {
        await putBack(due.map((item) => ({ ...item, due: clock.now() + RETRY_MS })));
        throw error;
      }
      return due.length === BATCH;
    },
  });
}
