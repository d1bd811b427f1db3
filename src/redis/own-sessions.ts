import type { Claim } from '../domain/tasks/lease.js';
import type { Instance } from '../ports/ready-index.js';
import type { Operation } from './operations.js';
import type { KeptInstance } from './step.js';

interface OwnSession {
  readonly instance: Instance;
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
    const known = this.#bySession.get(sessionId);
    const session: OwnSession = known
      ? { ...known, instance }
      : { instance, since, granted: 0, request: '', withdrawn: false, held: new Map() };
    for (const { taskId, epoch } of held) session.held.set(taskId, epoch);
    this.#bySession.set(sessionId, session);
  }

  drop(sessionId: string): void {
    this.#bySession.delete(sessionId);
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
    this.#bySession.get(sessionId)?.held.set(taskId, epoch);
  }

  freed({ taskId, epoch }: Claim, sessionId?: string): void {
    const one = sessionId === undefined ? null : this.#bySession.get(sessionId);
    for (const session of one === null ? this.#bySession.values() : [one]) {
      if ((session?.held.get(taskId) ?? Number.POSITIVE_INFINITY) <= epoch) session?.held.delete(taskId);
    }
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
