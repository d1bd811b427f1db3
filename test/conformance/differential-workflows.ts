import fc from 'fast-check';
import type { JsonValue } from '../../src/domain/json.js';
import type { TaskSpec } from '../../src/domain/tasks/task.js';
import {
  isOver,
  type NewWorkflowEvent,
  NODE_STATES,
  WORKFLOW_EVENT_TYPES,
  WORKFLOW_STATES,
  type Workflow,
} from '../../src/domain/workflows/workflow.js';
import {
  type ContextRow,
  type ContextWrite,
  type NodeChange,
  seenIn,
  type WorkflowCommit,
  type WorkflowSnapshot,
} from '../../src/ports/workflow-record.js';
import { plainSpec } from '../support/plain-task.js';
import { HOUR_MS, type Known } from './differential-known.js';
import { reason, span } from './differential-leases.js';
import type { Side } from './differential-sides.js';
import { onTasks } from './differential-steps.js';
import { workflowSpec } from './workflow-record-world.js';

export const NODES = 3;
const ITEMS = 4;
const PATHS = ['a', 'a.b', 'b', 'outputs.g.t'] as const;
/** Of nodes: the record neither makes nor compares their times. */
const SOME_TIME = 1_700_000_000_000;

/** A workflow as it is, the same on both records. */
export interface KnownWorkflow extends WorkflowSnapshot {
  readonly context: readonly ContextRow[];
}

export interface KnownAll extends Known {
  readonly workflows: readonly KnownWorkflow[];
}

/** One call, bound to what is there; to be made on either record. */
export interface WorkflowStep {
  readonly name: string;
  bind(known: KnownAll): (side: Side) => Promise<unknown>;
}

/** A step that says in a word what it is, and all of it in a message. */
function step<T>(
  name: string,
  generated: fc.Arbitrary<T>,
  bind: (known: KnownAll, generated: T) => (side: Side) => Promise<unknown>,
): fc.Arbitrary<WorkflowStep> {
  return generated.map((one) => ({
    name: `${name} ${JSON.stringify(one)}`,
    [fc.toStringMethod]: () => name,
    bind: (known) => bind(known, one),
  }));
}

const NOTHING = async (): Promise<unknown> => 'nothing';
const workflow = fc.nat(5);
const chosen = ({ workflows }: KnownAll, n: number) => workflows[n % Math.max(1, workflows.length)];
const text = fc.constantFrom('', 'because', 'NUL \0', 'ü 😀');

const start = step(
  'start',
  fc.record({
    repeats: fc.constantFrom(false, false, false, true),
    which: workflow,
    request: fc.constantFrom(null, null, 'w1', 'w2'),
    hash: fc.constantFrom(1, 1, 2),
    name: fc.constantFrom('digest', 'letters'),
    labels: fc.constantFrom<Record<string, string>>({}, { l: 'v' }, { l: 'v', m: 'NUL \0' }),
    deadlineIn: fc.constantFrom(null, -HOUR_MS, 3 * HOUR_MS),
    actor: text,
  }),
  (known, one) => {
    const again = one.repeats ? chosen(known, one.which)?.workflow.workflowId : undefined;
    const workflowId = again ?? known.newId();
    const createTime = known.now();
    const bodyHash = new Uint8Array(32).fill(one.hash);
    return ({ workflows }) =>
      workflows.start({
        ...{ org: known.org, workflowId, submitterSubjectId: 'alice', actor: one.actor, createTime },
        spec: workflowSpec({ name: one.name, labels: one.labels, context: { zz: 1, a: 'NUL \0' } }),
        deadline: one.deadlineIn === null ? null : createTime + one.deadlineIn,
        nodeCount: NODES,
        request: one.request === null ? null : { requestId: one.request, bodyHash },
      });
  },
);

