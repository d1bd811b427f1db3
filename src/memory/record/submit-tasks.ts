import { recorded } from '../../domain/policies/decision.js';
import type { Admission } from '../../domain/tasks/admission.js';
import type { Lease } from '../../domain/tasks/lease.js';
import { type Band, bandOf } from '../../domain/tasks/source.js';
import { isTerminal } from '../../domain/tasks/task-state.js';
import type { Moved, NewTask, SubmitOutcome } from '../../ports/task-record.js';
import { ask } from './approvals.js';
import { batchesOf, orderOf, type Placed } from './batches.js';
import { claimRow } from './claim-tasks.js';
import { causeOf } from './edges.js';
import { type Linked, link, linksOf } from './link-tasks.js';
import type { TaskRow } from './rows.js';
import { unstorable } from './storable.js';
import { addToWorkflow, findTask, keyOf, type Tables } from './tables.js';
import { changeOf, eventOf, textOf } from './transition.js';
import { type Urging, urge } from './urge-upstreams.js';

/** What a task may inherit from the one it is a part of. */
interface Inherited {
  readonly known: boolean;
  readonly score: number;
  readonly band: Band | null;
}

/** Those that were judged first, then those that depend on others: each kind is a statement of its own. */
export function submitTasks(tables: Tables, tasks: readonly NewTask[], now: number): SubmitOutcome[] {
  const outcomes = new Array<SubmitOutcome>(tasks.length);
  const placed = tasks.map((item, at) => ({ ...item, at }));
  const judged = placed.filter((task) => judgementOf(task) !== null);
  const accepted = placed.filter((task) => judgementOf(task) === null);
  const dependent = accepted.filter(({ spec }) => spec.dependencies.length > 0);
  const others = accepted.filter(({ spec }) => spec.dependencies.length === 0);
  for (const kind of [judged, dependent, others]) {
    for (const batch of batchesOf(kind, nameOf)) submitBatch(tables, batch, now, outcomes);
  }
  return outcomes;
}

/** What was decided of it but that it goes on. */
function judgementOf({ admission }: NewTask) {
  return admission && admission.kind !== 'ACCEPTED' ? admission : null;
}

/** A submission that is named and its repeat have to find each other. */
function nameOf(task: NewTask): string {
  return task.request ? keyOf(task.org, 'request', task.request.requestId) : orderOf(task);
}

function submitBatch(
  tables: Tables,
  batch: readonly Placed<NewTask & { readonly at: number }>[],
  now: number,
  outcomes: SubmitOutcome[],
): void {
  // A parent, or what a task depends on, has to be there before the batch: the order of its items says nothing.
  const prepared = batch.map(({ item }) => {
    return { item, parent: parentOf(tables, item), linked: linksOf(tables, item), urged: [] as Moved[] };
  });
  const blocked: Urging[] = [];
  for (const { item, parent, linked, urged } of prepared) {
    const { labels, requirements, ...text } = item.spec;
    const why = unstorable({ ...item, spec: text });
    const before = why === null ? known(tables, item) : ({ kind: 'INVALID', message: why } as const);
    if (before) outcomes[item.at] = before;
    else if (!parent.known) outcomes[item.at] = { kind: 'PARENT_NOT_FOUND' };
    else if (linked.unknownId !== null)
      outcomes[item.at] = { kind: 'DEPENDENCY_NOT_FOUND', taskId: linked.unknownId };
    else outcomes[item.at] = submit(tables, item, parent, linked, urged, now);
    const row = outcomes[item.at]?.kind === 'SUBMITTED' && findTask(tables, item);
    // What it named itself is followed even where it has ended: a cancelled task may have open edges.
    if (row && row.state === 'BLOCKED') blocked.push({ row, edges: linked.edges, urged });
  }
  urge(tables, blocked, now);
}

