import { type DescField, type DescMessage, fromJson } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import type { DocumentPath } from './document-error.js';
import { nearestName } from './nearest-name.js';
import { readDuration, readEnum, readJson, readObject, readScalar } from './read-value.js';
import { type Entry, entriesOf, isPlainObject, type Reading, spoken } from './reading.js';
import { fieldName, SHAPES } from './shapes.js';

/** Types that hold whatever JSON there is. */
const FREE: readonly string[] = ['google.protobuf.Value', 'google.protobuf.Struct'];

/** What a message is made from, by the names that its fields have in JavaScript. */
export type Init = Record<string, unknown>;

/**
 * Reads what a document says of a message, by what the message has and {@link SHAPES} allow.
 *
 * @param field where the message is in the spec, for `reading.found`
 */
export function readMessage(
  desc: DescMessage,
  given: readonly Entry[],
  at: DocumentPath,
  field: string,
  reading: Reading,
): Init {
  const { inline = [], rewrite } = SHAPES[desc.typeName] ?? {};
  const init: Init = {};
  const seen = new Map<DescField, Entry>();
  const inside = new Map<DescField, Entry[]>();
  for (const entry of rewrite ? rewrite(given, reading) : given) {
    const own = ownField(desc, entry.key);
    if (own) {
      const before = seen.get(own);
      if (before) reading.wrong(entry.at, `is said twice, also as ${String(before.at.at(-1))}`);
      else seen.set(own, entry);
      continue;
    }
    const holder = inline
      .map((name) => ownField(desc, name))
      .find((f) => f?.message && takes(f.message, entry.key));
    if (holder) inside.set(holder, [...(inside.get(holder) ?? []), entry]);
    else reading.wrong(entry.at, unknownKey(desc, entry.key));
  }
  for (const own of desc.fields) {
    const entry = seen.get(own);
    const value = entry && readField(own, entry, `${field}.${own.name}`, reading, inside.get(own));
    if (value !== undefined) init[own.localName] = value;
    const apart = inside.get(own);
    if (!entry && apart && own.message) {
      init[own.localName] = readMessage(own.message, apart, at, `${field}.${own.name}`, reading);
    }
  }
  return init;
}

function readField(
  desc: DescField,
  { value, at }: Entry,
  field: string,
  reading: Reading,
  more: readonly Entry[] = [],
): unknown {
  const type = desc.message?.typeName ?? '';
  reading.found(field, at, FREE.includes(type));
  if (value === null && (type !== 'google.protobuf.Value' || desc.fieldKind === 'map')) return undefined;
  if (desc.fieldKind === 'list') {
    const items = listOf(desc, value, at);
    if (!items) return reading.wrong(at, `must be a list, not ${spoken(value)}`);
    return items.map((item, i) => {
      reading.found(`${field}[${i}]`, item.at);
      return readItem(desc, item, `${field}[${i}]`, reading);
    });
  }
  if (desc.fieldKind === 'map') {
    if (!isPlainObject(value)) return reading.wrong(at, `must be an object, not ${spoken(value)}`);
    const items = entriesOf(value, at);
    for (const item of items) reading.found(`${field}[${JSON.stringify(item.key)}]`, item.at);
    return Object.fromEntries(items.map((item) => [item.key, readItem(desc, item, field, reading)]));
  }
  return readItem(desc, { key: desc.name, value, at }, field, reading, more);
}

function readItem(
  { message, enum: names, scalar }: DescField,
  { value, at, parts }: Entry,
  field: string,
  reading: Reading,
  more: readonly Entry[] = [],
): unknown {
  if (names) return readEnum(names, value, at, reading);
  if (scalar !== undefined) return readScalar(scalar, value, at, reading);
  switch (message?.typeName) {
    case undefined:
      return undefined;
    case 'google.protobuf.Duration':
      return readDuration(value, at, reading);
    case 'google.protobuf.Struct':
      return readObject(value, at, reading);
    case 'google.protobuf.Value': {
      const json = readJson(value, at, reading);
      return json === undefined ? undefined : fromJson(ValueSchema, json);
    }
  }
  if (parts) return readMessage(message, parts, at, field, reading);
  if (!isPlainObject(value)) return reading.wrong(at, `must be an object, not ${spoken(value)}`);
  return readMessage(message, [...entriesOf(value, at), ...more], at, field, reading);
}

/** A list; one text in place of a list of texts; an object of names and paths, in its order, in place of mappings. */
function listOf(desc: DescField, value: unknown, at: DocumentPath): readonly Entry[] | undefined {
  if (Array.isArray(value)) {
    return value.map((item: unknown, i) => ({ key: String(i), value: item, at: [...at, i] }));
  }
  if (typeof value === 'string' && desc.scalar !== undefined) return [{ key: '0', value, at }];
  if (desc.message?.typeName !== 'reeve.v1.ArrayMapping' || !isPlainObject(value)) return undefined;
  return entriesOf(value, at).map(({ key: name, value: path, at: place }) => ({
    key: name,
    value: path,
    at: place,
    parts: [
      { key: 'name', value: name, at: place },
      { key: 'path', value: path, at: place },
    ],
  }));
}

function ownField(desc: DescMessage, key: string): DescField | undefined {
  const name = fieldName(key);
  const meant = SHAPES[desc.typeName]?.aliases?.[name] ?? name;
  return desc.fields.find((field) => field.name === meant);
}

function takes(desc: DescMessage, key: string): boolean {
  if (ownField(desc, key)) return true;
  const inline = SHAPES[desc.typeName]?.inline ?? [];
  return inline.some((name) => {
    const message = ownField(desc, name)?.message;
    return message !== undefined && takes(message, key);
  });
}

function namesOf(desc: DescMessage): string[] {
  const { aliases = {}, inline = [] } = SHAPES[desc.typeName] ?? {};
  const inner = inline.flatMap((name) => {
    const message = ownField(desc, name)?.message;
    return message ? namesOf(message) : [];
  });
  return [...Object.keys(aliases), ...desc.fields.map(({ name }) => name), ...inner];
}

const SPOKEN: Readonly<Record<string, string>> = {
  WorkflowSpec: 'a workflow',
  WorkflowGroup: 'a group',
  WorkflowTask: 'a task',
};

function unknownKey(desc: DescMessage, key: string): string {
  const names = namesOf(desc);
  const meant = nearestName(fieldName(key), names);
  const help = meant
    ? `did you mean ${meant}?`
    : `there are ${desc.fields.map(({ name }) => name).join(', ')}`;
  return `is not known of ${SPOKEN[desc.name] ?? desc.name}; ${help}`;
}
