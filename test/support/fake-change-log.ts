import type { ChangeLog, OldestWriter, PlacedChange } from '../../src/ports/change-log.js';
import type { TaskChange } from '../../src/ports/task-changes.js';

/** A log in memory whose transactions are opened and committed one by one, in any order. */
export class FakeChangeLog implements ChangeLog {
  generation = 'record-1';
  oldest = 0;
  reads = 0;
  writer: OldestWriter | null = null;
  /** What reads reject with while the record is away. */
  away: Error | null = null;
  #newest = 0;
  readonly #open = new Set<number>();
  readonly #committed: PlacedChange[] = [];
  readonly #rows: number;

  /** @param rows transactions of a page */
  constructor(rows = 100) {
    this.#rows = rows;
  }

  begin(): number {
    this.#newest += 1;
    this.#open.add(this.#newest);
    return this.#newest;
  }

  commit(xid: number, ...changes: TaskChange[]): void {
    this.#open.delete(xid);
    for (const change of changes) this.#committed.push([change, xid]);
    this.#committed.sort(([, a], [, b]) => a - b);
  }

  /** One transaction. */
  write(...changes: TaskChange[]): void {
    this.commit(this.begin(), ...changes);
  }

  async readChanges({ after, upTo, org }: Parameters<ChangeLog['readChanges']>[0]) {
    this.reads += 1;
    if (this.away) throw this.away;
    const safe = Math.min(this.#newest + 1, ...this.#open) - 1;
    const { generation, oldest } = this;
    const end = Math.min(safe, upTo ?? safe);
    const found = this.#committed.filter(
      ([change, at]) =>
        after !== null && at > after && at <= end && at > oldest && (org ?? change.org) === change.org,
    );
    const last = [...new Set(found.map(([, at]) => at))][this.#rows - 1];
    const changes = found.filter(([, at]) => at <= (last ?? end));
    return { generation, oldest, changes, upTo: last ?? end, safe, begun: this.#newest };
  }

  async findOldestWriter() {
    return this.writer;
  }

  async forgetChanges() {
    throw new Error('not here: set `oldest`');
  }
}
