import type { PreemptOutcome, PreemptRequest } from '../ports/task-record.js';
import type { Ports } from './ports.js';

const REASON = 'a person waits for the slot';

/**
 * Sends running tasks back: their agents are told to stop, and have so long for it. Which ones, whoever calls this has
 * chosen; the record refuses those that run no more, or were sent back too often. One outcome a request, in order.
 */
export const preemptTasks =
  (ports: Ports) =>
  async (requests: readonly PreemptRequest[]): Promise<readonly PreemptOutcome[]> => {
    const { record, index, sessions, clock, changes } = ports;
    const outcomes = await record.preemptTasks(requests);
    const begun = requests.flatMap((request, i) => {
      const outcome = outcomes[i];
      return outcome?.kind === 'OK' && outcome.changed ? [{ ...request, ...outcome }] : [];
    });
    const now = clock.now();
    await index.hintLeases(
      begun.map(({ org, taskId, epoch, graceMs }) => ({ org, taskId, epoch, due: now + graceMs })),
    );
    sessions.cancel(
      begun.map(({ org, taskId, epoch, agentId, graceMs }) => {
        return { org, agentId, taskId, epoch, cause: 'PREEMPTED', reason: REASON, graceMs };
      }),
    );
    changes.publish(begun.map(({ change }) => change));
    return outcomes;
  };
