import { type SubmitItem, type SubmitReply, submitTasks } from '../submit-tasks.js';
import type { Turn } from './turn.js';

/** What one may take, in bytes: of tasks with large inputs fewer go together. */
export const MAX_BATCH_BYTES = 2 * 1024 * 1024;
/** Batches under way: the next is made while those before it are written. */
const AT_ONCE = 4;

interface Batch<Key> {
  readonly keys: readonly Key[];
  replies: readonly SubmitReply[];
}

/** Submits what is made for keys, in batches side by side. */
export class Batches<Key> {
  readonly #turn: Turn;
  readonly #batches: Batch<Key>[] = [];
  readonly #sent = new Set<Promise<void>>();
  #keys: Key[] = [];
  #tasks: SubmitItem[] = [];
  #bytes = 0;

  constructor(turn: Turn) {
    this.#turn = turn;
  }

  /** Waits while enough are under way. @throws what submitting any of them threw */
  async add(key: Key, tasks: readonly SubmitItem[]): Promise<void> {
    for (const task of tasks) {
      this.#keys.push(key);
      this.#tasks.push(task);
      this.#bytes += task.spec.body.length;
    }
    const { batch } = this.#turn.ports.limits;
    if (this.#tasks.length >= batch || this.#bytes >= MAX_BATCH_BYTES / 2) await this.#send();
    if (this.#sent.size >= AT_ONCE) await Promise.race(this.#sent);
  }

  /** Once all are submitted: the replies of each key, in order. @throws what submitting any of them threw */
  async end(): Promise<ReadonlyMap<Key, readonly SubmitReply[]>> {
    if (this.#tasks.length > 0) await this.#send();
    await Promise.all(this.#sent);
    const byKey = new Map<Key, SubmitReply[]>();
    for (const { keys, replies } of this.#batches) {
      replies.forEach((reply, at) => {
        const key = keys[at] as Key;
        const known = byKey.get(key);
        if (known) known.push(reply);
        else byKey.set(key, [reply]);
      });
    }
    return byKey;
  }

  /** Once nothing is under way any more, however it ended. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#sent);
  }

  async #send(): Promise<void> {
    const { ports } = this.#turn.ports;
    const [keys, tasks] = [this.#keys, this.#tasks];
    this.#keys = [];
    this.#tasks = [];
    this.#bytes = 0;
    await ports.failpoints.hit('workflow.before-submit');
    const batch: Batch<Key> = { keys, replies: [] };
    this.#batches.push(batch);
    const sent = this.#submit(batch, tasks);
    this.#sent.add(sent);
    // What failed stays, so that whoever waits next is told.
    sent.then(
      () => this.#sent.delete(sent),
      () => undefined,
    );
  }

  async #submit(batch: Batch<Key>, tasks: readonly SubmitItem[]): Promise<void> {
    const { ports } = this.#turn.ports;
    const { org, submitterSubjectId: subject } = this.#turn.copy.workflow;
    batch.replies = await submitTasks(ports)({ org, subject, roles: [] }, tasks);
    await ports.failpoints.hit('workflow.between-chunks');
  }
}
