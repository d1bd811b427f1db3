import type { Principal } from '../domain/access/principal.js';
import { invalidArgument, ReeveError } from '../domain/errors.js';
import { bandOf } from '../domain/tasks/source.js';
import type { TaskSpec } from '../domain/tasks/task.js';
import { isTerminal, type TaskState } from '../domain/tasks/task-state.js';
import type { Terms } from '../domain/tasks/terms.js';
import type { WorkflowPlace } from '../domain/workflows/workflow.js';
import type { Deadline } from '../ports/deadlines.js';
import type { DelayedTask, ReadyTask, Reservation } from '../ports/ready-index.js';
import type { TaskChange } from '../ports/task-changes.js';
import type { Moved, NewTask, SubmitOutcome } from '../ports/task-record.js';
import { admitTasks } from './admission/admit-tasks.js';
import type { Admitted, Applicant } from './admission/applicant.js';
import { notesOf } from './admission/notes.js';
import { rejectedBefore, rejection } from './admission/rejection.js';
import { type Claimed, handOver } from './hand-over.js';
import { placeTasks } from './place-tasks.js';
import type { Ports } from './ports.js';
import { kindsToValidate } from './validate-tasks.js';

export interface SubmitItem {
  readonly spec: TaskSpec;
  readonly terms: Terms;
  /** Somebody has to be there who may get it. */
  readonly requireCandidate: boolean;
  /** Names the submission, so that it can be repeated safely. */
  readonly request: { readonly requestId: string; readonly bodyHash: Uint8Array } | null;
  /** Default: a new one. */
  readonly taskId?: string;
  /** Which part of a workflow it is. Default: of none. */
  readonly workflow?: WorkflowPlace | null;
}

export type SubmitReply =
  | {
      readonly ok: true;
      readonly taskId: string;
      readonly state: TaskState;
      readonly seq: number;
      readonly alreadySubmitted: boolean;
      /** For people. */
      readonly notes: readonly string[];
    }
  | { readonly ok: false; readonly error: ReeveError };

/**
 * Writes tasks to the record, those that need not wait with a claim already, then sends them
 * to their agents or puts them in their lanes. One reply an item, in order.
 */
export const submitTasks =
  (ports: Ports) =>
  async (principal: Principal, items: readonly SubmitItem[]): Promise<readonly SubmitReply[]> => {
    const { record, index, clock, rules, log } = ports;
    const began = clock.monotonic();
    const applicants = items.map((item): Applicant => {
      const { spec, terms, requireCandidate } = item;
      const taskId = item.taskId ?? ports.ids.taskId();
      return { taskId, spec, terms, requireCandidate, createTime: clock.now() };
    });
    const admission = admitTasks(ports)(principal, applicants);
    const admitted = admission instanceof Promise ? await admission : admission;
    const waiting: NewTask[] = [];
    admitted.forEach((one, i) => {
      if (one instanceof ReeveError) return;
      waiting.push(newTask(principal, applicants[i] as Applicant, one, items[i]));
    });
    const reservations = await reserve(ports, principal.org, waiting);
    const tasks =
      reservations.size === 0 ? waiting : waiting.map((task) => claimedBy(task, reservations, rules));
    let outcomes: readonly SubmitOutcome[];
    try {
      outcomes = await record.submitTasks(tasks);
    } catch (error) {
      await drop(ports, [...reservations.values()]);
      throw error;
    }
    await ports.failpoints.hit('submit.before-index');

    const ready: ReadyTask[] = [];
    const delayed: DelayedTask[] = [];
    const changes: TaskChange[] = [];
    const claimed: Claimed[] = [];
    const unused: Reservation[] = [];
    const urged: Moved[] = [];
    const deadlines: Deadline[] = [];
    tasks.forEach((task, i) => {
      const outcome = outcomes[i];
      const reservation = reservations.get(task.taskId);
      if (outcome?.kind !== 'SUBMITTED') {
        if (reservation) unused.push(reservation);
        return;
      }
      const { change, lease, score, band } = outcome;
      urged.push(...outcome.urged);
      const { org, taskId } = task;
      const { seq } = change;
      if (task.spec.deadline !== null && !isTerminal(change.state)) {
        deadlines.push({ org, taskId, seq, due: task.spec.deadline });
      }
      if (reservation && lease) {
        const { createTime, spec } = task;
        const { body, kind } = spec;
        claimed.push({ reservation, change, lease, body, createTime, kind });
        return;
      }
      changes.push(change);
      if (change.state === 'QUEUED') ready.push({ ...readyTask(task, seq), score, band });
      else if (change.state === 'SCHEDULED') {
        delayed.push({ org, taskId, seq, tier: task.spec.tier, due: task.runTime ?? clock.now() });
      }
    });
    // They are submitted whatever becomes of this: the lease clock and the reconciler make up for it.
    await handOver(ports)(claimed, began).catch((error: unknown) =>
      log.error({ err: error, tasks: claimed.length }, 'tasks born assigned could not be handed over'),
    );
    await drop(ports, unused);
    await index.add(ready);
    await index.delay(delayed);
    await placeTasks(ports, urged);
    await ports.deadlines.watch(deadlines);
    ports.changes.publish(changes);
    const before = await rejectedBefore(ports, outcomes);
    const told = outcomes.values();
    return admitted.map((one, i): SubmitReply => {
      if (one instanceof ReeveError) return { ok: false, error: one };
      const outcome = told.next().value as SubmitOutcome;
      const error = rejection(outcome, one.admission, before);
      return error ? { ok: false, error } : replyTo(outcome, one, items[i]);
    });
  };

