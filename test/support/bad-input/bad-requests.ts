import type { DescField, DescMessage, DescOneof, Message } from '@bufbuild/protobuf';
import { type Breach, breachesOf } from './breaches.js';
import { constraintsOf, isRequiredOneof, ruleNames } from './field-rules.js';
import { minimalMessage, sampleKey, setField } from './samples.js';

/** A field somewhere in a request. */
export interface Place {
  /** From the request down; the last is the field itself. */
  readonly steps: readonly DescField[];
  readonly field: DescField;
  /** `task.labels` */
  readonly path: string;
}

/** A request that is sound but for one rule of one field. */
export interface BadRequest {
  readonly rule: string;
  /** The field that is broken, for example `task.kind`. */
  readonly path: string;
  /** Where that has to be reported, for example `task.labels["a b"]`. */
  readonly at: string;
  readonly only?: 'grpc' | 'http';
  readonly message: Message;
}

/** What the checker looks into itself. */
const WELL_KNOWN = /^google\.protobuf\./;

/** Every field that a caller can fill in. A message within itself is gone into once. */
export function placesOf(desc: DescMessage, above: readonly DescField[] = [], prefix = ''): Place[] {
  return desc.fields.flatMap((field) => {
    const steps = [...above, field];
    const path = prefix + field.name;
    const inner = field.message;
    const seen = [desc, ...above.map((step) => step.parent)];
    if (!inner || WELL_KNOWN.test(inner.typeName) || seen.includes(inner)) return [{ steps, field, path }];
    return [{ steps, field, path }, ...placesOf(inner, steps, `${path}${entryOf(field)}.`)];
  });
}

/** Where the one entry is that leads further down. */
function entryOf(field: DescField): string {
  if (field.fieldKind === 'list') return '[0]';
  return field.fieldKind === 'map' ? `[${JSON.stringify(sampleKey(field))}]` : '';
}

/** One request for every rule of every field. */
export function badRequests(desc: DescMessage): BadRequest[] {
  const fields = placesOf(desc).flatMap(({ steps, field, path }) =>
    breachesOf(field).map(({ rule, value, at, only }: Breach) => ({
      rule,
      path,
      at: path + at,
      ...(only && { only }),
      message: withValue(desc, steps, value),
    })),
  );
  return [...fields, ...badOneofs(desc)];
}

function badOneofs(desc: DescMessage): BadRequest[] {
  const tops = [{ steps: [] as readonly DescField[], prefix: '', desc }];
  const inner = placesOf(desc).flatMap(({ steps, field, path }) =>
    field.message && !WELL_KNOWN.test(field.message.typeName)
      ? [{ steps, prefix: `${path}${entryOf(field)}.`, desc: field.message }]
      : [],
  );
  return [...tops, ...inner].flatMap((place) =>
    place.desc.oneofs.filter(isRequiredOneof).map((oneof: DescOneof) => {
      const at = place.prefix + oneof.name;
      const broken = minimalMessage(place.desc);
      Object.assign(broken, { [oneof.localName]: { case: undefined } });
      const last = place.steps.at(-1);
      const message = last ? withValue(desc, place.steps, entriesOf(last, broken)) : broken;
      return { rule: 'oneof', path: at, at, message };
    }),
  );
}

/** A sound message with a value in one place. */
export function withValue(
  desc: DescMessage,
  [field, ...rest]: readonly DescField[],
  value: unknown,
): Message {
  const message = minimalMessage(desc);
  if (!field) return message;
  const inner = field.message;
  if (rest.length === 0) setField(message, field, value);
  else if (inner) setField(message, field, entriesOf(field, withValue(inner, rest, value)));
  return message;
}

function entriesOf(field: DescField, message: Message): unknown {
  if (field.fieldKind === 'list') return [message];
  return field.fieldKind === 'map' ? { [sampleKey(field)]: message } : message;
}

/** `task.kind max_length`, for every constraint that stands in the protos. */
export function constraintsToBreak(desc: DescMessage): string[] {
  return placesOf(desc).flatMap(({ field, path }) =>
    ruleNames(constraintsOf(field)).map((rule) => `${path} ${rule}`),
  );
}
