import type { Principal } from '../../domain/access/principal.js';
import { invalidArgument, ReeveError } from '../../domain/errors.js';
import type { JsonValue } from '../../domain/json.js';
import { shown } from '../../domain/policies/answer-fields.js';
import { awaitedAt } from '../../domain/workflows/awaited-result.js';
import { assemble, limitsOn, pathProblem, versionAt } from '../../domain/workflows/context.js';
import { effectOf, type InTheWay } from '../../domain/workflows/context-effect.js';
import type { TaskNode } from '../../domain/workflows/plan.js';
import { restoringWrites } from '../../domain/workflows/restore-context.js';
import { at } from '../../domain/workflows/snapshot.js';
import { isOver, type WorkflowNode } from '../../domain/workflows/workflow.js';
import type {
  ContextWrite,
  WorkflowKey,
  WorkflowRecord,
  WorkflowSnapshot,
} from '../../ports/workflow-record.js';
import { requireContextVersion, workflowBusy, workflowNotFound, workflowOver } from './errors.js';
import type { LoadedWorkflows } from './loaded-workflows.js';
import { pruneContext } from './prune-context.js';

/** One change of a context. */
export interface ContextPatch {
  /** Names with dots between them. */
  readonly path: string;
  /** `undefined`: nothing is there afterwards. */
  readonly value: JsonValue | undefined;
  /** The version that the caller has read, as `versionAt` has it; `null`: whichever. */
  readonly expected: number | null;
}

/** How often a workflow that changes meanwhile is read again: a busy one changes with each step. */
const TRIES = 10;
/** Paths that the trail tells of one change. */
const MAX_TOLD = 100;

interface Needs {
  readonly workflows: Pick<WorkflowRecord, 'open' | 'readContext' | 'pruneContext' | 'commit'>;
}

/**
 * Changes the context of a workflow, all of it or nothing. Answers with the context's version after it: the same if
 * nothing was there to be changed.
 *
 * @throws INVALID_ARGUMENT (INVALID_FIELD for paths, CONTEXT_TOO_LARGE); NOT_FOUND (WORKFLOW_NOT_FOUND);
 *   FAILED_PRECONDITION (WORKFLOW_OVER; RESULT_AWAITED where a task that is not over writes; CONTEXT_PATH_BLOCKED
 *   where a path leads through what is no object); ABORTED (VERSION_MISMATCH, WORKFLOW_BUSY)
 */
export const patchContext =
  ({ workflows, loaded }: Needs & { readonly loaded: Pick<LoadedWorkflows, 'load'> }) =>
  async (
    { subject }: Pick<Principal, 'subject'>,
    key: WorkflowKey,
    patches: readonly ContextPatch[],
  ): Promise<number> => {
    requirePaths(patches);
    return change(workflows, key, subject, {}, async ({ nodes }) => {
      const { plan } = await loaded.load(key);
      for (const patch of patches) {
        const awaited = awaitedAt(plan, nodes, patch);
        if (awaited) throw resultAwaited(key, patch.path, awaited, at(nodes, awaited.node));
      }
      const rows = await workflows.readContext(key, null);
      for (const { path, expected } of patches) {
        const found = versionAt(rows, path);
        if (expected !== null && expected !== found) throw versionMismatch(key, { path, found });
      }
      const { writes, inTheWay } = effectOf(assemble(rows), patches);
      if (inTheWay) throw pathBlocked(key, inTheWay);
      const why = limitsOn(rows, writes);
      // Rows are those of a workflow that has not changed since, or else nothing is written.
      if (why === null) return writes.map(({ path, value }) => ({ path, value, expected: null }));
      throw new ReeveError('INVALID_ARGUMENT', 'CONTEXT_TOO_LARGE', why, { metadata: of(key) });
    });
  };

