import { type Field, ruleOf } from './fields.js';

/** Elements of items after rules by which they are renamed or computed. */
export interface Mapping {
  /** Without those that are computed. */
  readonly fields: readonly Field[];
  /** Those that rules have made of others. */
  readonly made: readonly Field[];
  /** By CEL over `item`. */
  readonly computed: readonly { readonly name: string; readonly expression: string }[];
  /** Rules that name what no item has. */
  readonly unknown: readonly { readonly name: string; readonly rule: string }[];
}

/**
 * Applies rules, all to the item as it was. An element that a rule names as a whole is renamed: it is not there by its
 * old name any more. A rule that names a part of one, or what is no element, adds to them.
 */
export function mapped(
  elements: readonly Field[],
  metadata: readonly Field[],
  rules: Readonly<Record<string, string>>,
): Mapping {
  const made: Field[] = [];
  const computed: { readonly name: string; readonly expression: string }[] = [];
  const unknown: { readonly name: string; readonly rule: string }[] = [];
  const gone = new Set(Object.keys(rules));
  for (const [name, text] of Object.entries(rules)) {
    const rule = ruleOf(text, [...elements, ...metadata]);
    if (rule.kind === 'CEL') computed.push({ name, expression: text });
    else if (rule.kind === 'UNKNOWN') unknown.push({ name, rule: text });
    else {
      const { field, path } = rule;
      made.push({ name, origin: field.origin, path: [...field.path, ...path] });
      if (path.length === 0) gone.add(field.name);
    }
  }
  const kept = elements.filter(({ name }) => !gone.has(name));
  return { fields: [...kept, ...made], made, computed, unknown };
}