const item = fc.record({
  which: workflow,
  node: fc.nat(NODES - 1),
  // Of a run that is over, now and then: nobody makes tasks of one that is not committed.
  late: fc.constantFrom(0, 0, 0, 1),
  item: fc.integer({ min: 1, max: ITEMS }),
  rejected: fc.constantFrom(false, false, false, true),
  deadlineIn: fc.constantFrom(null, null, -HOUR_MS, 3 * HOUR_MS),
  claimed: fc.constantFrom(false, false, true),
});
const submitItems = step('submit items', fc.array(item, { minLength: 1, maxLength: 3 }), (known, items) => {
  const createTime = known.now();
  const named = new Map(
    items.flatMap((one) => {
      const found = chosen(known, one.which);
      if (!found) return [];
      const { workflowId } = found.workflow;
      const run = Math.max(1, (found.nodes[one.node]?.run ?? 1) - one.late);
      return [[`wf:${workflowId}:${one.node}:${run}:${one.item}`, { one, workflowId, run }] as const];
    }),
  );
  // Which of two statements of one call comes first is not settled, so each call has one sort of them.
  const rejected = items[0]?.rejected === true;
  const tasks = [...named].map(([requestId, { one, workflowId, run }]) => {
    const deadline = one.deadlineIn === null ? null : createTime + one.deadlineIn;
    const spec: TaskSpec = plainSpec('a', { deadline });
    const claim = { agentId: 'agent-1', acceptWithinMs: HOUR_MS, requestId: null };
    return {
      ...{ org: known.org, taskId: known.newId(), spec, createTime, runTime: null, score: createTime },
      ...{ headStartMs: 0, actor: 'alice', request: { requestId, bodyHash: new Uint8Array(32) } },
      claim: one.claimed && !rejected ? claim : null,
      admission: rejected ? ({ kind: 'REJECTED', reason: 'too dear' } as const) : undefined,
      workflow: { workflowId, node: one.node, run, item: one.item, groupId: 'g', templateId: 't' },
    };
  });
  return ({ record }) =>
    record.submitTasks(tasks.map(({ admission, ...rest }) => ({ ...rest, ...(admission && { admission }) })));
});

const value = fc.constantFrom<JsonValue | undefined>(undefined, null, 1, 'NUL \0', [], { zz: [1], a: null });
const write = fc.record({
  path: fc.constantFrom(...PATHS),
  value,
  // What was read: mostly that which is there.
  expected: fc.constantFrom('any', 'any', 'there', 'there', 'none', 'older'),
});
const nodeChange = fc.record(
  {
    node: fc.nat(NODES - 1),
    state: fc.constantFrom(...NODE_STATES),
    reason: text,
    anew: fc.constantFrom(false, true),
    total: fc.nat(3),
    submitted: fc.nat(3),
    startTime: fc.constantFrom(null, SOME_TIME),
    finishTime: fc.constantFrom(null, SOME_TIME + 1),
  },
  { requiredKeys: ['node'] },
);
const event = fc.record({
  type: fc.constantFrom(...WORKFLOW_EVENT_TYPES),
  node: fc.constantFrom(null, 0, 1),
  nodeState: fc.constantFrom(null, ...NODE_STATES),
  reason: text,
  actor: text,
  detail: fc.oneof(
    fc.constantFrom({}, { zz: 1, a: 'NUL \0' }),
    fc.record({ context_version: fc.nat(4), run: fc.integer({ min: 1, max: 2 }) }),
  ),
});
const commit = step(
  'commit',
  fc.record({
    which: workflow,
    stale: fc.constantFrom(0, 0, 0, 0, 0, 1, -1),
    state: fc.constantFrom(...Array(6).fill(undefined), ...WORKFLOW_STATES),
    end: fc.constantFrom(undefined, undefined, null, 'PARTIAL' as const),
    reason: fc.constantFrom(undefined, undefined, '', 'NUL \0'),
    runs: fc.constantFrom(false, false, true),
    endedForMs: span,
    deadlineIn: fc.constantFrom(undefined, undefined, null, -HOUR_MS, 3 * HOUR_MS),
    wakeIn: fc.constantFrom(undefined, null, null, -HOUR_MS, HOUR_MS),
    seen: fc.constantFrom('all', 'all', 'all', 'fewer', 'not looked'),
    nodes: fc.uniqueArray(nodeChange, { maxLength: 2, selector: ({ node }) => node }),
    context: fc.array(write, { maxLength: 3 }),
    events: fc.array(event, { maxLength: 2 }),
  }),
  (known, one) => {
    const found = chosen(known, one.which);
    if (!found) return NOTHING;
    const { workflow: of, nodes, context } = found;
    const now = known.now();
    const { succeeded, failed } = seenIn(nodes);
    const made: WorkflowCommit = {
      ...{ org: of.org, workflowId: of.workflowId, version: of.version + one.stale },
      ...stateOf(one.state, now - one.endedForMs),
      ...(one.end !== undefined && { end: one.end }),
      ...(one.reason !== undefined && { reason: one.reason }),
      ...(one.runs && { run: of.run + 1 }),
      ...(one.deadlineIn !== undefined && { deadline: timeIn(now, one.deadlineIn) }),
      ...(one.wakeIn !== undefined && { wakeTime: timeIn(now, one.wakeIn) }),
      ...(one.seen !== 'not looked' && {
        seen: { succeeded: one.seen === 'all' ? succeeded : succeeded - 1, failed },
      }),
      nodes: one.nodes.map(({ anew, ...change }): NodeChange => {
        return { ...change, ...(anew === true && { run: (nodes[change.node]?.run ?? 0) + 1 }) };
      }),
      context: one.context.map((written) => writeOf(written, context)),
      events: one.events satisfies readonly NewWorkflowEvent[],
    };
    return ({ workflows }) => workflows.commit(made);
  },
);

