import type { Condition, Field, Scalar } from '../../domain/directory/condition.js';

/** The values of a statement that is put together; each is named by its place. */
export class Parameters {
  readonly values: unknown[];

  constructor(first: readonly unknown[]) {
    this.values = [...first];
  }

  /** @returns `$n` */
  add(value: unknown): string {
    return `$${this.values.push(value)}`;
  }
}

/** The fields of filters that are columns of `role` or `subject`: nothing else becomes part of a statement's text. */
const COLUMNS: ReadonlySet<string> = new Set([
  ...['role_id', 'role_type', 'job_space_id', 'group_ids'],
  ...['subject_id', 'subject_type', 'role_ids'],
]);

/**
 * A condition as an expression that is true exactly where `holds` is, and never null. All that an
 * organisation has written goes into the parameters.
 */
export function conditionSql(condition: Condition, parameters: Parameters): string {
  switch (condition.kind) {
    case 'ALL':
      return joined(condition.of, ' AND ', 'true', parameters);
    case 'ANY':
      return joined(condition.of, ' OR ', 'false', parameters);
    case 'NOT':
      return `NOT ${conditionSql(condition.of, parameters)}`;
    case 'IN':
      return inSql(condition.field, condition.values, parameters);
    case 'EXISTS':
      return existsSql(condition.field, parameters);
  }
}

function joined(of: readonly Condition[], by: string, none: string, parameters: Parameters): string {
  return of.length === 0 ? none : `(${of.map((one) => conditionSql(one, parameters)).join(by)})`;
}

function inSql(field: Field, values: readonly Scalar[], parameters: Parameters): string {
  if (values.length === 0) return 'false';
  if (field.kind === 'TEXT') return `(${columnOf(field.name)} = ANY (${parameters.add(values)}::text[]))`;
  if (field.kind === 'LIST') return `(${columnOf(field.name)} && ${parameters.add(values)}::text[])`;
  const value = attributeSql(field.path, parameters);
  const wanted = parameters.add(values.map((one) => JSON.stringify(one)));
  const isNull = values.includes(null) ? `${value} IS NULL OR ` : '';
  return `(${isNull}coalesce(${value} = ANY (${wanted}::jsonb[]) OR (jsonb_typeof(${value}) = 'array' AND EXISTS (
    SELECT FROM unnest(${wanted}::jsonb[]) AS one WHERE ${value} @> jsonb_build_array(one))), false))`;
}

function existsSql(field: Field, parameters: Parameters): string {
  if (field.kind === 'TEXT') return `(${columnOf(field.name)} <> '')`;
  if (field.kind === 'LIST') return `(cardinality(${columnOf(field.name)}) > 0)`;
  return `(${attributeSql(field.path, parameters)} IS NOT NULL)`;
}

/** Key by key, and not by `#>`, which takes a number for a place in a list. */
function attributeSql(path: readonly string[], parameters: Parameters): string {
  return `(attributes${path.map((key) => ` -> ${parameters.add(key)}::text`).join('')})`;
}

function columnOf(name: string): string {
  if (!COLUMNS.has(name)) throw new Error(`no column ${name}`);
  return name;
}