/** Agents that are free for them, by task id. */
async function reserve(
  { index, orgRules }: Ports,
  org: string,
  tasks: readonly NewTask[],
): Promise<Map<string, Reservation>> {
  // What is checked right before an agent gets it is claimed from its lane.
  const checked = kindsToValidate(orgRules.known(org));
  const runnable = tasks.filter(
    ({ runTime, spec, admission }) =>
      runTime === null &&
      (admission?.kind ?? 'ACCEPTED') === 'ACCEPTED' &&
      spec.dependencies.length === 0 &&
      !checked.has(spec.kind),
  );
  const reservations = await index.reserveNew(runnable.map((task) => readyTask(task, 1)));
  const byTask = new Map<string, Reservation>();
  for (const reservation of reservations) if (reservation) byTask.set(reservation.taskId, reservation);
  return byTask;
}

async function drop({ index }: Ports, reservations: readonly Reservation[]): Promise<void> {
  await index.release(reservations.map((reservation) => ({ reservation, requeue: false })));
}

/** Field by field: to spread one object into another took a tenth of the time of a submission. */
function newTask(
  { org, subject }: Principal,
  { taskId, createTime }: Applicant,
  { spec, headStartMs, admission, decisions }: Admitted,
  item: SubmitItem | undefined,
): NewTask {
  const runTime = spec.runAt !== null && spec.runAt > createTime ? spec.runAt : null;
  return {
    claim: null,
    org,
    taskId,
    spec,
    createTime,
    runTime,
    score: (runTime ?? createTime) - headStartMs,
    headStartMs,
    request: item?.request ?? null,
    actor: subject,
    admission,
    decisions,
    workflow: item?.workflow ?? null,
  };
}

/** With the claim of its reservation, if it has one. */
function claimedBy(
  task: NewTask,
  reservations: ReadonlyMap<string, Reservation>,
  { assignedMs: acceptWithinMs }: Ports['rules'],
): NewTask {
  const reservation = reservations.get(task.taskId);
  if (!reservation) return task;
  const { agentId, requestId, selection = null } = reservation;
  return { ...task, claim: { agentId, requestId, selection, acceptWithinMs } };
}

function readyTask({ org, taskId, spec, score }: NewTask, seq: number): ReadyTask {
  const { kind, tier, requirements } = spec;
  return { org, taskId, seq, band: bandOf(spec.source), tier, score, kind, requirements, lastAgentId: null };
}

function replyTo(outcome: SubmitOutcome, admitted: Admitted, item: SubmitItem | undefined): SubmitReply {
  switch (outcome.kind) {
    case 'SUBMITTED':
    case 'ALREADY_SUBMITTED': {
      const { taskId, state, seq } = outcome.change;
      const alreadySubmitted = outcome.kind === 'ALREADY_SUBMITTED';
      const notes = alreadySubmitted ? admitted.notes : notesOf(admitted);
      return { ok: true, taskId, state, seq, alreadySubmitted, notes };
    }
    case 'REQUEST_ID_REUSED': {
      const requestId = item?.request?.requestId ?? '';
      const message = `request id ${requestId} was used before for another task, ${outcome.taskId}`;
      const metadata = { request_id: requestId, task_id: outcome.taskId };
      return {
        ok: false,
        error: new ReeveError('ALREADY_EXISTS', 'REQUEST_ID_REUSED', message, { metadata }),
      };
    }
    case 'PARENT_NOT_FOUND': {
      const message = `parent task ${item?.spec.parentTaskId} does not exist`;
      return { ok: false, error: new ReeveError('NOT_FOUND', 'PARENT_TASK_NOT_FOUND', message) };
    }
    case 'DEPENDENCY_NOT_FOUND': {
      const message = `task ${outcome.taskId}, which it depends on, does not exist`;
      const metadata = { task_id: outcome.taskId };
      return { ok: false, error: new ReeveError('NOT_FOUND', 'DEPENDENCY_NOT_FOUND', message, { metadata }) };
    }
    case 'INVALID':
      return { ok: false, error: invalidArgument([{ field: 'task', description: outcome.message }]) };
  }
}
