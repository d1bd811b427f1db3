import path from 'node:path';
import type { Workflow } from './domain/workflows/workflow.js';
import { loadHandlers } from './handlers/load-handlers.js';
import { createHandlerRegistry } from './handlers/registry.js';
import { createTaskHappenings } from './handlers/task-happenings.js';
import { createWorkflowHappenings } from './handlers/workflow-happenings.js';
import type { Clock } from './ports/clock.js';
import type { CountHandled } from './ports/handler-outcome.js';
import type { Log } from './ports/log.js';
import type { TaskChange } from './ports/task-changes.js';
import type { WorkflowKey, WorkflowRecord } from './ports/workflow-record.js';
import type { Database } from './postgres/database.js';
import { createTaskTrails } from './postgres/tasks/task-trails.js';

/** How long handlers may take at a stop for what they are still to be told, in ms. */
const STOP_GRACE_MS = 2_000;

/** The event handlers of a coordinator, which are told of what it does. */
export interface LinkedHandlers {
  /** Tasks were changed here, and that is committed. */
  changed(changes: readonly TaskChange[]): void;
  /** The newest `events` events of a workflow were written here. */
  written(workflow: Workflow, events: number): void;
  stop(): Promise<void>;
}

export interface LinkedHandlersOptions {
  /** Modules, as the setting `event-handlers` names them. */
  readonly names: readonly string[];
  readonly db: Database;
  readonly workflows: Pick<WorkflowRecord, 'listEvents'>;
  /** A node of a workflow as `group` or `group.task`. */
  readonly addressOf: (key: WorkflowKey, node: number) => Promise<string>;
  readonly clock: Clock;
  readonly log: Log;
  readonly count: CountHandled;
}

/**
 * Loads the handlers.
 *
 * @returns `null` if none are named: then nothing is to be told
 * @throws FAILED_PRECONDITION (EVENT_HANDLER_UNUSABLE) naming the module
 */
export async function linkHandlers(options: LinkedHandlersOptions): Promise<LinkedHandlers | null> {
  const { names, db, workflows, addressOf, clock, log, count } = options;
  if (names.length === 0) return null;
  const registry = createHandlerRegistry({ clock, log, count });
  await loadHandlers({ names, folder: path.resolve(), registry, clock });
  const tasks = createTaskHappenings({ trails: createTaskTrails(db), registry, clock, log });
  const ofWorkflows = createWorkflowHappenings({ record: workflows, addressOf, registry, clock, log });
  return {
    changed(changes) {
      if (registry.wants('task')) tasks.add(changes);
    },
    written({ org, workflowId, seq }, events) {
      if (events === 0 || !registry.wants('workflow')) return;
      ofWorkflows.add([{ org, workflowId, from: seq - events + 1, to: seq }]);
    },
    async stop() {
      const isRead = Promise.all([tasks.stop(), ofWorkflows.stop()]);
      // While the record is away they would wait for it.
      await Promise.race([isRead, new Promise<void>((resolve) => clock.after(STOP_GRACE_MS, resolve))]);
      await registry.stop(STOP_GRACE_MS);
    },
  };
}
