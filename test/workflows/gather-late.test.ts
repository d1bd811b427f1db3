import { expect, test } from 'vitest';
import { createTables } from '../../src/memory/record/tables.js';
import { createMemoryTaskRecord } from '../../src/memory/record/task-record.js';
import { createMemoryWorkflowRecord } from '../../src/memory/record/workflows/workflow-record.js';
import { NO_FAILPOINTS } from '../../src/ports/failpoints.js';
import type { Ports } from '../../src/usecases/ports.js';
import { Expansions } from '../../src/usecases/workflows/expansions.js';
import { gatherNode } from '../../src/usecases/workflows/gather-node.js';
import { LoadedWorkflows } from '../../src/usecases/workflows/loaded-workflows.js';
import { Turn } from '../../src/usecases/workflows/turn.js';
import type { WorkflowPorts } from '../../src/usecases/workflows/workflow-ports.js';
import { WorkingCopy } from '../../src/usecases/workflows/working-copy.js';
import { createWorkflowWorld } from '../conformance/workflow-record-world.js';
import { group, task, workflow } from '../domain/workflows/specs.js';
import { expanding } from '../domain/workflows-values/expansions.js';
import { PLAIN_EXPRESSIONS } from '../simulation/plain-expressions.js';
import { FakeClock } from '../support/fake-clock.js';

const LATE = 'TIMED_OUT: group a took longer than 5 ms';
const TASK = 1;

/** A turn in which the group took too long when one of three items was made. */
async function setup(end: 'SUCCEEDED' | 'CANCELLED') {
  const tables = createTables();
  const record = createMemoryTaskRecord(Date, tables);
  const workflows = createMemoryWorkflowRecord(Date, tables);
  const w = createWorkflowWorld({ record, workflows });
  const settings = { ...expanding(), onFailure: 'CONTINUE' as const };
  const spec = workflow([group('a', [task('x', { settings })], { timeoutMs: 5 })], {
    context: { users: [1, 2, 3] },
  });
  const started = await w.start({ spec, nodeCount: 2 });
  await w.committed(started, {
    state: 'PROCESSING',
    context: [{ path: 'users', value: [1, 2, 3], expected: null }],
    nodes: [
      { node: 0, state: 'RUNNING', startTime: 1, reason: LATE },
      { node: TASK, state: 'EXPANDING', startTime: 1, total: 3, submitted: 1 },
    ],
  });
  const made = await w.submitItem(started, { node: TASK, item: 1 });
  if (end === 'SUCCEEDED') await w.settle(await w.claim(made));
  else await w.cancel(made, 0, LATE);

  const rules = { config: { workflowMaxItems: 10 } };
  const ports: Pick<WorkflowPorts, 'workflows' | 'ports'> = {
    workflows,
    ports: {
      clock: new FakeClock(),
      expressions: PLAIN_EXPRESSIONS,
      failpoints: NO_FAILPOINTS,
      orgRules: { of: async () => rules },
    } as unknown as Ports,
  };
  const whole = ports as WorkflowPorts;
  const contexts = new LoadedWorkflows(whole);
  const expansions = new Expansions(whole);
  const snapshot = await workflows.open(started);
  if (!snapshot) throw new Error('no such workflow');
  const copy = new WorkingCopy(snapshot);
  const turn = new Turn({ ports: whole, loaded: await contexts.load(started), copy, expansions, contexts });
  const scope = await turn.scope();
  const expanded = await expansions.make(copy.workflow, turn.taskNode(TASK), scope);
  if (!expanded.ok) throw new Error(expanded.reason);
  turn.begun.set(TASK, { expanded, scope });
  return turn;
}

test.each([
  ['SUCCEEDED', 'PARTIAL', `${LATE}; 2 of 3 items have not ended`],
  ['CANCELLED', 'FAILED', `${LATE}; 1 of 3 items failed: 1 (${LATE}); 2 of 3 items have not ended`],
] as const)(
  'items that their group had no time for are told as that: one made %s',
  async (end, state, reason) => {
    const turn = await setup(end);
    await gatherNode(turn, TASK);
    expect(turn.copy.node(TASK)).toMatchObject({ state, reason });
  },
);
