import type { ASTNode } from '@marcbachmann/cel-js';
import type { JsonObject, JsonValue } from '../../domain/json.js';
import { isObject } from '../../domain/policies/answer-fields.js';
import type { NamedPath } from '../../ports/expression-engine.js';
import { pathOf, walk } from './syntax-tree.js';

/** The paths that an expression names, of these variables. Rather too much than too little: `a[0].b` names `a`. */
export function pathsIn(tree: ASTNode, variables: readonly string[]): readonly NamedPath[] {
  const found = new Map<string, NamedPath>();
  walk(tree, (node, bound) => {
    const path = pathOf(node);
    if (!path || bound.has(path.root)) return 'descend';
    if (variables.includes(path.root)) {
      const named = [path.root, ...path.keys];
      found.set(JSON.stringify(named), named);
    }
    return 'leave';
  });
  return [...found.values()];
}

/** What is named below a key; `null`: all of it. */
export interface NameTree extends ReadonlyMap<string, NameTree | null> {}

/** Paths by their keys; one that goes on where another one ends is in that one. */
export function treeOf(paths: readonly NamedPath[]): NameTree {
  const root: Branches = new Map();
  for (const path of paths) {
    let at = root;
    for (const [place, key] of path.entries()) {
      const known = at.get(key);
      if (known === null) break;
      if (place === path.length - 1) {
        at.set(key, null);
        break;
      }
      const next: Branches = known ?? new Map();
      at.set(key, next);
      at = next;
    }
  }
  return root;
}

type Branches = Map<string, Branches | null>;

/** What is named of a value: objects lose the keys that are not. */
export function namedOf(value: JsonValue, tree: NameTree | null): JsonValue {
  if (tree === null || !isObject(value)) return value;
  const named: Record<string, JsonValue> = Object.create(null);
  for (const [key, below] of tree) {
    if (Object.hasOwn(value, key)) named[key] = namedOf(value[key] ?? null, below);
  }
  return named;
}

/** A named value with its path, as JSON: `[path, value]`, or `[path]` of an object of which nothing is there that is named. */
export interface Part {
  readonly text: string;
}

/** The parts of values that expressions share: each is written down once, whoever names it. */
export class SharedParts {
  readonly #values: JsonObject;
  readonly #parts = new Map<string, Part>();

  constructor(values: JsonObject) {
    this.#values = values;
  }

  /** What is named of them. */
  of(tree: NameTree): readonly Part[] {
    const parts: Part[] = [];
    for (const [root, below] of tree) {
      const value = this.#values[root];
      if (value !== undefined) this.#collect([root], value, below, parts);
    }
    return parts;
  }

  #collect(path: NamedPath, value: JsonValue, tree: NameTree | null, into: Part[]): void {
    if (tree === null || !isObject(value)) {
      into.push(this.#part(path, value));
      return;
    }
    let found = false;
    for (const [key, below] of tree) {
      if (!Object.hasOwn(value, key)) continue;
      found = true;
      this.#collect([...path, key], value[key] ?? null, below, into);
    }
    if (!found) into.push(this.#part(path, undefined));
  }

  #part(path: NamedPath, value: JsonValue | undefined): Part {
    const name = JSON.stringify(path);
    const key = value === undefined ? `${name} is empty` : name;
    const known = this.#parts.get(key);
    if (known) return known;
    const part = { text: value === undefined ? `[${name}]` : `[${name},${JSON.stringify(value)}]` };
    this.#parts.set(key, part);
    return part;
  }
}
