import type { Lease } from '../../domain/tasks/lease.js';
import type { Payload } from '../../domain/tasks/task.js';
import { insist } from './insist.js';
import type { SessionContext } from './session-context.js';

type Writer = Pick<SessionContext, 'world' | 'insists' | 'backlog'>;

/**
 * What the attempts of a session leave, on its way to the record: of each task one after the other, and what is older
 * than the newest not at all. Reports that come together are one batch of the record's.
 */
export class CheckpointWrites {
  /** To be written next, by task. */
  readonly #next = new Map<string, { readonly lease: Lease; readonly payload: Payload }>();
  readonly #busy = new Map<string, Promise<void>>();

  /** Resolves once this, or a newer one of the task, is in the record, or refused by it. */
  save(session: Writer, lease: Lease, payload: Payload): Promise<void> {
    return session.backlog.keep(payload.data.length, () => {
      const { taskId } = lease;
      this.#next.set(taskId, { lease, payload });
      let busy = this.#busy.get(taskId);
      if (!busy) {
        busy = this.#write(session, taskId).finally(() => {
          this.#busy.delete(taskId);
          this.#next.delete(taskId);
        });
        this.#busy.set(taskId, busy);
      }
      return busy;
    });
  }

  /**
   * Until nothing of these tasks is on its way, whatever became of it: once an attempt has ended, the record takes
   * nothing of it any more. `null`: nothing is.
   */
  settled(taskIds: readonly string[]): Promise<unknown> | null {
    const busy = taskIds.flatMap((taskId) => this.#busy.get(taskId) ?? []);
    return busy.length > 0 ? Promise.allSettled(busy) : null;
  }

  async #write(session: Writer, taskId: string): Promise<void> {
    for (let left = this.#next.get(taskId); left; left = this.#next.get(taskId)) {
      this.#next.delete(taskId);
      const { org, epoch, agentId } = left.lease;
      const request = { org, taskId, epoch, agentId, payload: left.payload };
      await insist(session, () => session.world.ports.record.saveCheckpoints([request]));
    }
  }
}
