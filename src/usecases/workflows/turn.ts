import { type ContextSize, sizeOf } from '../../domain/workflows/context.js';
import type { PlanNode, TaskNode } from '../../domain/workflows/plan.js';
import type { Scope } from '../../domain/workflows/scope.js';
import type { ContextRow } from '../../ports/workflow-record.js';
import type { Expansion, Expansions } from './expansions.js';
import { rowsWith } from './kept-contexts.js';
import { type LoadedWorkflow, type LoadedWorkflows, scopeAt } from './loaded-workflows.js';
import type { WorkflowPorts } from './workflow-ports.js';
import type { WorkingCopy } from './working-copy.js';

/** The only task of a node. */
export interface Made {
  readonly node: number;
  readonly run: number;
  readonly taskId: string;
}

/** One reading of a workflow, and what is decided from it until it is committed. */
export class Turn {
  readonly ports: WorkflowPorts;
  readonly loaded: LoadedWorkflow;
  readonly copy: WorkingCopy;
  readonly expansions: Expansions;
  /** Ms since the epoch. */
  readonly now: number;
  /** Expansions that hold once this is committed. */
  readonly begun = new Map<number, Expansion>();
  /** Tasks were ended or begun beside what is committed: the workflow is to be read anew. */
  stirred = false;
  /** Only tasks of nodes that were made before this is committed. */
  readonly made: Made[] = [];
  /** Something is decided that waits for this to be committed. */
  isBehind = false;
  /** Steps that were taken, and would be decided again. */
  readonly asked = new Set<string>();
  readonly #contexts: LoadedWorkflows;
  #before: ContextSize | null = null;
  #scope: { readonly writes: number; readonly scope: Scope } | null = null;

  constructor(parts: {
    readonly ports: WorkflowPorts;
    readonly loaded: LoadedWorkflow;
    readonly copy: WorkingCopy;
    readonly expansions: Expansions;
    readonly contexts: LoadedWorkflows;
  }) {
    this.ports = parts.ports;
    this.loaded = parts.loaded;
    this.copy = parts.copy;
    this.expansions = parts.expansions;
    this.#contexts = parts.contexts;
    this.now = parts.ports.ports.clock.now();
  }

  planNode(node: number): PlanNode {
    const found = this.loaded.plan.nodes[node];
    if (!found) throw new Error(`a plan has no node ${node}`);
    return found;
  }

  taskNode(node: number): TaskNode {
    const found = this.planNode(node);
    if (found.kind !== 'TASK') throw new Error(`${found.address} is no task`);
    return found;
  }

  /** Its context with what is decided to be written. */
  async rows(): Promise<readonly ContextRow[]> {
    const { before, writes, key } = this.copy;
    const { contextVersion } = before.workflow;
    return rowsWith(await this.#contexts.rows(key, contextVersion), writes, contextVersion + 1);
  }

  /** How large its context is at most, with what is decided to be written. */
  async contextSize(): Promise<ContextSize> {
    const { before, key, written } = this.copy;
    this.#before ??= sizeOf(await this.#contexts.rows(key, before.workflow.contextVersion));
    return { paths: this.#before.paths + written.paths, bytes: this.#before.bytes + written.bytes };
  }

  /** What expressions see now. */
  async scope(): Promise<Scope> {
    const writes = this.copy.writes.length;
    if (this.#scope?.writes !== writes) {
      this.#scope = { writes, scope: scopeAt(this.loaded, await this.rows(), this.now) };
    }
    return this.#scope.scope;
  }
}