function timeIn(now: number, ms: number | null): number | null {
  return ms === null ? null : now + ms;
}

/** One that is over has its end, any other has none. */
function stateOf(state: Workflow['state'] | undefined, ended: number): Partial<WorkflowCommit> {
  return state === undefined ? {} : { state, finishTime: isOver(state) ? ended : null };
}

function writeOf(
  { path, value, expected }: { path: string; value: JsonValue | undefined; expected: string },
  rows: readonly ContextRow[],
): ContextWrite {
  const there = rows.find((row) => row.path === path)?.version ?? 0;
  const versions: Readonly<Record<string, number>> = { there, none: 0, older: Math.max(0, there - 1) };
  return { path, value, expected: versions[expected] ?? null };
}

const prune = step('prune', fc.record({ which: workflow, kept: fc.nat(2) }), (known, { which, kept }) => {
  const found = chosen(known, which);
  if (!found) return NOTHING;
  const { workflow: of } = found;
  return ({ workflows }) => workflows.pruneContext(of, of.contextVersion - kept, 100);
});
const forget = step(
  'forget workflows',
  span,
  (_known, endedForMs) =>
    // How many of other organisations there are is no business of this one.
    async ({ workflows }) => {
      await workflows.forget(endedForMs, 100_000);
    },
);
const skipFirst = step('skip the first', reason, (known, why) => async ({ record }) => {
  const open = known.tasks.flatMap((task) => (task?.workflow && task.state === 'QUEUED' ? [task] : []));
  return record.skipTasks(
    open.slice(0, 1).map(({ org, taskId, seq }) => ({ org, taskId, seq, reason: `SKIPPED: ${why}` })),
  );
});

const begin = fc.array(start, { minLength: 2, maxLength: 3, size: 'max' });
const goOn = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: start },
    { weight: 18, arbitrary: submitItems },
    { weight: 22, arbitrary: commit },
    { weight: 1, arbitrary: forget },
    { weight: 2, arbitrary: prune },
    { weight: 1, arbitrary: skipFirst },
    ...onTasks.map(({ weight, arbitrary }) => ({
      weight,
      arbitrary: arbitrary.map(
        (one): WorkflowStep => ({
          ...one,
          bind(known) {
            const call = one.bind(known);
            return ({ record, elapse }) => call(record, elapse);
          },
        }),
      ),
    })),
  ),
  { minLength: 10, maxLength: 40, size: 'max' },
);

export const workflowSteps = fc.tuple(begin, goOn).map((parts) => parts.flat());
