import type { Plan, Problem } from '../../../src/domain/workflows/plan.js';
import { resolve } from '../../../src/domain/workflows/resolve.js';
import type {
  GroupSpec,
  TaskDefaults,
  TemplateSpec,
  WorkflowSpec,
} from '../../../src/domain/workflows/spec.js';
import type { Workflow, WorkflowNode } from '../../../src/domain/workflows/workflow.js';

export const NOTHING_SAID: TaskDefaults = {
  tier: null,
  requirements: null,
  retry: null,
  attemptTimeoutMs: null,
  timeoutMs: null,
  onFailure: null,
  expansion: null,
  policies: null,
  routing: null,
};

/** A task of that id, with what else is said of it. */
export function task(taskId: string, said: Partial<TemplateSpec> = {}): TemplateSpec {
  return {
    taskId,
    name: '',
    kind: 'demo.echo',
    input: null,
    instructions: '',
    messageTemplate: '',
    tools: [],
    files: [],
    resultKey: '',
    dependsOn: [],
    condition: '',
    validate: '',
    settings: NOTHING_SAID,
    labels: {},
    ...said,
  };
}

/** A group of that id with those tasks; a text is a task of that id. */
export function group(
  groupId: string,
  tasks: readonly (string | TemplateSpec)[],
  said: Partial<GroupSpec> = {},
): GroupSpec {
  return {
    groupId,
    name: '',
    dependsOn: [],
    condition: '',
    instructions: '',
    timeoutMs: null,
    defaults: NOTHING_SAID,
    tasks: tasks.map((one) => (typeof one === 'string' ? task(one) : one)),
    ...said,
  };
}

export function workflow(groups: readonly GroupSpec[], said: Partial<WorkflowSpec> = {}): WorkflowSpec {
  return {
    name: 'demo',
    description: '',
    labels: {},
    groups,
    context: {},
    params: {},
    timeoutMs: null,
    defaults: NOTHING_SAID,
    submitterSubjectId: '',
    jobSpaceId: '',
    source: 'AUTOMATED',
    ...said,
  };
}

/** The plan of what has to be without a mistake. */
export function planOf(groups: readonly GroupSpec[], said: Partial<WorkflowSpec> = {}): Plan {
  const { plan, problems } = resolve(workflow(groups, said));
  if (plan === null) throw new Error(JSON.stringify(problems));
  return plan;
}

/** What is wrong with it. */
export function problemsOf(groups: readonly GroupSpec[]): readonly Problem[] {
  return resolve(workflow(groups)).problems;
}

/** A run of it as it stands, PROCESSING unless said otherwise, its nodes by address. */
export function standing(
  plan: Plan,
  nodes: Readonly<Record<string, Partial<WorkflowNode>>> = {},
  said: Partial<Workflow> = {},
): { readonly workflow: Workflow; readonly nodes: readonly WorkflowNode[] } {
  const addresses = new Set(plan.nodes.map(({ address }) => address));
  const stray = Object.keys(nodes).find((address) => !addresses.has(address));
  if (stray !== undefined) throw new Error(`no node ${stray}`);
  return {
    workflow: {
      org: 'default',
      workflowId: '01890a5d-ac96-774b-bcce-b302099a8057',
      name: 'demo',
      labels: {},
      submitterSubjectId: '',
      state: 'PROCESSING',
      end: null,
      reason: '',
      version: 1,
      seq: 1,
      run: 1,
      contextVersion: 0,
      createTime: 0,
      finishTime: null,
      deadline: null,
      ...said,
    },
    nodes: plan.nodes.map(({ node, address }) => ({
      node,
      state: 'WAITING',
      reason: '',
      run: 1,
      total: 0,
      submitted: 0,
      succeeded: 0,
      failed: 0,
      startTime: null,
      finishTime: null,
      ...nodes[address],
    })),
  };
}
