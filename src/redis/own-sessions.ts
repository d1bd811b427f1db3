import type { Claim } from '../domain/tasks/lease.js';
import type { Instance } from '../ports/ready-index.js';
import type { Operation } from './operations.js';
import type { KeptInstance } from './step.js';

interface OwnSession {
  instance: Instance;
  /** ms since the epoch. */
  readonly since: number;
  granted: number;
  request: string;
  withdrawn: boolean;
  /** Epochs by task. */
  readonly held: Map<string, number>;
}

/** The sessions that this coordinator holds, so that an index that has lost them can be told of them again. */
export class OwnSessions {
  readonly #me: string;
  readonly #bySession = new Map<string, OwnSession>();
  /** Who has a task. */
  readonly #byTask = new Map<string, OwnSession>();

  constructor(me: string) {
    this.#me = me;
  }

  get size(): number {
    return this.#bySession.size;
  }

  ids(): readonly string[] {
    return [...this.#bySession.keys()];
  }

  put(instance: Instance, since: number): void {
    const { sessionId, held } = instance;
    const fresh = { instance, since, granted: 0, request: '', withdrawn: false, held: new Map() };
    const session = this.#bySession.get(sessionId) ?? fresh;
    session.instance = instance;
    this.#bySession.set(sessionId, session);
    for (const { taskId, epoch } of held) this.took(sessionId, taskId, epoch);
  }

  drop(sessionId: string): void {
    const session = this.#bySession.get(sessionId);
    this.#bySession.delete(sessionId);
    for (const taskId of session?.held.keys() ?? []) {
      if (this.#byTask.get(taskId) === session) this.#byTask.delete(taskId);
    }
  }

  grant(sessionId: string, total: number, request: string): void {
    const session = this.#bySession.get(sessionId);
    if (!session || total <= session.granted) return;
    Object.assign(session, { granted: total, request, withdrawn: false });
  }

  withdraw(sessionId: string): void {
    const session = this.#bySession.get(sessionId);
    if (session) session.withdrawn = true;
  }

  took(sessionId: string, taskId: string, epoch: number): void {
    const session = this.#bySession.get(sessionId);
    if (!session) return;
    const before = this.#byTask.get(taskId);
    if (before !== session) before?.held.delete(taskId);
    session.held.set(taskId, epoch);
    this.#byTask.set(taskId, session);
  }

  /** @returns who had it; `undefined`: no session of this coordinator, by that claim */
  freed({ taskId, epoch }: Claim, sessionId?: string): string | undefined {
    const session = this.#byTask.get(taskId);
    if (!session || (session.held.get(taskId) ?? 0) > epoch) return undefined;
    if (sessionId !== undefined && session.instance.sessionId !== sessionId) return undefined;
    session.held.delete(taskId);
    this.#byTask.delete(taskId);
    return session.instance.sessionId;
  }

  /** All that a session has granted so far, whether Redis knows or not; 0: nothing that counts. */
  grantedTo(sessionId: string): number {
    const session = this.#bySession.get(sessionId);
    return session && !session.withdrawn ? session.granted : 0;
  }

  /**
   * What tells an index of all of them.
   *
   * @param assignedOf how many tasks a session was ever given, as far as is known
   */
  operations(assignedOf: (sessionId: string) => number): readonly Operation[] {
    return [...this.#bySession.values()].map(({ instance, since, granted, request, withdrawn, held }) => {
      const { sessionId } = instance;
      const assigned = assignedOf(sessionId);
      return {
        op: 'put',
        sid: sessionId,
        what: this.whatOf(instance, since),
        slots: instance.slots,
        // Tasks that were on their way are not to be had twice.
        granted: withdrawn ? assigned : Math.max(granted, assigned),
        assigned,
        withdrawn: withdrawn ? 1 : 0,
        request,
        held: [...held],
      };
    });
  }

  whatOf({ spec, slots }: Instance, since: number): string {
    return JSON.stringify({ spec, slots, holder: this.#me, since } satisfies KeptInstance);
  }
}
