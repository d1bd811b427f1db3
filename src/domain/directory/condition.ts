import type { JsonObject, JsonValue } from '../json.js';
import type { Role, Subject } from './directory.js';

/** What a filter compares with: a list matches if one of its entries is it. */
export type Scalar = string | number | boolean | null;

/** What can be asked for: one text, a list of texts, or a place within `attributes`, by its keys from outside in. */
export type Field =
  | { readonly kind: 'TEXT'; readonly name: string }
  | { readonly kind: 'LIST'; readonly name: string }
  | { readonly kind: 'ATTRIBUTE'; readonly path: readonly string[] };

/** A filter that was read: what each of its operators comes down to. */
export type Condition =
  | { readonly kind: 'ALL' | 'ANY'; readonly of: readonly Condition[] }
  | { readonly kind: 'NOT'; readonly of: Condition }
  /** One of these values; `null` is also what is not there. */
  | { readonly kind: 'IN'; readonly field: Field; readonly values: readonly Scalar[] }
  /** There, whatever it is: a text or a list that is not empty, an attribute that may be null. */
  | { readonly kind: 'EXISTS'; readonly field: Field };

/** By the names that filters give them. */
const VALUES: Readonly<Record<string, (object: Role & Subject) => JsonValue>> = {
  role_id: (role) => role.roleId,
  role_type: (role) => role.roleType,
  job_space_id: (role) => role.jobSpaceId,
  subject_id: (subject) => subject.subjectId,
  subject_type: (subject) => subject.subjectType,
  role_ids: (subject) => subject.roleIds,
  group_ids: (object) => object.groupIds,
};

/** Whether an object is as a condition of its sort wants it. */
export function holds(condition: Condition, object: Role | Subject): boolean {
  switch (condition.kind) {
    case 'ALL':
      return condition.of.every((one) => holds(one, object));
    case 'ANY':
      return condition.of.some((one) => holds(one, object));
    case 'NOT':
      return !holds(condition.of, object);
    case 'IN': {
      const value = readField(condition.field, object) ?? null;
      return condition.values.some((wanted) => isOrHas(value, wanted));
    }
    case 'EXISTS': {
      const value = readField(condition.field, object);
      if (condition.field.kind === 'ATTRIBUTE') return value !== undefined;
      return (value as string | readonly string[]).length > 0;
    }
  }
}

function isOrHas(value: JsonValue, wanted: Scalar): boolean {
  return value === wanted || (Array.isArray(value) && value.includes(wanted));
}

function readField(field: Field, object: Role | Subject): JsonValue | undefined {
  if (field.kind !== 'ATTRIBUTE') return VALUES[field.name]?.(object as Role & Subject);
  let value: JsonValue | undefined = object.attributes;
  for (const key of field.path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    value = Object.hasOwn(value, key) ? (value as JsonObject)[key] : undefined;
  }
  return value;
}
