import { at } from './snapshot.js';

/**
 * Vertices that wait for each other, in lists of those that do (strongly connected components with a cycle in them).
 * Tarjan's algorithm, with its own stack: plans may be deep.
 */
export function knotsOf(
  waits: readonly (readonly number[])[],
  among: readonly number[],
): readonly (readonly number[])[] {
  const knots: number[][] = [];
  const number: number[] = [];
  const low: number[] = [];
  const path: number[] = [];
  const isOnPath: boolean[] = [];
  let count = 0;

  const enter = (vertex: number) => {
    number[vertex] = low[vertex] = count++;
    path.push(vertex);
    isOnPath[vertex] = true;
  };
  const leave = (vertex: number) => {
    if (low[vertex] !== number[vertex]) return;
    const knot = path.splice(path.lastIndexOf(vertex));
    for (const one of knot) isOnPath[one] = false;
    if (knot.length > 1 || at(waits, vertex).includes(vertex)) knots.push(knot);
  };

  for (const root of among) {
    if (number[root] !== undefined) continue;
    enter(root);
    const walk = [{ vertex: root, next: 0 }];
    for (let here = walk.at(-1); here !== undefined; here = walk.at(-1)) {
      const other = at(waits, here.vertex)[here.next++];
      if (other === undefined) {
        leave(here.vertex);
        walk.pop();
        const above = walk.at(-1);
        if (above !== undefined) lower(low, above.vertex, at(low, here.vertex));
      } else if (number[other] === undefined) {
        enter(other);
        walk.push({ vertex: other, next: 0 });
      } else if (isOnPath[other]) {
        lower(low, here.vertex, at(number, other));
      }
    }
  }
  return knots;
}

function lower(low: number[], vertex: number, to: number): void {
  low[vertex] = Math.min(at(low, vertex), to);
}

/** The shortest way around from a vertex of a knot; it is the first and the last. */
export function wayAround(
  waits: readonly (readonly number[])[],
  knot: readonly number[],
  start: number,
): readonly number[] {
  const within = new Set(knot);
  const from = new Map<number, number>();
  const queue = [start];
  for (const vertex of queue) {
    for (const other of at(waits, vertex)) {
      if (other === start) return back(from, vertex, start);
      if (!within.has(other) || from.has(other)) continue;
      from.set(other, vertex);
      queue.push(other);
    }
  }
  return [start, start];
}

function back(from: ReadonlyMap<number, number>, last: number, start: number): readonly number[] {
  const way = [start];
  for (let vertex: number | undefined = last; vertex !== undefined; vertex = from.get(vertex))
    way.push(vertex);
  return way.reverse();
}
