import { parsePath } from '../paths.js';
import type { ExpansionSpec } from './spec.js';

/** An array that items are made of. */
export interface SourceArray {
  /** What an element of it, or all of it, is called. */
  readonly name: string;
  readonly path: string;
  /** Whether items are its combinations with others; else all of it goes to every item. */
  readonly combined: boolean;
  /** Which elements stay; `null`: all. */
  readonly filter: { readonly key: string; readonly rule: string } | null;
}

/**
 * The arrays of an expansion, in the order in which they are combined: the last one goes round first. CUSTOM combines
 * those of `combine`, which are names of `array_mapping` or paths; without `combine`, those of `array_mapping`. Others
 * that it names are lists.
 */
export function arraysOf(spec: ExpansionSpec): readonly SourceArray[] {
  const mapped = spec.arrayMapping;
  if (spec.type !== 'CUSTOM') {
    return mapped.map(({ name, path }) => ({ name, path, combined: true, filter: null }));
  }
  const { combine, filter } = spec.transformRules;
  const named = (text: string) =>
    mapped.find(({ name }) => name === text) ?? { name: lastOf(text), path: text };
  const combined = combine.length > 0 ? combine.map(named) : mapped;
  const isNew = (each: { readonly name: string; readonly path: string }) =>
    !combined.some(({ name, path }) => name === each.name || path === each.path);
  const filtered = Object.keys(filter).map(named).filter(isNew);
  const lists = [...filtered, ...mapped.filter((each) => isNew(each) && !filtered.includes(each))];
  const filterOf = ({ name, path }: { readonly name: string; readonly path: string }) => {
    const key = [name, path].find((each) => Object.hasOwn(filter, each)) ?? keyByName(filter, name);
    return key === undefined ? null : { key, rule: filter[key] ?? '' };
  };
  return [
    ...combined.map((each) => ({ ...each, combined: true, filter: filterOf(each) })),
    ...lists.map((each) => ({ ...each, combined: false, filter: filterOf(each) })),
  ];
}

/** Of `context.regions`, an element is called `regions`. */
function lastOf(path: string): string {
  const name = parsePath(path)?.findLast((key) => typeof key === 'string');
  return name === undefined ? path : String(name);
}

function keyByName(filter: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.keys(filter).find((key) => lastOf(key) === name);
}
