import type { JsonObject, JsonValue } from '../../src/domain/json.js';
import type { TemplateSpec, WorkflowSpec } from '../../src/domain/workflows/spec.js';

/** What the input of a task says of its end. */
export interface Told {
  readonly n: number;
  readonly yes: boolean;
  readonly bad: boolean;
  /** Which its output has, for others to be made from. */
  readonly list?: readonly Told[];
}

/** What an agent makes of its input: of the elements in it, and of lists of numbers, all together. */
export function toldOf(input: JsonObject): Told {
  if (typeof input.n === 'number') return input as unknown as Told;
  let told: Told = { n: 0, yes: true, bad: false };
  for (const part of Object.values(input)) {
    if (Array.isArray(part)) {
      const sum = part.reduce((total: number, each) => total + (typeof each === 'number' ? each : 0), 0);
      told = { ...told, n: told.n + sum };
    } else if (typeof part === 'object' && part !== null && 'n' in part) {
      const { n, yes, bad } = part as unknown as Told;
      told = { n: told.n + n, yes: told.yes && yes, bad: told.bad || bad };
    }
  }
  return told;
}

export function outputOf({ n, yes, list }: Told): JsonObject {
  return { n, yes, score: n, ...(list && { list: list as unknown as JsonValue }) };
}

/** The task whose result a task is made from; `undefined`: it is made from the context. */
export function sourceOf({ settings }: TemplateSpec): string | undefined {
  const [, address] =
    /^results\.(\w+\.\w+)\.list$/.exec(settings.expansion?.arrayMapping[0]?.path ?? '') ?? [];
  return address;
}

/** What `validate` says here, and of which outputs it is true. */
export const VALIDATIONS: Readonly<Record<string, (told: Told) => boolean>> = {
  'result.yes': ({ yes }) => yes,
  'result.n < 3 ? "" : "too many"': ({ n }) => n < 3,
};

/** Rules of expansions by CUSTOM, each with what it means. */
export const FILTERS: Readonly<Record<string, (n: number) => boolean>> = {
  '>2': (n) => n > 2,
  '<= 3': (n) => n <= 3,
  'in [1, 4]': (n) => n === 1 || n === 4,
  'between 2..3': (n) => n >= 2 && n <= 3,
  'element % 2 == 0': (n) => n % 2 === 0,
  '> 100': (n) => n > 100,
};
export const COMBINATIONS: Readonly<Record<string, (row: Told, col: Told) => boolean>> = {
  'item.row.n != item.col.n': (row, col) => row.n !== col.n,
  'item.row.yes || item.col.yes': (row, col) => row.yes || col.yes,
  'size(item.nums) > 0 && item.row.n >= 0': () => true,
};
/** What is left of a list of numbers may be nothing, of which the last of these is not true. */
const NEEDS_NUMS = 'size(item.nums) > 0 && item.row.n >= 0';

/** The inputs of the tasks that a task becomes, in their order, if what it is made from is there. */
export function inputsOf(spec: WorkflowSpec, task: TemplateSpec): readonly JsonObject[] {
  const { expansion } = task.settings;
  if (!expansion) return [task.input as JsonObject];
  const source = sourceOf(task);
  if (source !== undefined) return listOf(spec, source).map((one) => ({ one: { ...one } as never }));
  const listAt = (path: string) => spec.context[path.slice('context.'.length)] as readonly JsonValue[];
  const { filter, combine, conditions } = expansion.transformRules;
  const axes = expansion.arrayMapping.filter(({ name }) => combine.length === 0 || combine.includes(name));
  let items: JsonObject[] = [{}];
  for (const { name, path } of axes) {
    items = items.flatMap((item) => listAt(path).map((element) => ({ ...item, [name]: element })));
  }
  const lists = expansion.arrayMapping
    .filter((each) => !axes.includes(each))
    .map(({ name, path }) => {
      const holds = FILTERS[filter[name] ?? ''] ?? (() => true);
      return [name, listAt(path).filter((n) => holds(n as number))] as const;
    });
  return items
    .map((item) => ({ ...item, ...Object.fromEntries(lists) }))
    .filter((item) =>
      conditions.every((condition) => {
        const { row, col, nums } = item as unknown as { row: Told; col: Told; nums: readonly number[] };
        if (condition === NEEDS_NUMS && nums.length === 0) return false;
        return COMBINATIONS[condition]?.(row, col) ?? true;
      }),
    );
}

function listOf({ groups }: WorkflowSpec, address: string): readonly Told[] {
  for (const { groupId, tasks } of groups) {
    const task = tasks.find(({ taskId }) => `${groupId}.${taskId}` === address);
    if (task) return (task.input as unknown as Told).list ?? [];
  }
  throw new Error(`there is no ${address}`);
}