/**
 * Makes the context of a workflow as it was at a version, with a new one. Answers with that.
 *
 * @throws NOT_FOUND (WORKFLOW_NOT_FOUND); FAILED_PRECONDITION (WORKFLOW_OVER); OUT_OF_RANGE
 *   (CONTEXT_VERSION_UNKNOWN, CONTEXT_VERSION_GONE); ABORTED (WORKFLOW_BUSY)
 */
export const restoreContext =
  ({ workflows }: Needs) =>
  async ({ subject }: Pick<Principal, 'subject'>, key: WorkflowKey, version: number): Promise<number> =>
    change(workflows, key, subject, { restored: version }, async ({ workflow }) => {
      requireContextVersion(workflow, version);
      const [now, then] = await Promise.all([
        workflows.readContext(key, null),
        workflows.readContext(key, version),
      ]);
      return restoringWrites(now, then).map((write) => ({ ...write, expected: null }));
    });

async function change(
  workflows: Needs['workflows'],
  key: WorkflowKey,
  actor: string,
  detail: { readonly restored?: number },
  writesOn: (snapshot: WorkflowSnapshot) => Promise<readonly ContextWrite[]>,
): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const snapshot = await workflows.open(key);
    if (!snapshot) throw workflowNotFound(key.workflowId);
    const { workflow } = snapshot;
    if (isOver(workflow.state)) throw workflowOver(workflow);
    const context = await writesOn(snapshot);
    if (context.length === 0) return workflow.contextVersion;
    const paths = context.slice(0, MAX_TOLD).map(({ path }) => path);
    const outcome = await workflows.commit({
      ...key,
      version: workflow.version,
      nodes: [],
      context,
      events: [
        {
          type: 'CONTEXT_CHANGED',
          node: null,
          nodeState: null,
          reason: '',
          actor,
          detail: { paths, path_count: context.length, ...detail },
        },
      ],
    });
    if (outcome.kind === 'OK') {
      await pruneContext(workflows, outcome.workflow);
      return outcome.workflow.contextVersion;
    }
    if (outcome.kind === 'NOT_FOUND') throw workflowNotFound(key.workflowId);
    if (outcome.kind === 'VERSION_MISMATCH') throw versionMismatch(key, outcome);
  }
  throw workflowBusy(key.workflowId);
}

function requirePaths(patches: readonly ContextPatch[]): void {
  const seen = new Set<string>();
  const violations = patches.flatMap(({ path }, i) => {
    const description = seen.has(path) ? `${path} is there twice` : pathProblem(path);
    seen.add(path);
    return description === null ? [] : [{ field: `patches[${i}].path`, description }];
  });
  if (violations.length > 0) throw invalidArgument(violations);
}

function of({ workflowId }: WorkflowKey): Readonly<Record<string, string>> {
  return { workflow_id: workflowId };
}

function versionMismatch(
  key: WorkflowKey,
  { path, found }: { readonly path: string; readonly found: number },
): ReeveError {
  const message = `${path} has version ${found} in the context of workflow ${key.workflowId}: read it again`;
  return new ReeveError('ABORTED', 'VERSION_MISMATCH', message, {
    metadata: { ...of(key), path, version: String(found) },
  });
}

function resultAwaited(
  key: WorkflowKey,
  path: string,
  { address, resultKey }: TaskNode,
  { state }: WorkflowNode,
): ReeveError {
  const message = `${path}: the result of ${address}, which is ${state}, will be written to ${resultKey}; change it when that is over`;
  return new ReeveError('FAILED_PRECONDITION', 'RESULT_AWAITED', message, {
    metadata: { ...of(key), path, node: address, state },
  });
}

function pathBlocked(key: WorkflowKey, { path, at, value }: InTheWay): ReeveError {
  const message = `${path}: ${at} is ${shown(value)}, no object that something could be put into; with the same call put one there, or take away ${at}`;
  return new ReeveError('FAILED_PRECONDITION', 'CONTEXT_PATH_BLOCKED', message, {
    metadata: { ...of(key), path, at },
  });
}
