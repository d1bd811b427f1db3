import type { JsonValue } from '../json.js';
import { arraysOf } from './expansion/arrays.js';
import { expressionsOf, itemFieldsOf, problemsOf } from './expansion/check-spec.js';
import type { Field } from './expansion/fields.js';
import { originOf } from './expansion/lookup.js';
import { templatedSources, withRendered } from './expansion/templated-sources.js';
import { fieldsOf } from './fields.js';
import { LOOKUPS, lookupsOf } from './lookups.js';
import { pathText } from './paths.js';
import type { Plan, PlanNode, Problem, TaskNode } from './plan.js';
import { type Reference, referencesIn } from './references.js';
import { MAX_VALUE_EXPRESSIONS, readTemplates } from './templated-value.js';

/** What all expressions of a workflow see. */
export const SHARED_VARIABLES: readonly string[] = ['context', 'params', 'results', 'now'];

/** CEL of a workflow, and where it stands. */
export interface ExpressionPlace {
  /** Whose it is: what it refers to, that node waits for. */
  readonly node: PlanNode;
  /** Such as `spec.groups[0].tasks[2].input.pages`. */
  readonly field: string;
  readonly expression: string;
  /** What it sees besides the shared variables; one of the same name goes before. */
  readonly own: readonly string[];
  /** What `item` has there, if it is among those. */
  readonly item: readonly Field[];
  /** The template that it stands in, shortened; empty: it is no template. */
  readonly shown: string;
  /** Whether something else counts where it names what is not there. */
  readonly hasDefault: boolean;
  /** Whether it is evaluated once the node's tasks have ended, and not before. */
  readonly isLate: boolean;
}

/** A path by which an expansion finds an array in the context, in results or in parameters. */
export interface SourcePlace {
  readonly node: TaskNode;
  readonly field: string;
  /** As if it was an expression's. */
  readonly reference: Reference;
}

export interface Places {
  readonly expressions: readonly ExpressionPlace[];
  readonly sources: readonly SourcePlace[];
  /** Templates that cannot be read (BAD_TEMPLATE), expansions that make no items of anything (BAD_EXPANSION), TOO_LARGE. */
  readonly problems: readonly Problem[];
}

/** What templates see besides what all see: variables, and what `item` has, if it is among them. */
interface Seen {
  readonly own: readonly string[];
  readonly item: readonly Field[];
}

const NOTHING: Seen = { own: [], item: [] };

/** Expressions of one workflow; group instructions count once for each task. */
export const MOST_EXPRESSIONS = 50_000;

