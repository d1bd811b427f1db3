import type { ASTNode } from '@marcbachmann/cel-js';
import { CANDIDATE_FIELD_NAMES } from './cel-types.js';
import { keyOf, pathOf, walk } from './syntax-tree.js';

/** What an expression looks at, which is all that it is sent; `null`: everything. */
export interface Names {
  readonly task: readonly string[] | null;
  /** Keys of `task.input`, if that is named. */
  readonly input: readonly string[] | null;
  readonly org: readonly string[] | null;
  readonly candidates: readonly string[] | null;
  readonly usesCandidates: boolean;
}

/** What an expression names. Rather too much than too little: `task` as a whole names all of it. */
export function namesIn(tree: ASTNode): Names {
  const task = new Keys();
  const input = new Keys();
  const org = new Keys();
  const selected = new Keys();
  let usesCandidates = false;
  walk(tree, (node, bound) => {
    const key = keyOf(node);
    if (key !== undefined) selected.add(key);
    else if (node.op === '[]' && node.args[1].op !== 'value') selected.add(undefined);
    const path = pathOf(node);
    if (!path || bound.has(path.root)) return 'descend';
    const [first, second] = path.keys;
    if (path.root === 'task') {
      task.add(first);
      if (first === undefined || first === 'input') input.add(second);
    }
    if (path.root === 'org') org.add(first);
    if (path.root !== 'candidates') return 'leave';
    usesCandidates = true;
    // What is taken of them by name stands in the parts: candidates[0].region.
    return 'descend';
  });
  const candidates = selected.list()?.filter((name) => CANDIDATE_FIELD_NAMES.some((field) => field === name));
  return {
    task: task.list(),
    input: input.list(),
    org: org.list(),
    candidates: candidates ?? null,
    usesCandidates,
  };
}

/** What several expressions name together. */
export function mergeNames(all: readonly Names[]): Names {
  const [first, ...others] = all;
  if (first && others.length === 0) return first;
  const merged = (of: (names: Names) => readonly string[] | null) => {
    const lists = all.map(of);
    return lists.includes(null) ? null : [...new Set(lists.flatMap((list) => list ?? []))];
  };
  return {
    task: merged(({ task }) => task),
    input: merged(({ input }) => input),
    org: merged(({ org }) => org),
    candidates: merged(({ candidates }) => candidates),
    usesCandidates: all.some(({ usesCandidates }) => usesCandidates),
  };
}

/** Names, until all of them are named at once. */
class Keys {
  readonly #names = new Set<string>();
  #all = false;

  /** `undefined`: all of them. */
  add(name: string | undefined): void {
    if (name === undefined) this.#all = true;
    else this.#names.add(name);
  }

  list(): readonly string[] | null {
    return this.#all ? null : [...this.#names];
  }
}
