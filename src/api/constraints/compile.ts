import {
  type DescField,
  type DescMessage,
  type DescOneof,
  getOption,
  hasOption,
  ScalarType,
} from '@bufbuild/protobuf';
import { constraints, type FieldConstraints, oneof_constraints } from '@reeve/sdk/protocol';
import { listRules, mapRules } from './collection-rules.js';
import { bytesRules, enumRules, numberRules, stringRules, type Visit } from './scalar-rules.js';
import { inside, type Path, type Violations } from './violations.js';
import { durationRules, structRules, timestampRules, valueRules } from './well-known-rules.js';

type Fields = Readonly<Record<string, unknown>>;
/** Tests one field, or one oneof, of a message. */
type VisitField = (message: Fields, prefix: Path, out: Violations) => void;

/** What holds for each entry, or for a singular field. `null`: nothing to test. */
interface Compiler {
  message(desc: DescMessage, separately?: readonly string[]): Visit | null;
}

/**
 * Turns the options of descriptors into closures. Fields without anything to test cost
 * nothing afterwards.
 */
export function createCompiler(): Compiler {
  /** By what is looked into separately. */
  const compiled = new Map<DescMessage, Map<string, Visit | null>>();

  function message(desc: DescMessage, separately: readonly string[] = []): Visit | null {
    const visits = compiled.get(desc) ?? new Map<string, Visit | null>();
    const key = separately.length === 0 ? '' : separately.join();
    const known = visits.get(key);
    if (known !== undefined) return known;
    compiled.set(desc, visits);
    // Messages may contain themselves: what is met while it is being compiled is looked up
    // when it is needed.
    visits.set(key, (value, path, out) => visits.get(key)?.(value, path, out));
    const visit = compileMessage(desc, separately);
    visits.set(key, visit);
    return visit;
  }

  function compileMessage(desc: DescMessage, separately: readonly string[]): Visit | null {
    const visits: VisitField[] = [];
    for (const member of desc.members) {
      const visit =
        member.kind === 'oneof'
          ? compileOneof(member)
          : compileField(member, separately.includes(member.localName));
      if (visit) visits.push(visit);
    }
    if (visits.length === 0) return null;
    return (value, path, out) => {
      const prefix = path === '' ? '' : inside(path, '.');
      for (const visit of visits) {
        if (out.full) return;
        visit(value as Fields, prefix, out);
      }
    };
  }

  function compileField(field: DescField, separately: boolean): VisitField | null {
    const rules = rulesOf(field);
    const visit = visitOf(field, rules, separately);
    const required = rules?.required === true;
    if (!visit && !required) return null;
    const { name, localName } = field;
    return (message, prefix, out) => {
      const value = message[localName];
      if (value !== undefined) visit?.(value, inside(prefix, name), out);
      else if (required) out.add(inside(prefix, name), 'must be set');
    };
  }

  function compileOneof(oneof: DescOneof): VisitField | null {
    const required = hasOption(oneof, oneof_constraints) && getOption(oneof, oneof_constraints).required;
    const cases = new Map<string, { name: string; visit: Visit }>();
    for (const field of oneof.fields) {
      const visit = visitOf(field, rulesOf(field), false);
      if (visit) cases.set(field.localName, { name: field.name, visit });
    }
    if (!required && cases.size === 0) return null;
    const names = oneof.fields.map((field) => field.name).join(', ');
    const { name, localName } = oneof;
    return (message, prefix, out) => {
      const set = message[localName] as { case?: string; value?: unknown } | undefined;
      if (set?.case === undefined) {
        if (required) out.add(inside(prefix, name), `exactly one of ${names} must be set`);
        return;
      }
      const member = cases.get(set.case);
      member?.visit(set.value, inside(prefix, member.name), out);
    };
  }

  function visitOf(field: DescField, rules: FieldConstraints | undefined, separately: boolean): Visit | null {
    switch (field.fieldKind) {
      case 'scalar':
        return scalar(field.scalar, rules);
      case 'enum':
        return enumRules(new Set(field.enum.values.map((value) => value.number)), rules);
      case 'message':
        return messageField(field.message, rules);
      case 'list':
        return listRules(rules, separately ? null : entryOf(field, field.listKind, rules?.items));
      case 'map':
        return mapRules(
          rules,
          scalar(field.mapKey, rules?.keys),
          separately ? null : entryOf(field, field.mapKind, rules?.items),
        );
    }
  }

  function entryOf(
    field: DescField & { fieldKind: 'list' | 'map' },
    kind: 'scalar' | 'enum' | 'message',
    rules: FieldConstraints | undefined,
  ): Visit | null {
    if (kind === 'message' && field.message) return messageField(field.message, rules);
    if (kind === 'enum' && field.enum) {
      return enumRules(new Set(field.enum.values.map((value) => value.number)), rules);
    }
    return field.scalar === undefined ? null : scalar(field.scalar, rules);
  }

  function messageField(desc: DescMessage, rules: FieldConstraints | undefined): Visit | null {
    switch (desc.typeName) {
      case 'google.protobuf.Duration':
        return durationRules(rules);
      case 'google.protobuf.Timestamp':
        return timestampRules;
      case 'google.protobuf.Value':
        return valueRules;
      case 'google.protobuf.Struct':
        return structRules;
      default:
        return message(desc);
    }
  }

  return { message };
}

function rulesOf(field: DescField): FieldConstraints | undefined {
  return hasOption(field, constraints) ? getOption(field, constraints) : undefined;
}

function scalar(type: ScalarType, rules: FieldConstraints | undefined): Visit | null {
  switch (type) {
    case ScalarType.STRING:
      return stringRules(rules);
    case ScalarType.BYTES:
      return bytesRules(rules);
    case ScalarType.BOOL:
      return null;
    default:
      return numberRules(rules);
  }
}
