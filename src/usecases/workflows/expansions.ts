import type { JsonObject } from '../../domain/json.js';
import type { Expanded } from '../../domain/workflows/expansion/items.js';
import type { TaskNode } from '../../domain/workflows/plan.js';
import type { Scope } from '../../domain/workflows/scope.js';
import type { Workflow, WorkflowNode } from '../../domain/workflows/workflow.js';
import type { WorkflowKey } from '../../ports/workflow-record.js';
import { expandNode } from './expand.js';
import { keepNewest, type LoadedWorkflow, scopeAt } from './loaded-workflows.js';
import type { WorkflowPorts } from './workflow-ports.js';

/** Expansions that are kept in mind. */
const MAX_EXPANSIONS = 32;
const TRAIL_PAGE = 1_000;

/** What a task of a workflow became, and what that was made from. */
export interface Expansion {
  readonly expanded: Extract<Expanded, { ok: true }>;
  readonly scope: Scope;
}

/**
 * The items of tasks that expand. They are made once for all of their chunks, from the context as it was when the
 * task began, whatever is written to it since: its version stands in the trail (NODE_EXPANDED), so that a
 * restart, or another coordinator, makes the same.
 */
export class Expansions {
  readonly #ports: WorkflowPorts;
  readonly #known = new Map<string, Expansion>();

  constructor(ports: WorkflowPorts) {
    this.#ports = ports;
  }

  /** The items as they are made now. */
  async make(workflow: Workflow, node: TaskNode, scope: Scope): Promise<Expanded> {
    const { ports } = this.#ports;
    const { org, workflowId, name } = workflow;
    const maxItems = (await ports.orgRules.of(org)).config.workflowMaxItems;
    return expandNode(ports.expressions, org, node, scope, { maxItems, workflowId, workflowName: name });
  }

  /** To be told once it is committed that the items of a node are these. */
  keep(key: WorkflowKey, state: WorkflowNode, expansion: Expansion): void {
    const name = nameOf(key, state);
    keepNewest(this.#known, name, expansion, MAX_EXPANSIONS);
  }

  /** To be told of a node that is over. */
  forget(key: WorkflowKey, state: WorkflowNode): void {
    this.#known.delete(nameOf(key, state));
  }

  /** The items that a node began with. @throws Error where they cannot be made any more */
  async of(
    workflow: Workflow,
    loaded: LoadedWorkflow,
    node: TaskNode,
    state: WorkflowNode,
  ): Promise<Expansion> {
    const known = this.#known.get(nameOf(workflow, state));
    if (known) return known;
    const { contextVersion, startTime } = await this.#begunWith(workflow, state);
    const rows = await this.#ports.workflows.readContext(workflow, contextVersion);
    const scope = scopeAt(loaded, rows, startTime);
    const expanded = await this.make(workflow, node, scope);
    if (!expanded.ok)
      throw new Error(`${node.address} of workflow ${workflow.workflowId}: ${expanded.reason}`);
    const expansion = { expanded, scope };
    this.keep(workflow, state, expansion);
    return expansion;
  }

  async #begunWith(key: WorkflowKey, { node, run }: WorkflowNode) {
    for (let after = 0; ; ) {
      const page = await this.#ports.workflows.listEvents(key, after, TRAIL_PAGE);
      for (const { type, node: of, detail } of page) {
        if (type === 'NODE_EXPANDED' && of === node && detail.run === run) return begunWith(detail);
      }
      const last = page.at(-1);
      if (!last) throw new Error(`node ${node} of workflow ${key.workflowId} has never begun`);
      after = last.seq;
    }
  }
}

/** What the trail says of the beginning of an expansion. */
export function expandedDetail(
  total: number,
  run: number,
  contextVersion: number,
  startTime: number,
): JsonObject {
  return { total_count: total, run, context_version: contextVersion, start_time_ms: startTime };
}

function begunWith({ context_version, start_time_ms }: JsonObject) {
  return { contextVersion: Number(context_version), startTime: Number(start_time_ms) };
}

function nameOf({ workflowId }: WorkflowKey, { node, run }: WorkflowNode): string {
  return `${workflowId}:${node}:${run}`;
}