/** All CEL of a workflow. With more than there may be (TOO_LARGE), the rest is not looked at. */
export function placesOf({ nodes }: Plan): Places {
  const fieldOf = fieldsOf(nodes);
  const expressions: ExpressionPlace[] = [];
  const sources: SourcePlace[] = [];
  const problems: Problem[] = [];

  function addExpression(
    node: PlanNode,
    field: string,
    expression: string,
    own: readonly string[] = [],
    isLate = false,
    item: readonly Field[] = [],
  ): void {
    if (expression === '') return;
    expressions.push({ node, field, expression, own, item, shown: '', hasDefault: false, isLate });
  }

  function addTemplates(node: TaskNode, field: string, value: JsonValue, { own, item }: Seen): void {
    const { places, bad } = readTemplates(value);
    for (const each of bad) {
      problems.push({ field: joined(field, each.field), reason: 'BAD_TEMPLATE', description: each.message });
    }
    for (const { field: within, expression: template } of places) {
      const { expression, fallback, shown } = template;
      const place = { node, field: joined(field, within), own, item, shown, isLate: false };
      expressions.push({ ...place, expression, hasDefault: fallback !== null });
      if (fallback !== null) expressions.push({ ...place, expression: fallback, hasDefault: false });
    }
  }

  /** Arrays that items are made from are filled before anything is looked up. */
  function addInput(node: TaskNode, field: string, own: Seen, filled: Seen): void {
    const { expansion } = node.settings;
    let { input } = node.template;
    if (expansion && filled !== own) {
      const paths = arraysOf(expansion).map(({ path }) => path);
      for (const { at, value } of templatedSources(paths, input)) {
        addTemplates(node, joined(field, pathText(at)), value, own);
        input = withRendered(input, at, null);
      }
    }
    addTemplates(node, field, input, filled);
  }

  function addExpansion(node: TaskNode, groupField: string): void {
    const { expansion } = node.settings;
    if (!expansion) return;
    const field = expansionField(node, fieldOf(node), groupField);
    for (const each of problemsOf(expansion)) {
      const { description } = each;
      problems.push({ field: `${field}.${each.field}`, reason: 'BAD_EXPANSION', description });
    }
    for (const each of expressionsOf(expansion)) {
      const isLate = each.field === 'reducer';
      addExpression(node, `${field}.${each.field}`, each.expression, each.variables, isLate, each.item);
    }
    for (const { path } of arraysOf(expansion)) {
      const reference = referenceOf(path, node.template.input);
      if (reference) sources.push({ node, field: `${field}.array_mapping`, reference });
    }
  }

  let groupField = '';
  for (const node of nodes) {
    if (expressions.length > MOST_EXPRESSIONS) {
      const description = `has more than ${MOST_EXPRESSIONS} expressions`;
      problems.push({ field: 'spec.groups', reason: 'TOO_LARGE', description });
      break;
    }
    const field = fieldOf(node);
    if (node.kind === 'GROUP') {
      groupField = field;
      addExpression(node, `${field}.condition`, node.group.condition);
      continue;
    }
    const { template, group } = node;
    const before = expressions.length;
    const { expansion } = node.settings;
    const own: Seen = expansion ? { own: ['item'], item: itemFieldsOf(expansion) } : NOTHING;
    addExpression(node, `${field}.condition`, template.condition);
    const lookups = lookupsOf(node);
    const filled = Object.keys(lookups).length > 0 ? { ...own, own: [...own.own, LOOKUPS] } : own;
    addTemplates(node, `${groupField}.instructions`, group.instructions, own);
    addTemplates(node, `${field}.lookups`, lookups, own);
    addInput(node, `${field}.input`, own, filled);
    addTemplates(node, `${field}.instructions`, template.instructions, filled);
    addTemplates(node, `${field}.message_template`, template.messageTemplate, filled);
    addTemplates(node, `${field}.files`, template.files, filled);
    const { limits = [], fairness = '', affinity = '' } = template.keys ?? {};
    addTemplates(node, `${field}.limit_keys`, limits, filled);
    addTemplates(node, `${field}.fairness_key`, fairness, filled);
    addTemplates(node, `${field}.affinity_key`, affinity, filled);
    if (expressions.length - before > MAX_VALUE_EXPRESSIONS) {
      const description = `its templates must not have more than ${MAX_VALUE_EXPRESSIONS} expressions`;
      problems.push({ field, reason: 'TOO_LARGE', description });
    }
    addExpression(node, `${field}.validate`, template.validate, ['result'], true);
    addExpansion(node, groupField);
  }
  return { expressions, sources, problems };

  /** Where the expansion that is in force stands. */
  function expansionField({ template, group }: TaskNode, task: string, of: string): string {
    if (template.settings.expansion) return `${task}.settings.expansion`;
    return group.defaults.expansion ? `${of}.defaults.expansion` : 'spec.defaults.expansion';
  }
}

/** What a path of an array leads to, as far as it is names, if that is not in the task's own input. */
function referenceOf(path: string, input: JsonValue): Reference | null {
  const origin = originOf(path, input);
  if (origin.kind !== 'SHARED') return null;
  const end = origin.path.findIndex((key) => typeof key === 'number');
  return [origin.root, ...(end < 0 ? origin.path : origin.path.slice(0, end)).map(String)];
}

/** What an expression refers to, of what is the same for the whole workflow. */
export function sharedReferencesIn({ expression, own }: ExpressionPlace): readonly Reference[] {
  return referencesIn(
    expression,
    SHARED_VARIABLES.filter((name) => !own.includes(name)),
  );
}

function joined(field: string, within: string): string {
  return within === '' || within.startsWith('[') ? `${field}${within}` : `${field}.${within}`;
}
