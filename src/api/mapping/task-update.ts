import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  RequirementsSchema,
  TaskSpecSchema,
  type TaskUpdate,
  TaskUpdateSchema,
  Tier,
  type UpdateTaskRequest,
} from '@reeve/sdk/protocol';
import { maySubmitHuman, type Principal } from '../../domain/access/principal.js';
import { invalidArgument, ReeveError } from '../../domain/errors.js';
import type { Task } from '../../domain/tasks/task.js';
import type { Revision } from '../../usecases/update-task.js';
import { sortedLabels } from './lists.js';
import { toDomainRequirements } from './requirements.js';
import { TIERS_BY_NUMBER } from './task-spec.js';
import { requireOrder, requireTimes } from './task-times.js';
import { timeOf } from './time.js';

/** What a mask may name. JSON takes the names in lowerCamelCase only. */
const PATHS = ['tier', 'labels', 'requirements', 'run_at', 'deadline'] as const;
type Path = (typeof PATHS)[number];
const NAMED = PATHS.join(', ').replace('run_at', 'run_at (runAt in JSON)');

/**
 * An update that has passed its constraints, as what it makes of a task.
 *
 * @throws INVALID_ARGUMENT for a mask that is empty or names something else, and for times;
 *   PERMISSION_DENIED for CRITICAL without the permission
 */
export function toRevise(
  { task: update = create(TaskUpdateSchema), updateMask }: UpdateTaskRequest,
  principal: Principal,
  now: number,
): (task: Task) => Revision {
  const mask = pathsOf(updateMask?.paths ?? []);
  const tier = TIERS_BY_NUMBER.get(update.tier) ?? 'NORMAL';
  if (mask.has('tier') && tier === 'CRITICAL' && !maySubmitHuman(principal)) {
    throw new ReeveError(
      'PERMISSION_DENIED',
      'PERMISSION_DENIED',
      'saying CRITICAL needs the permission tasks.submit_human',
    );
  }
  return ({ spec, tier: tierNow }) => {
    const { kind } = spec;
    const next = {
      tier: mask.has('tier') ? tier : tierNow,
      labels: mask.has('labels') ? sortedLabels(update.labels) : spec.labels,
      requirements: mask.has('requirements')
        ? {
            ...toDomainRequirements({ kind, requirements: update.requirements }),
            keys: spec.requirements.keys,
          }
        : spec.requirements,
      runAt: mask.has('run_at') ? timeOf(update.runAt) : spec.runAt,
      deadline: mask.has('deadline') ? timeOf(update.deadline) : spec.deadline,
    };
    requireTimes(
      {
        runAt: mask.has('run_at') ? next.runAt : null,
        deadline: mask.has('deadline') ? next.deadline : null,
      },
      now,
      'task',
    );
    if (mask.has('run_at') || mask.has('deadline'))
      requireOrder(next, now, mask.has('deadline') ? 'deadline' : 'run_at');
    return {
      ...next,
      reschedules: mask.has('run_at'),
      body: rewritten(spec.body, update, mask, Tier[next.tier]),
      detail: Object.fromEntries([...mask].map((path) => [path, detailOf(path, next)])),
    };
  };
}

function pathsOf(paths: readonly string[]): ReadonlySet<Path> {
  const field = 'update_mask';
  if (paths.length === 0)
    throw invalidArgument([{ field, description: `must name at least one of ${NAMED}` }]);
  const known = paths.slice(0, 100).map((path, i) => {
    const found = PATHS.find((name) => name === path);
    const description = `must be one of ${NAMED}`;
    if (!found) throw invalidArgument([{ field: `${field}.paths[${i}]`, description }]);
    return found;
  });
  if (paths.length > 100) throw invalidArgument([{ field, description: 'must have at most 100 paths' }]);
  return new Set(known);
}

/** The stored spec with the new values in it. */
function rewritten(body: Uint8Array, update: TaskUpdate, mask: ReadonlySet<Path>, tier: Tier): Uint8Array {
  const spec = fromBinary(TaskSpecSchema, body);
  if (mask.has('tier')) spec.tier = tier;
  if (mask.has('labels')) spec.labels = sortedLabels(update.labels);
  if (mask.has('requirements')) spec.requirements = update.requirements ?? create(RequirementsSchema);
  if (mask.has('run_at')) assign(spec, 'runAt', update.runAt);
  if (mask.has('deadline')) assign(spec, 'deadline', update.deadline);
  return toBinary(TaskSpecSchema, spec);
}

function assign<T extends object, K extends keyof T>(target: T, key: K, value: T[K] | undefined): void {
  if (value === undefined) delete target[key];
  else target[key] = value;
}

function detailOf(
  path: Path,
  next: Pick<Revision, 'tier' | 'labels' | 'requirements' | 'runAt' | 'deadline'>,
): unknown {
  const isoOf = (ms: number | null) => (ms === null ? '' : new Date(ms).toISOString());
  switch (path) {
    case 'run_at':
      return isoOf(next.runAt);
    case 'deadline':
      return isoOf(next.deadline);
    default:
      return next[path];
  }
}
