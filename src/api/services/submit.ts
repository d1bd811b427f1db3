import { hash } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import {
  type CoordinatorService,
  PayloadView,
  type SubmitTaskOutcome,
  SubmitTaskOutcomeSchema,
  type SubmitTaskRequest,
  SubmitTaskRequestSchema,
  type SubmittedTask,
  TaskState,
} from '@reeve/sdk/protocol';
import type { Principal } from '../../domain/access/principal.js';
import { invalidArgument, ReeveError, taskNotFound } from '../../domain/errors.js';
import { type SubmitItem, submitTasks } from '../../usecases/submit-tasks.js';
import type { Handlers } from '../call.js';
import { itemErrorOf } from '../errors.js';
import { toProtoTask } from '../mapping/task.js';
import { toSubmittedSpec } from '../mapping/task-spec.js';
import { requireTimes } from '../mapping/task-times.js';
import { msOf } from '../mapping/time.js';
import { isWaiting, untilAssigned } from './assign-wait.js';
import { type Context, taskMapping } from './context.js';
import { whyUnassigned } from './why-unassigned.js';

interface MappedItem extends SubmitItem {
  readonly notes: readonly string[];
}

export function submitHandlers(
  context: Context,
): Pick<Handlers<typeof CoordinatorService>, 'submitTask' | 'batchSubmitTasks'> {
  const { ports, checker } = context;
  const submit = submitTasks(ports);

  return {
    async submitTask(principal, request, call) {
      const item = toItem(principal, request, '');
      const [reply] = await submit(principal, [item]);
      if (!reply?.ok) throw reply?.error ?? new Error('a submission without a reply');
      const waitMs = msOf(request.assignWait) ?? 0;
      const dueInTime = (item.spec.runAt ?? 0) <= ports.clock.now() + waitMs;
      if (waitMs > 0 && dueInTime && isWaiting(reply.state)) {
        await untilAssigned(context, principal.org, reply.taskId, waitMs, call.signal);
      }
      const [task] = await ports.record.getTasks(principal.org, [reply.taskId], 'BASIC');
      if (!task) throw taskNotFound(reply.taskId);
      const answer = toProtoTask(task, taskMapping(context, call, PayloadView.DATA));
      const notes = [...item.notes, ...reply.notes];
      if (waitMs > 0 && isWaiting(task.state)) notes.push(await whyUnassigned(ports, task));
      return { task: answer, alreadySubmitted: reply.alreadySubmitted, notes };
    },

    async batchSubmitTasks(principal, { requests }) {
      const mapped = requests.map((request, i) =>
        attempt(() => toCheckedItem(principal, request, `requests[${i}]`)),
      );
      const items = mapped.filter((item): item is MappedItem => !(item instanceof ReeveError));
      const replies = items.length > 0 ? await submit(principal, items) : [];
      let next = 0;
      const outcomes = mapped.map((item): SubmitTaskOutcome => {
        if (item instanceof ReeveError) return failed(item);
        const reply = replies[next++];
        if (!reply?.ok) return failed(reply?.error ?? new ReeveError('UNAVAILABLE', 'NO_REPLY', 'no reply'));
        const { taskId, state, alreadySubmitted } = reply;
        return submitted({
          taskId,
          state: TaskState[state],
          alreadySubmitted,
          notes: [...item.notes, ...reply.notes],
        });
      });
      return { $typeName: 'reeve.v1.BatchSubmitTasksResponse', outcomes };
    },
  };

  /** An item of a batch: a broken rule is its own outcome, not the call's. */
  function toCheckedItem(principal: Principal, request: SubmitTaskRequest, path: string): MappedItem {
    const violations = checker.check(SubmitTaskRequestSchema, request, path);
    if (violations.length > 0) throw invalidArgument(violations);
    if ((msOf(request.assignWait) ?? 0) > 0) {
      const description = 'is for SubmitTask: a batch does not wait';
      throw invalidArgument([{ field: `${path}.assign_wait`, description }]);
    }
    return toItem(principal, request, `${path}.`);
  }

  function toItem(
    principal: Principal,
    { task, requestId, requireCandidate }: SubmitTaskRequest,
    prefix: string,
  ): MappedItem {
    if (!task) throw invalidArgument([{ field: `${prefix}task`, description: 'must be set' }]);
    const path = `${prefix}task`;
    const { spec, terms, notes } = toSubmittedSpec(task, principal, ports.rules, path);
    requireTimes(spec, ports.clock.now(), path);
    const request = requestId === '' ? null : { requestId, bodyHash: sha256(spec.body) };
    return { spec, terms, requireCandidate, request, notes };
  }
}

/** Messages as they are, since the library takes long to make one of what stands for it. */
function submitted(task: Omit<SubmittedTask, '$typeName' | '$unknown'>): SubmitTaskOutcome {
  const value: SubmittedTask = { $typeName: 'reeve.v1.SubmittedTask', ...task };
  return { $typeName: 'reeve.v1.SubmitTaskOutcome', outcome: { case: 'submitted', value } };
}

function failed(error: ReeveError): SubmitTaskOutcome {
  return create(SubmitTaskOutcomeSchema, { outcome: { case: 'error', value: itemErrorOf(error) } });
}

function attempt<T>(fn: () => T): T | ReeveError {
  try {
    return fn();
  } catch (error) {
    if (error instanceof ReeveError) return error;
    throw error;
  }
}

function sha256(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer');
}
