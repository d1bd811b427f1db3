import type { ClientReadableStream } from '@grpc/grpc-js';
import { CoordinatorService } from '../gen/reeve/v1/coordinator_service_pb.js';
import type { Task } from '../gen/reeve/v1/task_pb.js';
import type { WatchTasksResponse } from '../gen/reeve/v1/task_watch_pb.js';
import { hasEnded, taskStateName } from '../names.js';
import { TaskView } from '../protocol.js';
import { isFinal, type ReeveError } from '../transport/errors.js';
import type { GrpcClient } from '../transport/grpc-client.js';
import { STREAM_BACKOFF, waitBefore } from '../transport/retry.js';
import { taskNotFound } from './task-outcome.js';

const MAX_IDS = 1_000;
/** So many streams of about the same size become one, so that an id is moved at most a few times. */
const MERGE_AT = 8;
/** Breaks in a row after which waits fail if no coordinator has ever answered. */
const FIRST_CONTACT_TRIES = 5;

interface Waiter {
  readonly resolve: (task: Task) => void;
  readonly reject: (error: ReeveError) => void;
}

interface Stream {
  /** Those that are still waited for. */
  readonly ids: Set<string>;
  readonly call: ClientReadableStream<WatchTasksResponse>;
  /** Breaks in a row before this stream. */
  failures: number;
  /** It watches ids that nobody waits for any more, so it does not end by itself. */
  abandoned: boolean;
}

/**
 * All waits of a client share a few WatchTasks streams, which send a task only when it has
 * ended. A stream that breaks is opened anew for the ids still open; an id that the server
 * refuses is found by halving, so that it fails alone.
 */
export class WaitHub {
  readonly #grpc: GrpcClient;
  readonly #waiters = new Map<string, Set<Waiter>>();
  readonly #streams = new Set<Stream>();
  readonly #backoffs = new Set<NodeJS.Timeout>();
  #fresh: string[] = [];
  #closed: ReeveError | undefined;

  constructor(grpc: GrpcClient) {
    this.#grpc = grpc;
  }

  /** Resolves with the task once it has ended. `stop` gives up the wait. */
  wait(taskId: string): { ended: Promise<Task>; stop: () => void } {
    let waiter: Waiter | undefined;
    const ended = new Promise<Task>((resolve, reject) => {
      if (this.#closed) return reject(this.#closed);
      waiter = { resolve, reject };
      const known = this.#waiters.get(taskId);
      if (known) {
        known.add(waiter);
        return;
      }
      this.#waiters.set(taskId, new Set([waiter]));
      if (this.#fresh.length === 0) setImmediate(() => this.#openFresh());
      this.#fresh.push(taskId);
    });
    return { ended, stop: () => this.#stop(taskId, waiter) };
  }

  close(reason: ReeveError): void {
    this.#closed = reason;
    for (const timer of this.#backoffs) clearTimeout(timer);
    for (const stream of this.#streams) this.#drop(stream);
    for (const taskId of [...this.#waiters.keys()]) this.#reject(taskId, reason);
  }

  #openFresh(): void {
    const ids = this.#fresh;
    this.#fresh = [];
    this.#open(ids, 0);
  }

  #open(candidates: Iterable<string>, failures: number): void {
    const ids = [...candidates].filter((id) => this.#waiters.has(id));
    if (ids.length === 0 || this.#closed) return;
    const peers = [...this.#streams].filter((s) => sizeClass(s.ids.size) === sizeClass(ids.length));
    const merged = peers.length + 1 >= MERGE_AT && ids.length < MAX_IDS / 2 ? peers : [];
    for (const peer of merged) ids.push(...peer.ids);
    for (let i = 0; i < ids.length; i += MAX_IDS) this.#openOne(ids.slice(i, i + MAX_IDS), failures);
    for (const peer of merged) this.#drop(peer);
  }

  #openOne(taskIds: string[], failures: number): void {
    const request = { taskIds, view: TaskView.RESULT, onlyEnds: true };
    const call = this.#grpc.serverStream(CoordinatorService.method.watchTasks, request);
    const stream: Stream = { ids: new Set(taskIds), call, failures, abandoned: false };
    this.#streams.add(stream);
    call.on('data', (response: WatchTasksResponse) => this.#received(stream, response));
    call.on('error', (error) => this.#broke(stream, this.#grpc.toError(error)));
    call.on('end', () => this.#broke(stream));
  }

  #received(stream: Stream, { changes }: WatchTasksResponse): void {
    this.#grpc.markReached();
    stream.failures = 0;
    for (const { task, notFound } of changes) {
      if (!task) continue;
      if (!notFound && !hasEnded(taskStateName(task.state))) continue;
      const waiters = this.#take(task.taskId);
      if (notFound) for (const waiter of waiters) waiter.reject(taskNotFound(task.taskId));
      else for (const waiter of waiters) waiter.resolve(task);
    }
  }

  /** The stream ended, in order or not: whatever is still open needs another. */
  #broke(stream: Stream, error?: ReeveError): void {
    if (!this.#streams.delete(stream) || stream.ids.size === 0) return;
    const ids = [...stream.ids];
    const failures = stream.failures + 1;
    const neverReached = !this.#grpc.reached && failures >= FIRST_CONTACT_TRIES;
    if (error?.code === 'INVALID_ARGUMENT' && ids.length > 1) this.#openHalves(ids);
    else if (error && (isFinal(error) || neverReached)) for (const id of ids) this.#reject(id, error);
    else this.#openLater(ids, failures, error);
  }

  #openHalves(ids: string[]): void {
    const half = Math.ceil(ids.length / 2);
    this.#openOne(ids.slice(0, half), 0);
    this.#openOne(ids.slice(half), 0);
  }

  #openLater(ids: string[], failures: number, error: ReeveError | undefined): void {
    const timer = setTimeout(
      () => {
        this.#backoffs.delete(timer);
        this.#open(ids, failures);
      },
      waitBefore(failures - 1, STREAM_BACKOFF, error),
    );
    this.#backoffs.add(timer);
  }

  #stop(taskId: string, waiter: Waiter | undefined): void {
    const waiters = this.#waiters.get(taskId);
    if (!waiter || !waiters?.delete(waiter) || waiters.size > 0) return;
    for (const stream of this.#streams) if (stream.ids.has(taskId)) stream.abandoned = true;
    this.#take(taskId);
  }

  /** Takes out an id that is decided or no longer waited for, with those who waited. */
  #take(taskId: string): Iterable<Waiter> {
    const waiters = this.#waiters.get(taskId) ?? [];
    this.#waiters.delete(taskId);
    for (const stream of this.#streams) {
      if (!stream.ids.delete(taskId) || stream.ids.size > 0) continue;
      if (stream.abandoned) this.#drop(stream);
      else this.#streams.delete(stream);
    }
    return waiters;
  }

  #drop(stream: Stream): void {
    this.#streams.delete(stream);
    stream.call.cancel();
  }

  #reject(taskId: string, error: ReeveError): void {
    for (const waiter of this.#take(taskId)) waiter.reject(error);
  }
}

function sizeClass(ids: number): number {
  return Math.floor(Math.log2(Math.max(ids, 1)) / 3);
}
