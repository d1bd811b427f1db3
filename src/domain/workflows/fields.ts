import type { PlanNode } from './plan.js';

/** Where each node stands in the spec: `spec.groups[0]`, `spec.groups[0].tasks[2]`. */
export function fieldsOf(nodes: readonly PlanNode[]): (node: PlanNode) => string {
  let places: Map<number, number> | undefined;
  return (node) => {
    places ??= new Map(nodes.filter(({ kind }) => kind === 'GROUP').map((one, place) => [one.node, place]));
    if (node.kind === 'GROUP') return `spec.groups[${places.get(node.node)}]`;
    const task = node.node - node.groupNode - 1;
    return `spec.groups[${places.get(node.groupNode)}].tasks[${task}]`;
  };
}
