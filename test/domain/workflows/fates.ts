import type { Plan } from '../../../src/domain/workflows/plan.js';
import type { NodeState, WorkflowEnd } from '../../../src/domain/workflows/workflow.js';

/** What will come of a node when it is its turn. */
export interface Fate {
  /** `WRONG`: it cannot be evaluated. */
  readonly condition: 'TRUE' | 'FALSE' | 'WRONG';
  /** Of each item of a task: how often it fails before it succeeds. */
  readonly fails: readonly number[];
  /** Whether its result is as it should be. */
  readonly isValid: boolean;
}

export function drawFates(plan: Plan, chance: () => number): readonly Fate[] {
  const isUnlucky = chance() < 0.7;
  return plan.nodes.map(() => ({
    condition: chance() < 0.85 || !isUnlucky ? 'TRUE' : chance() < 0.85 ? 'FALSE' : 'WRONG',
    fails: Array.from({ length: Math.floor(chance() * 5) }, () => (chance() < 0.1 && isUnlucky ? 1 : 0)),
    isValid: chance() < 0.97 || !isUnlucky,
  }));
}

/** All goes well from now on; what is to be skipped still is. */
export function mended(fates: readonly Fate[]): readonly Fate[] {
  return fates.map(({ condition, fails }) => ({
    condition: condition === 'FALSE' ? 'FALSE' : 'TRUE',
    fails: fails.map(() => 0),
    isValid: true,
  }));
}

/** What has to come of a workflow without bounds of time, worked out from the end: node by node, in no order. */
export function expected(
  plan: Plan,
  fates: readonly Fate[],
): { readonly end: WorkflowEnd; readonly states: readonly NodeState[] } {
  let isFatal = false;
  const states: NodeState[] = plan.nodes.map(() => 'SUCCEEDED');
  const fateOf = (node: number) => fates[node] ?? { condition: 'TRUE', fails: [], isValid: true };
  const stateOf = (node: number) => states[node] ?? 'WAITING';
  for (const one of plan.nodes) {
    if (one.kind === 'GROUP') continue;
    const state = taskState(fateOf(one.groupNode), fateOf(one.node), one.settings.onFailure === 'ESCALATE');
    states[one.node] = state;
    isFatal ||= !['SUCCEEDED', 'SKIPPED'].includes(state) && one.settings.onFailure !== 'CONTINUE';
  }
  for (const one of plan.nodes) {
    if (one.kind === 'TASK') continue;
    const { condition } = fateOf(one.node);
    const its = one.tasks.map(stateOf);
    const isAllWell = its.every((state) => state === 'SUCCEEDED' || state === 'SKIPPED');
    const isSomeWell = its.some((state) => state === 'SUCCEEDED' || state === 'PARTIAL');
    if (condition === 'FALSE') states[one.node] = 'SKIPPED';
    else if (condition === 'WRONG') states[one.node] = 'FAILED';
    else states[one.node] = isAllWell ? 'SUCCEEDED' : isSomeWell ? 'PARTIAL' : 'FAILED';
  }
  const isAllWell = states.every((state) => state === 'SUCCEEDED' || state === 'SKIPPED');
  return { end: isFatal ? 'FAILED' : isAllWell ? 'SUCCEEDED' : 'PARTIAL', states };
}

function taskState(group: Fate, own: Fate, isAsked: boolean): NodeState {
  if (group.condition === 'FALSE') return 'SKIPPED';
  if (group.condition === 'WRONG') return 'CANCELLED';
  if (own.condition === 'FALSE') return 'SKIPPED';
  if (own.condition === 'WRONG') return 'FAILED';
  const bad = isAsked ? 0 : own.fails.filter((times) => times > 0).length;
  return bad === 0 ? (own.isValid ? 'SUCCEEDED' : 'FAILED') : bad === own.fails.length ? 'FAILED' : 'PARTIAL';
}
