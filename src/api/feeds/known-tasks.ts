import type { Task } from '../../domain/tasks/task.js';
import { isLeased, isTerminal, type TaskState } from '../../domain/tasks/task-state.js';

/** What the reader of a watch was last told of a task. */
export interface KnownTask {
  readonly seq: number;
  readonly state: TaskState;
  /** False: it has left. */
  readonly chosen: boolean;
}

const MAX = 50_000;
/** Ended tasks whose older changes may still come, from another coordinator. */
const MAX_ENDED = 10_000;

/** What the reader of a watch by a selector knows, as far as it is remembered. */
export class KnownTasks {
  readonly #tasks = new Map<string, KnownTask>();
  /** Tasks that cannot be chosen before they wait again. */
  readonly #ruledOut = new Set<string>();
  /** The `seq` at which tasks ended that are not remembered otherwise. */
  readonly #ended = new Map<string, number>();
  readonly #endsStay: boolean;
  readonly #max: number;
  /** Whether the reader knows of no chosen task but those that are remembered. */
  complete = false;

  /**
   * @param endsStay a task that has ended may still leave the selection
   * @param max tasks that are remembered; beyond it the longest unchanged are forgotten
   */
  constructor(endsStay: boolean, max = MAX) {
    this.#endsStay = endsStay;
    this.#max = max;
  }

  get(taskId: string): KnownTask | undefined {
    return this.#tasks.get(taskId);
  }

  /** Up to which `seq` the reader was told of a task, as far as that is remembered. */
  toldSeq(taskId: string): number {
    return this.#tasks.get(taskId)?.seq ?? this.#ended.get(taskId) ?? 0;
  }

  /** Whether the reader may have the task. */
  mayHave(taskId: string): boolean {
    return this.#tasks.get(taskId)?.chosen ?? !this.complete;
  }

  chose({ taskId, seq, state }: Task): void {
    this.#tasks.delete(taskId);
    if (isTerminal(state) && !this.#endsStay) {
      this.#ended.set(taskId, seq);
      if (this.#ended.size > MAX_ENDED) dropFirst(this.#ended);
      return;
    }
    this.#remember(taskId, { seq, state, chosen: true });
  }

  /** @param task `null`: it does not exist any more */
  left(taskId: string, task: Task | null): void {
    this.#tasks.delete(taskId);
    // While all that is chosen is remembered, what is not remembered is not chosen.
    if (task && !this.complete) {
      this.#remember(taskId, { seq: task.seq, state: task.state, chosen: false });
    }
  }

  /** It cannot be chosen before it waits again: until then it need not be read. */
  ruleOut({ taskId, state }: Task): void {
    if (isTerminal(state)) return;
    this.#ruledOut.add(taskId);
    if (this.#ruledOut.size > this.#max) dropFirst(this.#ruledOut);
  }

  /** @param state where its newest change has led */
  isRuledOut(taskId: string, state: TaskState): boolean {
    if (isTerminal(state)) return this.#ruledOut.delete(taskId);
    return isLeased(state) && this.#ruledOut.has(taskId);
  }

  /** Those that may change, with what was told of them. */
  open(): (readonly [string, KnownTask])[] {
    return [...this.#tasks].filter(([, { chosen, state }]) => chosen && !isTerminal(state));
  }

  #remember(taskId: string, known: KnownTask): void {
    this.#tasks.set(taskId, known);
    if (this.#tasks.size <= this.#max) return;
    dropFirst(this.#tasks);
    this.complete = false;
  }
}

function dropFirst(from: { keys(): Iterable<string>; delete(key: string): boolean }): void {
  for (const first of from.keys()) {
    from.delete(first);
    return;
  }
}
