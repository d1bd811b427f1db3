import { create, type DescEnum, type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { type Value, ValueSchema } from '@bufbuild/protobuf/wkt';
import { type FieldConstraints, StringFormat } from '@reeve/sdk/protocol';
import { constraintsOf } from './field-rules.js';
import { numberAs, sampleEntry, sampleKey, sampleScalar } from './samples.js';

/** A value that breaks exactly one rule of a field. */
export interface Breach {
  /** As in `ruleNames`; in capitals, a rule that holds for every field of its kind. */
  readonly rule: string;
  /** `undefined`: the field is not set. */
  readonly value: unknown;
  /** Where it is reported, after the path of the field. */
  readonly at: string;
  /** The one door over which it can be said; both if unset. */
  readonly only?: 'grpc' | 'http';
}

type Bare = Omit<Breach, 'at'>;

const NOT_OF_FORMAT: Partial<Record<StringFormat, string>> = {
  [StringFormat.UUID]: '01890a5d-ac96-774b-bcce-b302099a805',
  [StringFormat.NAME]: 'two\u0007words',
  [StringFormat.TEXT]: 'a\u0007',
  [StringFormat.MEDIA_TYPE]: 'json',
};

/** Every way in which a field can be wrong, one rule at a time. */
export function breachesOf(field: DescField): Breach[] {
  const rules = constraintsOf(field);
  switch (field.fieldKind) {
    case 'scalar':
      return here(ofScalar(field.scalar, rules));
    case 'enum':
      return here(ofEnum(field.enum, rules));
    case 'message':
      return here(ofMessage(field.message, rules));
    case 'list':
      return ofList(field, rules);
    case 'map':
      return ofMap(field, rules);
  }
}

function here(breaches: readonly Bare[]): Breach[] {
  return breaches.map((breach) => ({ ...breach, at: '' }));
}

function ofList(field: DescField & { fieldKind: 'list' }, rules: FieldConstraints | undefined): Breach[] {
  const entry = sampleEntry(field);
  const entries = entryBreaches(field, rules?.items).map((breach) => ({
    ...breach,
    rule: `items.${breach.rule}`,
    value: [breach.value],
    at: '[0]',
  }));
  return [
    ...ofCount(rules, (count) => Array.from({ length: count }, () => entry)),
    ...(rules?.unique ? [{ rule: 'unique', value: [entry, entry], at: '[1]' }] : []),
    ...entries,
  ];
}

function ofMap(field: DescField & { fieldKind: 'map' }, rules: FieldConstraints | undefined): Breach[] {
  const [key, entry] = [sampleKey(field), sampleEntry(field)];
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${key}${i}`, entry]));
  const keys = ofScalar(field.mapKey, rules?.keys).map((breach) => ({
    ...breach,
    rule: `keys.${breach.rule}`,
    value: { [String(breach.value)]: entry },
    at: `[${JSON.stringify(breach.value)}]`,
  }));
  const entries = entryBreaches(field, rules?.items).map((breach) => ({
    ...breach,
    rule: `items.${breach.rule}`,
    value: { [key]: breach.value },
    at: `[${JSON.stringify(key)}]`,
  }));
  return [...ofCount(rules, many), ...keys, ...entries];
}

function ofCount(rules: FieldConstraints | undefined, entries: (count: number) => unknown): Breach[] {
  return here([
    ...(rules?.required ? [{ rule: 'required', value: entries(0) }] : []),
    ...(rules?.minItems ? [{ rule: 'min_items', value: entries(rules.minItems - 1) }] : []),
    ...(rules?.maxItems ? [{ rule: 'max_items', value: entries(rules.maxItems + 1) }] : []),
  ]);
}

function entryBreaches(
  field: DescField & { fieldKind: 'list' | 'map' },
  rules: FieldConstraints | undefined,
): Bare[] {
  if (field.scalar !== undefined) return ofScalar(field.scalar, rules);
  if (field.message) return ofMessage(field.message, rules).filter(({ rule }) => rule !== 'required');
  return field.enum ? ofEnum(field.enum, rules) : [];
}

function ofEnum(desc: DescEnum, rules: FieldConstraints | undefined): Bare[] {
  const beyond = Math.max(...desc.values.map(({ number }) => number)) + 1_000;
  return [{ rule: 'ENUM', value: beyond }, ...(rules?.required ? [{ rule: 'required', value: 0 }] : [])];
}

function ofScalar(type: ScalarType, rules: FieldConstraints | undefined): Bare[] {
  switch (type) {
    case ScalarType.STRING:
      return ofText(rules);
    case ScalarType.BYTES:
      return [
        ...(rules?.required ? [{ rule: 'required', value: new Uint8Array() }] : []),
        ...(rules?.maxBytes ? [{ rule: 'max_bytes', value: new Uint8Array(rules.maxBytes + 1) }] : []),
      ];
    case ScalarType.BOOL:
      return [];
    default:
      return ofNumber(type, rules);
  }
}

function ofText(rules: FieldConstraints | undefined): Bare[] {
  const sample = String(sampleScalar(ScalarType.STRING, rules));
  const breaches: Bare[] = [
    { rule: 'NUL', value: 'a\0b' },
    // What is half of a pair cannot be said in UTF-8.
    { rule: 'SURROGATE', value: 'a\ud800', only: 'http' },
  ];
  if (!rules) return breaches;
  if (rules.required) breaches.push({ rule: 'required', value: '' });
  if (rules.minLength > 1) breaches.push({ rule: 'min_length', value: sample.slice(0, rules.minLength - 1) });
  if (rules.maxLength) breaches.push({ rule: 'max_length', value: sample.padEnd(rules.maxLength + 1, 'x') });
  const other = NOT_OF_FORMAT[rules.format];
  if (other) breaches.push({ rule: 'format', value: other });
  if (rules.pattern) breaches.push({ rule: 'pattern', value: notMatching(rules) });
  return breaches;
}

function notMatching({ pattern, minLength }: FieldConstraints): string {
  const expression = new RegExp(`^(?:${pattern})$`, 'u');
  const found = ['~', ' ', 'a', '0', '-']
    .map((c) => c.repeat(minLength || 1))
    .find((t) => !expression.test(t));
  if (found === undefined) throw new Error(`found no text that does not match ${pattern}`);
  return found;
}

function ofNumber(type: ScalarType, rules: FieldConstraints | undefined): Bare[] {
  const { min, max } = rules ?? {};
  const isReal = type === ScalarType.DOUBLE || type === ScalarType.FLOAT;
  const step = isReal ? 0.001 : 1;
  return [
    ...(min === undefined ? [] : [{ rule: 'min', value: numberAs(type, min - step) }]),
    ...(max === undefined ? [] : [{ rule: 'max', value: numberAs(type, max + step) }]),
    ...(isReal && rules ? [{ rule: 'FINITE', value: Number.NaN }] : []),
  ];
}

function ofMessage(desc: DescMessage, rules: FieldConstraints | undefined): Bare[] {
  const required = rules?.required ? [{ rule: 'required', value: undefined }] : [];
  switch (desc.typeName) {
    case 'google.protobuf.Duration':
      return [...required, ...ofDuration(desc, rules)];
    case 'google.protobuf.Timestamp': {
      const late = create(desc, { seconds: 253_402_300_800n });
      return [...required, { rule: 'TIMESTAMP', value: late, only: 'grpc' }];
    }
    case 'google.protobuf.Value':
      return [...required, ...ofValue()];
    default:
      return required;
  }
}

function ofDuration(desc: DescMessage, rules: FieldConstraints | undefined): Bare[] {
  const { minDuration: min, maxDuration: max } = rules ?? {};
  const nanos = create(desc, { seconds: 1n, nanos: -1 });
  return [
    { rule: 'DURATION', value: nanos, only: 'grpc' },
    ...(min ? [{ rule: 'min_duration', value: create(desc, { seconds: min.seconds - 1n }) }] : []),
    ...(max ? [{ rule: 'max_duration', value: create(desc, { seconds: max.seconds + 1n }) }] : []),
  ];
}

function ofValue(): Bare[] {
  const value = (kind: Value['kind']) => create(ValueSchema, { kind });
  let deep = value({ case: 'boolValue', value: true });
  for (let i = 0; i < 65; i++) {
    deep = value({ case: 'listValue', value: { $typeName: 'google.protobuf.ListValue', values: [deep] } });
  }
  return [
    { rule: 'DEPTH', value: deep },
    { rule: 'NUL', value: value({ case: 'stringValue', value: 'a\0b' }) },
    { rule: 'SURROGATE', value: value({ case: 'stringValue', value: 'a\ud800' }), only: 'http' },
    // JSON has no such number.
    { rule: 'FINITE', value: value({ case: 'numberValue', value: Number.POSITIVE_INFINITY }), only: 'grpc' },
    { rule: 'UNSET', value: value({ case: undefined }), only: 'grpc' },
  ];
}
