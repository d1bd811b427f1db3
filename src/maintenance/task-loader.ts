import type { OpenTask, OpenTaskCursor } from '../ports/task-record.js';
import { mendBlocked, settleEdges } from '../usecases/move-dependents.js';
import type { Ports } from '../usecases/ports.js';
import type { Service } from './service.js';

const PAGE = 1_000;
const RETRY_MS = 500;

/**
 * Fills the index from the record at start-up, page by page, while the coordinator already
 * serves and dispatches.
 */
export function createTaskLoader(ports: Ports): Service & { readonly loaded: Promise<number> } {
  let running = false;
  let finish: (count: number) => void = () => undefined;
  const loaded = new Promise<number>((resolve) => {
    finish = resolve;
  });
  let current: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    let cursor: OpenTaskCursor | null = null;
    let count = 0;
    for (let closed = false; running && !closed; ) {
      try {
        const page = await ports.record.listOpenTasks(cursor, PAGE);
        await put(ports, page.tasks);
        // Chains that a crash cut off go on.
        const blocked = page.tasks.filter((t) => t.state === 'BLOCKED').map((t) => t.ready);
        await settleEdges(ports, blocked);
        await mendBlocked(ports, blocked);
        count += page.tasks.length;
        cursor = page.cursor;
        closed = cursor === null;
      } catch (error) {
        ports.log.error({ err: error }, 'loading open tasks failed; it is tried again');
        await new Promise<void>((resolve) => ports.clock.after(RETRY_MS, resolve));
      }
    }
    if (count > 0) ports.log.info({ tasks: count }, 'open tasks loaded from the record');
    finish(count);
  }

  return {
    loaded,
    start() {
      if (running) return;
      running = true;
      current = run();
    },
    async stop() {
      running = false;
      await current;
    },
  };
}

async function put(ports: Ports, tasks: readonly OpenTask[]): Promise<void> {
  const now = ports.clock.now();
  const queued = tasks.filter((t) => t.state === 'QUEUED');
  await ports.index.add(
    queued.map((t) => t.ready),
    'LOADED',
  );
  await ports.index.delay(
    tasks
      .filter((t) => t.state === 'SCHEDULED')
      .map(({ ready: { org, taskId, tier }, runTime }) => ({ org, taskId, tier, due: runTime ?? now })),
  );
  await ports.deadlines.watch(
    tasks.flatMap(({ ready: { org, taskId }, deadline }) =>
      deadline === null ? [] : [{ org, taskId, due: deadline }],
    ),
  );
  await ports.index.hintLeases(
    tasks
      .filter((t) => t.leaseRemainingMs !== null)
      .map(({ ready, epoch, leaseRemainingMs }) => ({
        org: ready.org,
        taskId: ready.taskId,
        epoch,
        due: now + Math.max(0, leaseRemainingMs ?? 0),
      })),
  );
}
