import { graphOf, orderOf } from './graph.js';
import type { Plan } from './plan.js';
import { at } from './snapshot.js';

/** Tasks that can run side by side, as `group.task`, from those on that wait for nothing. */
export function stagesOf({ nodes }: Plan): readonly (readonly string[])[] {
  const graph = graphOf(nodes);
  const level: number[] = [];
  for (const vertex of orderOf(graph)) {
    const node = at(nodes, vertex % nodes.length);
    // What a node itself waits for is a stage earlier; its group's beginning, and a group's tasks, are in the same one.
    const own = vertex < nodes.length ? node.waitsFor.length : 0;
    let stage = 0;
    at(graph.waits, vertex).forEach((other, place) => {
      stage = Math.max(stage, at(level, other) + (place < own ? 1 : 0));
    });
    level[vertex] = stage;
  }
  const stages: string[][] = [];
  for (const node of nodes) {
    const stage = level[node.node];
    if (node.kind !== 'TASK' || stage === undefined) continue;
    while (stages.length <= stage) stages.push([]);
    at(stages, stage).push(node.address);
  }
  return stages.filter((stage) => stage.length > 0);
}
