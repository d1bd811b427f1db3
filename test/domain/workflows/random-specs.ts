import fc from 'fast-check';
import type { GroupSpec, OnFailure, WorkflowSpec } from '../../../src/domain/workflows/spec.js';
import { group, NOTHING_SAID, task, workflow } from './specs.js';

/** Which way round nodes wait, by the place in the list of groups, each followed by its tasks. */
export type Edge = readonly [from: number, to: number];

interface Shape {
  readonly groups: readonly {
    readonly timeoutMs: number | null;
    readonly tasks: readonly OnFailure[];
  }[];
  readonly edges: readonly Edge[];
}

const shape: fc.Arbitrary<Shape> = fc.record({
  groups: fc.array(
    fc.record({
      timeoutMs: fc.option(fc.integer({ min: 1, max: 60 })),
      tasks: fc.array(fc.constantFrom<OnFailure>('FAIL_WORKFLOW', 'CONTINUE', 'CONTINUE', 'ESCALATE'), {
        minLength: 1,
        maxLength: 4,
      }),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  edges: fc.array(fc.tuple(fc.nat(24), fc.nat(24)), { maxLength: 24 }),
});

/** A spec with whatever dependencies, and whether nothing in it waits for itself. */
export const anySpec = shape.map(({ groups, edges }) => {
  const names = namesOf(groups);
  const drawn = edges.map(([from, to]): Edge => [from % names.length, to % names.length]);
  return { spec: specOf(groups, drawn), isSound: isSound(names, drawn) };
});

/** A spec in which nothing waits for itself. */
export const soundSpec = shape.map(({ groups, edges }) => {
  const names = namesOf(groups);
  const kept: Edge[] = [];
  for (const [from, to] of edges) {
    const edge: Edge = [from % names.length, to % names.length];
    if (isSound(names, [...kept, edge])) kept.push(edge);
  }
  return specOf(groups, kept);
});

function namesOf(groups: Shape['groups']): readonly string[] {
  return groups.flatMap(({ tasks }, g) => [`g${g}`, ...tasks.map((_, t) => `g${g}.t${t}`)]);
}

function specOf(groups: Shape['groups'], edges: readonly Edge[]): WorkflowSpec {
  const names = namesOf(groups);
  const dependsOn = (name: string) => [
    ...new Set(edges.filter(([from]) => names[from] === name).map(([, to]) => names[to] ?? '')),
  ];
  const made = groups.map(({ tasks, timeoutMs }, g): GroupSpec => {
    const its = tasks.map((onFailure, t) =>
      task(`t${t}`, { settings: { ...NOTHING_SAID, onFailure }, dependsOn: dependsOn(`g${g}.t${t}`) }),
    );
    return group(`g${g}`, its, { timeoutMs, dependsOn: dependsOn(`g${g}`) });
  });
  return workflow(made);
}

/** By trying: again and again everything that can be done is done; whether all of it is, in the end. */
function isSound(names: readonly string[], edges: readonly Edge[]): boolean {
  const groupOf = (name: string) => name.split('.')[0] ?? '';
  const begun = new Set<string>();
  const ended = new Set<string>();
  for (let before = -1; before < begun.size + ended.size; ) {
    before = begun.size + ended.size;
    names.forEach((name, place) => {
      const isReady = edges.every(([from, to]) => from !== place || ended.has(names[to] ?? ''));
      const isGroup = !name.includes('.');
      if (isReady && (isGroup || begun.has(groupOf(name)))) begun.add(name);
      const isLeft = names.some((other) => groupOf(other) === name && other !== name && !ended.has(other));
      if (begun.has(name) && !(isGroup && isLeft)) ended.add(name);
    });
  }
  return ended.size === names.length;
}
