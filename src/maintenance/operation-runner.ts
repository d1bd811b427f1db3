import { isOver, type Operation } from '../domain/operations/operation.js';
import { isRecordAway, mayPass } from '../domain/record-errors.js';
import type { OperationRecord } from '../ports/operation-record.js';
import { advanceOperation } from '../usecases/advance-operation.js';
import { holdName, openOperations } from '../usecases/operations.js';
import type { Ports } from '../usecases/ports.js';
import type { Service } from './service.js';
import { isNotLeading } from './term.js';

/** After a step as much time is left to everybody else as it took, within these bounds. */
const MIN_REST_MS = 1;
const MAX_REST_MS = 100;
/** How long to wait after a step that failed, and how many may fail in a row. */
const RETRY_MS = 1_000;
const MAX_FAILURES = 30;
/** How often to look in the record for operations that began or were cancelled elsewhere, in ms. */
const LOOK_EVERY_MS = 1_000;

export interface OperationRunner extends Service {
  /** To be told of operations that have begun or were cancelled here. */
  readonly changed: (operation: Operation) => void;
}

export interface OperationRunnerOptions {
  readonly ports: Ports;
  readonly operations: OperationRecord;
  /** Told of each step. */
  readonly onStep: (operation: Operation) => void;
}

/**
 * Runs operations step by step, one step at a time: organisations take turns, and so do the
 * operations of each. What it stores after a step is where a restart goes on, here or elsewhere.
 */
export function createOperationRunner({
  ports,
  operations,
  onStep,
}: OperationRunnerOptions): OperationRunner {
  const advance = advanceOperation(ports);
  const { clock, index, log } = ports;
  /** By organisation, whose turn it is first; so are the operations of each. */
  const waiting = new Map<string, Map<string, Operation>>();
  const failures = new Map<string, number>();
  let running = false;
  let current: Promise<void> = Promise.resolve();
  let wakeUp: () => void = () => undefined;
  let isIdle = false;

  function changed(operation: Operation): void {
    // Who does not run has nothing to remember: it looks in the record when it starts.
    if (!running) return;
    const { org, operationId, state } = operation;
    const ofOrg = waiting.get(org) ?? new Map<string, Operation>();
    if (isOver(state)) ofOrg.delete(operationId);
    else ofOrg.set(operationId, operation);
    if (ofOrg.size > 0) waiting.set(org, ofOrg);
    else waiting.delete(org);
    if (isIdle) wakeUp();
  }

  /** The one whose turn it is, which is then last in line. */
  function next(): Operation | undefined {
    for (const [org, ofOrg] of waiting) {
      waiting.delete(org);
      waiting.set(org, ofOrg);
      for (const [id, operation] of ofOrg) {
        ofOrg.delete(id);
        ofOrg.set(id, operation);
        return operation;
      }
    }
    return undefined;
  }

  async function step(operation: Operation): Promise<void> {
    const { org, operationId } = operation;
    const progress = await advance(operation).catch((error: unknown) => giveUpOrThrow(operation, error));
    const stored = await operations.advanceOperation(org, operationId, progress);
    failures.delete(operationId);
    if (!stored || isOver(stored.state)) await index.unhold(org, holdName(operationId));
    if (stored) onStep(stored);
    // One that was cancelled meanwhile is not put back.
    if (waiting.get(org)?.has(operationId)) changed(stored ?? { ...operation, state: 'CANCELLED' });
  }

  function giveUpOrThrow(operation: Operation, error: unknown) {
    // It is not the operation's fault, however long it takes.
    if (mayPass(error)) throw error;
    const count = (failures.get(operation.operationId) ?? 0) + 1;
    failures.set(operation.operationId, count);
    if (count < MAX_FAILURES) throw error;
    log.error({ err: error, operation: operation.operationId }, 'an operation gives up');
    return {
      ...operation,
      state: 'FAILED' as const,
      error: `the record refused ${count} times in a row; the log of the coordinator has the cause`,
    };
  }

  /** Learns of operations that began elsewhere, and forgets those that ended there. */
  async function look(): Promise<void> {
    const known = [...waiting.values()].flatMap((ofOrg) => [...ofOrg.values()]);
    const open = new Map((await openOperations(operations)).map((found) => [found.operationId, found]));
    for (const operation of known) {
      if (!open.delete(operation.operationId)) changed({ ...operation, state: 'CANCELLED' });
    }
    for (const operation of open.values()) {
      if (!waiting.get(operation.org)?.has(operation.operationId)) changed(operation);
    }
  }

  async function run(): Promise<void> {
    waiting.clear();
    failures.clear();
    let lookAt = clock.monotonic();
    while (running) {
      const began = clock.monotonic();
      let restMs: number | null = null;
      try {
        if (began >= lookAt) {
          await look();
          lookAt = clock.monotonic() + LOOK_EVERY_MS;
        }
        const operation = next();
        if (operation) {
          await step(operation);
          restMs = Math.min(MAX_REST_MS, Math.max(MIN_REST_MS, clock.monotonic() - began));
        }
      } catch (error) {
        if (!isNotLeading(error)) {
          const level = isRecordAway(error) ? 'debug' : 'error';
          log[level]({ err: error }, 'a step of an operation failed; it is tried again');
        }
        restMs = RETRY_MS;
      }
      await rest(restMs);
    }
  }

  /** @param ms `null`: until something is to be done, or it is time to look */
  function rest(ms: number | null): Promise<void> {
    if (!running) return Promise.resolve();
    return new Promise((resolve) => {
      isIdle = ms === null;
      const stopTimer = clock.after(ms ?? LOOK_EVERY_MS, resolve);
      wakeUp = () => {
        isIdle = false;
        stopTimer();
        resolve();
      };
    });
  }

  return {
    changed,
    start() {
      if (running) return;
      running = true;
      current = run();
    },
    async stop() {
      running = false;
      wakeUp();
      await current;
    },
  };
}
