import {
  type DescField,
  type DescOneof,
  getOption,
  hasOption,
  isFieldSet,
  ScalarType,
} from '@bufbuild/protobuf';
import {
  constraints,
  type FieldConstraints,
  FieldConstraintsSchema,
  oneof_constraints,
  StringFormat,
} from '@reeve/sdk/protocol';

export function constraintsOf(field: DescField): FieldConstraints | undefined {
  return hasOption(field, constraints) ? getOption(field, constraints) : undefined;
}

export function isRequiredOneof(oneof: DescOneof): boolean {
  return hasOption(oneof, oneof_constraints) && getOption(oneof, oneof_constraints).required;
}

/** The names of the constraints that are set, those within `items` and `keys` included: `items.max_length`. */
export function ruleNames(rules: FieldConstraints | undefined, prefix = ''): string[] {
  if (!rules) return [];
  return FieldConstraintsSchema.fields
    .filter((member) => isFieldSet(rules, member))
    .flatMap((member) => {
      if (member.name === 'items') return ruleNames(rules.items, `${prefix}items.`);
      if (member.name === 'keys') return ruleNames(rules.keys, `${prefix}keys.`);
      return [prefix + member.name];
    });
}

/** What could grow without end in a field that callers fill in; empty if nothing can. */
export function unboundedParts(field: DescField): string[] {
  const rules = constraintsOf(field);
  switch (field.fieldKind) {
    case 'scalar':
      return scalarParts(field.scalar, rules, '');
    case 'message':
      return messageParts(field.message.typeName, rules, '');
    case 'enum':
      return [];
    case 'list':
    case 'map': {
      const count = rules?.maxItems ? [] : ['number of entries'];
      const keys = field.fieldKind === 'map' ? scalarParts(field.mapKey, rules?.keys, ' of a key') : [];
      const entries =
        field.scalar !== undefined
          ? scalarParts(field.scalar, rules?.items, ' of an entry')
          : messageParts(field.message?.typeName, rules?.items, ' of an entry');
      return [...count, ...keys, ...entries];
    }
  }
}

function scalarParts(type: ScalarType, rules: FieldConstraints | undefined, of: string): string[] {
  switch (type) {
    case ScalarType.BOOL:
      return [];
    case ScalarType.STRING:
      return rules?.maxLength || rules?.format === StringFormat.UUID ? [] : [`length${of}`];
    case ScalarType.BYTES:
      return rules?.maxBytes ? [] : [`size${of}`];
    default:
      return rules?.max === undefined ? [`value${of}`] : [];
  }
}

function messageParts(
  typeName: string | undefined,
  rules: FieldConstraints | undefined,
  of: string,
): string[] {
  return typeName === 'google.protobuf.Duration' && !rules?.maxDuration ? [`duration${of}`] : [];
}
