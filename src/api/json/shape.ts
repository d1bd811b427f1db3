import {
  type DescField,
  type DescMessage,
  type JsonObject,
  type JsonValue,
  ScalarType,
} from '@bufbuild/protobuf';
import type { FieldViolation } from '../../domain/errors.js';
import { nearest } from '../../domain/nearest.js';
import { Violations } from '../constraints/violations.js';
import { TOO_DEEP } from '../constraints/well-known-rules.js';
import { asText, quoted, wantedEnum, wantedScalar, wantedWellKnown } from './leaf-shape.js';
import { lostDigitsOf } from './lost-digits.js';

/** What nests deeper is not looked into; the decoder refuses it. */
const MAX_DEPTH = 400;
/** Of free JSON, fewer than the decoder takes; the constraints refuse them beyond 64, item by item. */
const DECODABLE_LEVELS = 100;
const FREE = 'google.protobuf.Value';
const FREE_OBJECT = 'google.protobuf.Struct';

/**
 * Where JSON is not what a message is written as: fields that there are not, values of another
 * type, names that no enum has, numbers that would lose digits, a key that would be lost, free JSON
 * that nests too deep to decode.
 *
 * @param json as `parseKeepingDigits` gives it
 * @returns at most 20, by the names of the protos, such as `task.retry.max_attempts`
 */
export function shapeViolations(desc: DescMessage, json: JsonObject): readonly FieldViolation[] {
  const out = new Violations();
  visitMessage(desc, json, '', out, 0);
  return out.list;
}

export function isObject(json: JsonValue): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

type Visit = (value: JsonValue, path: string, out: Violations, depth: number) => void;

function visitMessage(
  desc: DescMessage,
  json: JsonValue,
  path: string,
  out: Violations,
  depth: number,
): void {
  if (depth > MAX_DEPTH) return;
  if (desc.typeName === FREE || (desc.typeName === FREE_OBJECT && isObject(json))) {
    // The decoder takes fewer levels of what has to be an object.
    if (isDeeper(json, desc.typeName === FREE ? DECODABLE_LEVELS : DECODABLE_LEVELS - 2))
      out.add(path, TOO_DEEP);
    else if (hasLostNumber(json)) visitFree(json, path, out);
  } else if (desc.typeName.startsWith('google.protobuf.')) {
    complain(wantedWellKnown(desc, json), json, path, out);
  } else if (isObject(json)) visitFields(desc, json, path, out, depth);
  else complain('an object', json, path, out);
}

function visitFields(
  desc: DescMessage,
  json: JsonObject,
  path: string,
  out: Violations,
  depth: number,
): void {
  const given = new Map<unknown, string>();
  for (const [key, value] of Object.entries(json)) {
    if (out.full) return;
    const field = fieldOf(desc, key);
    if (!field) {
      out.add(at(path, key), unknownField(desc, key));
      continue;
    }
    const place = path === '' ? field.name : `${path}.${field.name}`;
    const before = given.get(field) ?? (field.oneof && value !== null ? given.get(field.oneof) : undefined);
    if (before !== undefined) out.add(place, `excludes ${before}, which is given too`);
    given.set(field, key);
    if (field.oneof && value !== null) given.set(field.oneof, key);
    if (value !== null || isNullable(field)) visitField(field, value, place, out, depth);
  }
}

function visitField(field: DescField, value: JsonValue, path: string, out: Violations, depth: number): void {
  const visit = visitOf(field);
  if (field.fieldKind === 'list') {
    const items = Array.isArray(value) ? value : [];
    if (items !== value) complain('a list', value, path, out);
    for (const [i, item] of items.entries()) {
      if (out.full) return;
      visit(item, `${path}[${i}]`, out, depth + 1);
    }
  } else if (field.fieldKind === 'map') {
    const entries = isObject(value) ? value : undefined;
    if (!entries) complain('an object', value, path, out);
    for (const [key, item] of Object.entries(entries ?? {})) {
      if (out.full) return;
      const place = keyed(path, key);
      // An object of JavaScript drops it, or has it for its prototype.
      if (key === '__proto__') out.add(place, 'must be a name');
      if (field.mapKey === ScalarType.STRING) complain(wantedScalar(field.mapKey, key), key, place, out);
      visit(item, place, out, depth + 1);
    }
  } else {
    visit(value, path, out, depth + 1);
  }
}

/** How a value of a field is looked at, or one of its entries. */
function visitOf(field: DescField): Visit {
  const { message, enum: names, scalar } = field;
  if (message) return (value, path, out, depth) => visitMessage(message, value, path, out, depth);
  if (names) return (value, path, out) => complain(wantedEnum(names, value), value, path, out);
  return (value, path, out) => {
    if (scalar !== undefined) complain(wantedScalar(scalar, value), value, path, out);
  };
}

/** Whether a value nests deeper; looks no further than it must. */
function isDeeper(json: JsonValue, levels: number): boolean {
  if (levels < 0) return true;
  return isNested(json) && Object.values(json).some((item) => isDeeper(item, levels - 1));
}

/** Whether there is a number in it that would come out as another, or as none. */
function hasLostNumber(json: JsonValue): boolean {
  if (isNested(json)) return Object.values(json).some(hasLostNumber);
  return typeof json === 'number' ? !Number.isFinite(json) : lostDigitsOf(json) !== undefined;
}

function isNested(json: JsonValue): json is JsonObject | JsonValue[] {
  return typeof json === 'object' && json !== null;
}

/** Free JSON: anything goes but such numbers. */
function visitFree(json: JsonValue, path: string, out: Violations): void {
  if (!isNested(json)) {
    const lost = lostDigitsOf(json);
    if (lost !== undefined) out.add(path, `must be ${asText(lost)}`);
    else if (hasLostNumber(json)) complain('a finite number', json, path, out);
    return;
  }
  const list = Array.isArray(json);
  for (const [key, item] of Object.entries(json)) {
    if (out.full) return;
    visitFree(item, list ? `${path}[${key}]` : keyed(path, key), out);
  }
}

function complain(wanted: string | undefined, value: JsonValue, path: string, out: Violations): void {
  if (wanted !== undefined) out.add(path, `must be ${wanted}, not ${quoted(value)}`);
}

function isNullable({ fieldKind, message }: DescField): boolean {
  return fieldKind === 'message' && message?.typeName === FREE;
}

function unknownField(desc: DescMessage, key: string): string {
  const names = desc.fields.map(({ jsonName }) => jsonName);
  const meant = nearest(key, names);
  const help = meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${meant}?`;
  return `is no field of ${desc.name}; ${names.length === 0 ? 'it has none' : help}`;
}

const fieldsByKey = new WeakMap<DescMessage, ReadonlyMap<string, DescField>>();

function fieldOf(desc: DescMessage, key: string): DescField | undefined {
  let fields = fieldsByKey.get(desc);
  if (!fields) {
    fields = new Map(
      desc.fields.flatMap((field) => [field.name, field.jsonName].map((name) => [name, field])),
    );
    fieldsByKey.set(desc, fields);
  }
  return fields.get(key);
}

function at(path: string, key: string): string {
  if (!/^\w+$/.test(key)) return keyed(path, key);
  return path === '' ? key : `${path}.${key}`;
}

function keyed(path: string, key: string): string {
  return `${path}[${JSON.stringify(key)}]`;
}