/** A sub-task is as urgent as the task it is a part of, while that is open. */
function parentOf(tables: Tables, { org, spec: { parentTaskId: taskId } }: NewTask): Inherited {
  const row = taskId === null ? undefined : findTask(tables, { org, taskId });
  const open = row && !isTerminal(row.state) ? row : null;
  const band = open?.band === 'HUMAN' ? open.band : null;
  return { known: taskId === null || row !== undefined, score: open?.score ?? Infinity, band };
}

/** The outcome of a submission whose name was seen before. */
function known(tables: Tables, { org, request }: NewTask): SubmitOutcome | null {
  const name = request && tables.requests.get(keyOf(org, request.requestId));
  if (!name) return null;
  const row = findTask(tables, name);
  const same = row && equal(name.bodyHash, request.bodyHash);
  return same
    ? { kind: 'ALREADY_SUBMITTED', change: changeOf(row) }
    : { kind: 'REQUEST_ID_REUSED', taskId: name.taskId };
}

function submit(
  tables: Tables,
  task: NewTask,
  parent: Inherited,
  linked: Linked,
  urged: readonly Moved[],
  now: number,
): SubmitOutcome {
  const {
    org,
    taskId,
    spec,
    createTime,
    score: ownScore,
    headStartMs,
    request,
    actor,
    claim,
    decisions,
  } = task;
  // What is written as JSON is looked at only when it is written.
  const why = unstorable([spec.labels, spec.requirements]);
  if (why !== null) return { kind: 'INVALID', message: why };
  const score = Math.min(ownScore, parent.score);
  const band = parent.band ?? bandOf(spec.source);
  const judgement = judgementOf(task);
  const runTime = linked.state === null && !judgement ? task.runTime : null;
  const state = judgement?.kind ?? linked.state ?? (runTime === null ? 'QUEUED' : 'SCHEDULED');
  const reason = judgement?.reason ?? (state === 'SKIPPED' ? 'UPSTREAM_FAILED' : '');
  const row: TaskRow = {
    ...{ org, taskId, spec, band, score, headStartMs, createTime, state, reason, runTime },
    inheritedScore: score === ownScore ? null : score,
    seq: 1,
    epoch: 0,
    series: 0,
    attempt: 0,
    deliveries: 0,
    preemptions: 0,
    agentId: null,
    pending: linked.pending,
    runnableTime: state === 'QUEUED' ? createTime : null,
    startTime: null,
    finishTime: isTerminal(state) ? now : null,
    leaseExpiresAt: null,
    attemptDeadline: null,
    workflow: task.workflow ?? null,
    events: [],
  };
  const { tier, source, kind, dependencies } = spec;
  const detail = {
    ...{ tier, source, kind, score },
    ...(runTime !== null && { run_time: textOf(runTime) }),
    ...(judgement ? askedIn(judgement) : outcomeOf(tables, dependencies.length, linked)),
    ...(decisions && decisions.length > 0 && { decisions: decisions.map(recorded) }),
  };
  row.events.push(eventOf(row, now, 'SUBMITTED', { actor, reason, detail }));
  let lease: Lease | null = null;
  if (claim && dependencies.length === 0) lease = claimRow(tables, row, { org, taskId, ...claim }, now);
  tables.tasks.set(keyOf(org, taskId), row);
  addToWorkflow(tables, row);
  link(tables, linked.edges);
  ask(tables, task);
  if (request) tables.requests.set(keyOf(org, request.requestId), { org, taskId, ...request });
  return { kind: 'SUBMITTED', change: changeOf(row), lease, score, band, urged };
}

/** What the event says of the tasks that it waits for. */
function outcomeOf(tables: Tables, dependencies: number, { pending, edges }: Linked) {
  return { ...(dependencies > 0 && { pending }), ...causeOf(tables, edges) };
}

/** What the event says of what a person is asked. */
function askedIn(judgement: Admission) {
  if (judgement.kind !== 'AWAITING_APPROVAL') return {};
  const { dueTime, defaultVerdict } = judgement;
  return { due_time: textOf(dueTime), default_verdict: defaultVerdict };
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
