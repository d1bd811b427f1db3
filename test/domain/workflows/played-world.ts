import type { Plan, PlanNode, TaskNode } from '../../../src/domain/workflows/plan.js';
import { resolve } from '../../../src/domain/workflows/resolve.js';
import type { Snapshot } from '../../../src/domain/workflows/snapshot.js';
import type { WorkflowSpec } from '../../../src/domain/workflows/spec.js';
import {
  isNodeOver,
  type NodeState,
  type Workflow,
  type WorkflowNode,
} from '../../../src/domain/workflows/workflow.js';
import type { Fate } from './fates.js';
import { standing } from './specs.js';

export type Item = 'OPEN' | 'SUCCEEDED' | 'FAILED';
type Changing<T> = { -readonly [K in keyof T]: T[K] };

/** One node, all that is known of it. */
export interface Known {
  readonly one: PlanNode;
  readonly here: Changing<WorkflowNode>;
  /** Items of its run that were made. */
  readonly its: Map<number, Item>;
  /** How often each of its items still fails. */
  readonly failures: number[];
}

/** A workflow, its tasks, and the time. */
export interface PlayedWorld {
  plan: Plan;
  now: number;
  fates: readonly Fate[];
  readonly workflow: Changing<Workflow>;
  readonly nodes: readonly Changing<WorkflowNode>[];
  /** Items that were ever made: `group.task/run/item`. */
  readonly made: Set<string>;
  readonly chance: () => number;
  known(node: number): Known;
  fateOf(node: number): Fate;
  isOver(node: number): boolean;
  /** @throws Error, with all that there is, if it does not hold */
  must(holds: boolean, what: string): void;
  /** Ends a node that has not ended. */
  end(node: number, state: NodeState, reason?: string): void;
  open(): readonly { readonly node: number; readonly item: number }[];
  /** Agents of a node's open tasks stop when they hear of it; some do not yet. */
  cancelTasks(node: number): void;
  /** What is stored, with what the record counts. */
  snapshot(): Snapshot;
  /** Forgets all but what is stored. */
  restart(): void;
}

export function createPlayedWorld(
  spec: WorkflowSpec,
  chance: () => number,
  said: Partial<Workflow>,
): PlayedWorld {
  const stored = JSON.stringify(spec);
  const plan = planOf(stored);
  const start = standing(plan, {}, { state: 'INITIALIZING', ...said });
  const nodes = start.nodes.map((node): Changing<WorkflowNode> => ({ ...node }));
  const items = nodes.map(() => new Map<number, Item>());
  const failures = nodes.map((): number[] => []);
  const world: PlayedWorld = {
    plan,
    now: 0,
    fates: [],
    workflow: { ...start.workflow },
    nodes,
    made: new Set(),
    chance,
    known(node) {
      const [one, here, its, left] = [world.plan.nodes[node], nodes[node], items[node], failures[node]];
      if (one === undefined || here === undefined || its === undefined || left === undefined) {
        throw new Error(`no node ${node}`);
      }
      return { one, here, its, failures: left };
    },
    fateOf: (node) => world.fates[node] ?? { condition: 'TRUE', fails: [], isValid: true },
    isOver: (node) => isNodeOver(world.known(node).here.state),
    must(holds, what) {
      if (!holds) throw new Error(`${what}: ${JSON.stringify(world)}`);
    },
    end(node, state, reason = '') {
      const { one, here } = world.known(node);
      world.must(!isNodeOver(here.state), `${one.address} ends a second time`);
      here.state = state;
      here.reason = reason;
    },
    open: () =>
      items.flatMap((its, node) =>
        [...its].filter(([, state]) => state === 'OPEN').map(([item]) => ({ node, item })),
      ),
    cancelTasks(node) {
      const { its } = world.known(node);
      for (const [item, state] of its) if (state === 'OPEN' && chance() < 0.6) its.set(item, 'FAILED');
    },
    snapshot() {
      nodes.forEach((here, node) => {
        const states = [...world.known(node).its.values()];
        here.succeeded = states.filter((state) => state === 'SUCCEEDED').length;
        here.failed = states.filter((state) => state === 'FAILED').length;
      });
      return JSON.parse(JSON.stringify({ workflow: world.workflow, nodes }));
    },
    restart() {
      world.plan = planOf(stored);
    },
  };
  return world;
}

/** @throws Error if it is a group */
export function taskOf({ known }: PlayedWorld, node: number): TaskNode {
  const { one } = known(node);
  if (one.kind === 'GROUP') throw new Error(`${one.address} is a group`);
  return one;
}

function planOf(stored: string): Plan {
  const { plan, problems } = resolve(JSON.parse(stored));
  if (plan === null) throw new Error(JSON.stringify(problems));
  return plan;
}
