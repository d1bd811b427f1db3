import type { JsonObject, JsonValue } from '../../domain/json.js';
import { storable } from '../../domain/policies/storable.js';
import { type ContextSize, sizeOf } from '../../domain/workflows/context.js';
import type {
  NewWorkflowEvent,
  NodeState,
  Workflow,
  WorkflowEnd,
  WorkflowNode,
  WorkflowState,
} from '../../domain/workflows/workflow.js';
import {
  type ContextWrite,
  type NodeChange,
  seenIn,
  type WorkflowCommit,
  type WorkflowKey,
  type WorkflowSnapshot,
} from '../../ports/workflow-record.js';

type Change = Omit<NodeChange, 'node'>;
type Said = Partial<Pick<NewWorkflowEvent, 'node' | 'nodeState' | 'reason' | 'actor' | 'detail'>>;

/** A workflow as it was read, with what was decided of it since and is not committed yet. */
export class WorkingCopy {
  readonly before: WorkflowSnapshot;
  #workflow: Workflow;
  readonly #nodes: WorkflowNode[];
  readonly #changes = new Map<number, NodeChange>();
  readonly #writes = new Map<string, ContextWrite>();
  #written: ContextSize = { paths: 0, bytes: 0 };
  readonly #events: NewWorkflowEvent[] = [];
  #own: Partial<Pick<WorkflowCommit, 'state' | 'end' | 'reason' | 'run' | 'finishTime' | 'deadline'>> = {};

  constructor(before: WorkflowSnapshot) {
    this.before = before;
    this.#workflow = before.workflow;
    this.#nodes = [...before.nodes];
  }

  get workflow(): Workflow {
    return this.#workflow;
  }

  get key(): WorkflowKey {
    const { org, workflowId } = this.#workflow;
    return { org, workflowId };
  }

  /** As it is with what was decided. */
  get nodes(): readonly WorkflowNode[] {
    return this.#nodes;
  }

  get writes(): readonly ContextWrite[] {
    return [...this.#writes.values()];
  }

  /** How much that is, at most. */
  get written(): ContextSize {
    return this.#written;
  }

  get isChanged(): boolean {
    return this.#changes.size + this.#writes.size + this.#events.length > 0 || this.#own.state !== undefined;
  }

  node(node: number): WorkflowNode {
    const found = this.#nodes[node];
    if (!found) throw new Error(`workflow ${this.#workflow.workflowId} has no node ${node}`);
    return found;
  }

  /** Whether a node is as it was read. */
  isCommitted(node: number): boolean {
    return !this.#changes.has(node);
  }

  setNode(node: number, change: Change): void {
    this.#nodes[node] = { ...this.node(node), ...change };
    this.#changes.set(node, { ...this.#changes.get(node), ...change, node });
  }

  /** With its event. */
  endNode(node: number, state: NodeState, reason: string, now: number, detail: JsonObject = {}): void {
    this.setNode(node, { state, reason, finishTime: now });
    this.say('NODE_FINISHED', { node, nodeState: state, reason, detail });
  }

  /** With its event. Left out: as it was. */
  setState(
    state: WorkflowState,
    more: { readonly end?: WorkflowEnd | null; readonly reason?: string; readonly finishTime?: number } = {},
  ): void {
    this.#workflow = { ...this.#workflow, state, ...more };
    this.#own = { ...this.#own, state, ...more };
    const type = more.finishTime === undefined ? 'PHASE_CHANGED' : 'FINISHED';
    this.say(type, { reason: more.reason ?? '', detail: { phase: state } });
  }

  /** Over no more: what failed is seen to first. */
  reopen(more: { readonly run: number; readonly deadline: number | null }): void {
    const open = { state: 'RESOLVING', end: null, reason: '', finishTime: null, ...more } as const;
    this.#workflow = { ...this.#workflow, ...open };
    this.#own = { ...this.#own, ...open };
  }

  write(path: string, value: JsonValue): void {
    // As the record keeps it, since it is read from here first.
    const write = { path, value: storable(value), expected: null };
    const { paths, bytes } = sizeOf([write]);
    this.#written = { paths: this.#written.paths + paths, bytes: this.#written.bytes + bytes };
    this.#writes.set(path, write);
  }

  say(type: NewWorkflowEvent['type'], said: Said = {}): void {
    this.#events.push({ type, node: null, nodeState: null, reason: '', actor: '', detail: {}, ...said });
  }

  commit(wakeTime: number | null): WorkflowCommit {
    return {
      ...this.key,
      ...this.#own,
      version: this.before.workflow.version,
      seen: seenIn(this.before.nodes),
      wakeTime,
      nodes: [...this.#changes.values()],
      context: this.writes,
      events: this.#events,
    };
  }
}
