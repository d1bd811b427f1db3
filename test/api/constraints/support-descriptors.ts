import {
  create,
  createFileRegistry,
  type DescMessage,
  type MessageInitShape,
  setExtension,
} from '@bufbuild/protobuf';
import {
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  FieldOptionsSchema,
  FileDescriptorProtoSchema,
  file_google_protobuf_duration,
  file_google_protobuf_struct,
  OneofOptionsSchema,
} from '@bufbuild/protobuf/wkt';
import {
  constraints,
  FieldConstraintsSchema,
  file_reeve_v1_constraints,
  oneof_constraints,
} from '@reeve/sdk/protocol';

type Rules = MessageInitShape<typeof FieldConstraintsSchema>;
type Kind = keyof typeof FieldDescriptorProto_Type;

export interface FieldSketch {
  readonly kind: Kind;
  readonly rules?: Rules;
  /** For messages and enums: the full name with a leading dot. */
  readonly type?: string;
  readonly repeated?: boolean;
  readonly optional?: boolean;
  /** In the one oneof of the message. */
  readonly inOneof?: boolean;
}

/** A message `test.M` with these fields, numbered in order; the oneof is called `choice`. */
export function messageWith(
  fields: Readonly<Record<string, FieldSketch>>,
  oneofRequired = false,
): DescMessage {
  const sketches = Object.entries(fields);
  const hasOneof = sketches.some(([, { inOneof }]) => inOneof);
  const oneofOptions = create(OneofOptionsSchema);
  setExtension(oneofOptions, oneof_constraints, {
    $typeName: 'reeve.v1.OneofConstraints',
    required: oneofRequired,
  });
  const optional = sketches.filter(([, sketch]) => sketch.optional).map(([name]) => name);
  const file = create(FileDescriptorProtoSchema, {
    name: 'test.proto',
    package: 'test',
    syntax: 'proto3',
    dependency: [
      'google/protobuf/duration.proto',
      'google/protobuf/struct.proto',
      'reeve/v1/constraints.proto',
    ],
    enumType: [
      {
        name: 'E',
        value: [
          { name: 'E_ZERO', number: 0 },
          { name: 'E_ONE', number: 1 },
        ],
      },
    ],
    messageType: [
      {
        name: 'M',
        field: sketches.map(([name, sketch], i) => field(name, sketch, i + 1, optional, hasOneof)),
        oneofDecl: [
          ...(hasOneof ? [{ name: 'choice', options: oneofOptions }] : []),
          ...optional.map((name) => ({ name: `_${name}` })),
        ],
      },
    ],
  });
  const imports = [file_google_protobuf_duration, file_google_protobuf_struct, file_reeve_v1_constraints];
  const registry = createFileRegistry(file, (name) => imports.find((known) => known.proto.name === name));
  const desc = registry.getMessage('test.M');
  if (!desc) throw new Error('no test.M');
  return desc;
}

function field(
  name: string,
  sketch: FieldSketch,
  number: number,
  optional: readonly string[],
  hasOneof: boolean,
): FieldDescriptorProto {
  const options = create(FieldOptionsSchema);
  if (sketch.rules) setExtension(options, constraints, create(FieldConstraintsSchema, sketch.rules));
  const oneofIndex = sketch.inOneof ? 0 : optional.indexOf(name) + (hasOneof ? 1 : 0);
  return create(FieldDescriptorProtoSchema, {
    name,
    number,
    options,
    type: FieldDescriptorProto_Type[sketch.kind],
    label: sketch.repeated ? FieldDescriptorProto_Label.REPEATED : FieldDescriptorProto_Label.OPTIONAL,
    ...(sketch.type ? { typeName: sketch.type } : {}),
    ...(sketch.inOneof || sketch.optional ? { oneofIndex } : {}),
    ...(sketch.optional ? { proto3Optional: true } : {}),
  });
}
