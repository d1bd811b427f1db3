import type { Operation, OperationProgress } from '../domain/operations/operation.js';
import { acted, type Chosen, counted, type Turn } from '../domain/operations/progress.js';
import { mayPass } from '../domain/record-errors.js';
import { requestCancels } from './cancel-tasks.js';
import type { Ports } from './ports.js';
import { type RetryItem, requestRetries } from './retry-tasks.js';
import { withTimeouts } from './with-timeouts.js';

/** Tasks looked at in one step: few enough that a step is soon over. */
const COUNT_AT_ONCE = 1_000;
const ACT_AT_ONCE = 500;

/**
 * Does one step of an operation: counts a slice of the tasks, or acts on one. Rejects if the
 * record could not be asked, or refused every task of the slice, or did not answer for one; the step may be repeated.
 */
export const advanceOperation =
  (ports: Ports) =>
  async (operation: Operation): Promise<OperationProgress> => {
    const { org, filter, cursor, state, dryRun } = operation;
    const isCounting = state === 'COUNTING';
    const slice = await ports.record.scanTasks({
      org,
      filter,
      beforeId: cursor,
      limit: isCounting ? COUNT_AT_ONCE : ACT_AT_ONCE,
      withKinds: dryRun,
    });
    if (isCounting) return counted(operation, slice);
    return acted(operation, slice, await turnsOf(ports, operation, slice.chosen));
  };

/** Each by itself, so that one the record refuses keeps no other from its turn; they share batches all the same. */
async function turnsOf(
  ports: Ports,
  operation: Operation,
  chosen: readonly Chosen[],
): Promise<readonly Turn[]> {
  const reason = operation.reason || `operation ${operation.operationId}`;
  const items = chosen.map(({ taskId }) => ({ taskId, reason }));
  const isRetry = operation.verb === 'RETRY_TASKS';
  const act = actOf(ports, operation);
  const settled = await Promise.allSettled(
    (isRetry ? await withTimeouts(ports, operation.org, items) : items).map(act),
  );
  const refused = settled.flatMap((turn) => (turn.status === 'rejected' ? [turn.reason as unknown] : []));
  const again = refused.length === settled.length ? refused[0] : refused.find(mayPass);
  if (again !== undefined) throw again;
  for (const err of refused) ports.log.warn({ err, operation: operation.operationId }, 'a task was refused');
  return settled.map((turn) => (turn.status === 'fulfilled' ? turn.value : 'FAILED'));
}

function actOf(ports: Ports, operation: Operation): (item: RetryItem) => Promise<Turn> {
  const { org, verb, actor: subject, graceMs } = operation;
  if (verb === 'RETRY_TASKS') {
    const retry = requestRetries(ports);
    return async (item) => turnOf(await retry({ org, subject }, [item]));
  }
  const cancel = requestCancels(ports);
  return async ({ taskId, reason }) => turnOf(await cancel({ org, subject }, [{ taskId, reason, graceMs }]));
}

function turnOf([outcome]: readonly { readonly kind: string }[]): Turn {
  return outcome?.kind === 'OK' ? 'DONE' : 'SKIPPED';
}
