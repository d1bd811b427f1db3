import type { OpenTask } from '../ports/task-record.js';
import type { Ports } from '../usecases/ports.js';
import type { Service } from './service.js';
import { eachOpenPage, tellOpenTasks } from './tell-open-tasks.js';

/** So long after its end a load counts: what the index is told of later changes is told with them. */
const COUNTS_MS = 10_000;

export interface IndexLoader extends Service {
  /** Whether the index was told of everything just now; waits for the end of a load that is under way. */
  hasLoaded(): Promise<boolean>;
}

/**
 * Fills an index that was found empty when this coordinator started: at once, whoever leads, since after
 * a crash seconds pass until somebody does. It only tells what the record has, which more than one may do.
 *
 * @param isWanted the index was empty
 */
export function createIndexLoader(ports: Ports, isWanted: boolean): IndexLoader {
  const { record, clock, log } = ports;
  let running = false;
  let loading: Promise<void> = Promise.resolve();
  let loadedAt: number | null = null;

  async function load(): Promise<void> {
    try {
      let count = 0;
      const tell = (tasks: readonly OpenTask[]) => {
        count += tasks.length;
        return tellOpenTasks(ports, tasks);
      };
      if (!(await eachOpenPage(record, null, tell, () => running))) return;
      loadedAt = clock.monotonic();
      if (count > 0) log.info({ tasks: count }, 'open tasks loaded from the record');
    } catch (error) {
      log.warn({ err: error }, 'the index could not be filled at the start; who leads will do it');
    }
  }

  return {
    start() {
      if (running) return;
      running = true;
      if (isWanted) loading = load();
    },
    async stop() {
      running = false;
      await loading;
    },
    async hasLoaded() {
      await loading;
      return loadedAt !== null && clock.monotonic() - loadedAt < COUNTS_MS;
    },
  };
}
