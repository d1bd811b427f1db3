import { create, type DescField, type DescMessage, type Message, ScalarType } from '@bufbuild/protobuf';
import { type FieldConstraints, StringFormat } from '@reeve/sdk/protocol';
import fc from 'fast-check';
import { constraintsOf, isRequiredOneof } from './field-rules.js';

/** A name that every name field accepts; an agent of this name is registered. */
export const SAMPLE_NAME = 'sample';
const SAMPLE_UUID = '01890a5d-ac96-774b-bcce-b302099a8057';

export type Fields = Record<string, unknown>;

/** A message that breaks no constraint, with nothing in it that needs not be. */
export function minimalMessage(desc: DescMessage): Message {
  const message = create(desc);
  for (const member of desc.members) {
    if (member.kind === 'oneof') {
      const [first] = member.fields;
      if (first && isRequiredOneof(member)) setField(message, first, sampleOf(first));
    } else if (mustBeSet(member)) setField(message, member, sampleOf(member));
  }
  return message;
}

function mustBeSet(field: DescField): boolean {
  const rules = constraintsOf(field);
  if (!rules) return false;
  if (field.fieldKind === 'scalar' && !hasPresence(field) && (rules.min ?? 0) > 0) return true;
  return rules.required || rules.minItems > 0;
}

function hasPresence(field: DescField): boolean {
  return field.proto.proto3Optional;
}

/** Sets a field, in its oneof if it is in one; `undefined` clears it. */
export function setField(message: Message, field: DescField, value: unknown): void {
  const fields = message as unknown as Fields;
  if (field.oneof) fields[field.oneof.localName] = { case: field.localName, value };
  else if (value === undefined) delete fields[field.localName];
  else fields[field.localName] = value;
}

/** A value of a field that breaks none of its constraints. */
export function sampleOf(field: DescField): unknown {
  const rules = constraintsOf(field);
  switch (field.fieldKind) {
    case 'scalar':
      return sampleScalar(field.scalar, rules);
    case 'enum':
      return field.enum.values[1]?.number ?? 0;
    case 'message':
      return sampleMessage(field.message, rules);
    case 'list':
      return [sampleEntry(field)];
    case 'map':
      return { [sampleKey(field)]: sampleEntry(field) };
  }
}

export function sampleKey(field: DescField & { fieldKind: 'map' }): string {
  return String(sampleScalar(field.mapKey, constraintsOf(field)?.keys));
}

/** An entry of a list, or a value of a map. */
export function sampleEntry(field: DescField & { fieldKind: 'list' | 'map' }): unknown {
  const rules = constraintsOf(field)?.items;
  if (field.scalar !== undefined) return sampleScalar(field.scalar, rules);
  if (field.message) return sampleMessage(field.message, rules);
  return field.enum?.values[1]?.number ?? 0;
}

function sampleMessage(desc: DescMessage, rules: FieldConstraints | undefined): unknown {
  switch (desc.typeName) {
    case 'google.protobuf.Duration':
      return rules?.minDuration ?? create(desc);
    case 'google.protobuf.Value':
      return { ...create(desc), kind: { case: 'nullValue', value: 0 } };
    case 'google.protobuf.Struct':
      return {};
    default:
      return minimalMessage(desc);
  }
}

export function sampleScalar(type: ScalarType, rules: FieldConstraints | undefined): unknown {
  switch (type) {
    case ScalarType.STRING:
      return sampleText(rules);
    case ScalarType.BYTES:
      return new Uint8Array(1);
    case ScalarType.BOOL:
      return true;
    default:
      return numberAs(type, Math.max(rules?.min ?? 0, Math.min(rules?.max ?? 0, 0)));
  }
}

/** A number as messages hold one of this type. */
export function numberAs(type: ScalarType, value: number): number | bigint {
  const wide = [
    ScalarType.INT64,
    ScalarType.UINT64,
    ScalarType.SINT64,
    ScalarType.FIXED64,
    ScalarType.SFIXED64,
  ];
  return wide.includes(type) ? BigInt(value) : value;
}

function sampleText(rules: FieldConstraints | undefined): string {
  if (!rules) return SAMPLE_NAME;
  if (rules.pattern) return sampleMatching(rules);
  if (rules.format === StringFormat.UUID) return SAMPLE_UUID;
  if (rules.format === StringFormat.MEDIA_TYPE) return 'text/plain';
  return SAMPLE_NAME.padEnd(rules.minLength, 'x');
}

function sampleMatching({ pattern, minLength, maxLength }: FieldConstraints): string {
  const texts = fc.sample(fc.stringMatching(new RegExp(`^(?:${pattern})$`)), { numRuns: 200, seed: 1 });
  const most = maxLength || Number.POSITIVE_INFINITY;
  const found = texts.find((text) => text !== '' && text.length >= minLength && text.length <= most);
  if (found === undefined) throw new Error(`found no text that matches ${pattern}`);
  return found;
}
