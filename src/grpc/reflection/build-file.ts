import { create, createFileRegistry, type DescFile, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type DescriptorProtoSchema,
  type EnumDescriptorProtoSchema,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  type FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  type ServiceDescriptorProtoSchema,
} from '@bufbuild/protobuf/wkt';

type Scalar = 'string' | 'bytes' | 'int32';

const SCALARS: Readonly<Record<Scalar, FieldDescriptorProto_Type>> = {
  string: FieldDescriptorProto_Type.STRING,
  bytes: FieldDescriptorProto_Type.BYTES,
  int32: FieldDescriptorProto_Type.INT32,
};

/** `name: [number, type, …]`; a type that is no scalar is a message of the file, or `enum X`. */
export type FieldTable = Readonly<
  Record<string, readonly [number: number, type: string, how?: 'repeated' | { readonly oneof: string }]>
>;

/** Descriptors of services that are spoken here but whose .proto files are not ours. */
export interface FileTable {
  readonly name: string;
  readonly package: string;
  readonly messages: readonly MessageInitShape<typeof DescriptorProtoSchema>[];
  readonly service: MessageInitShape<typeof ServiceDescriptorProtoSchema>;
}

/** A file without imports. */
export function buildFile({ name, package: packageName, messages, service }: FileTable): DescFile {
  const proto = create(FileDescriptorProtoSchema, {
    name,
    package: packageName,
    messageType: [...messages],
    service: [service],
    syntax: 'proto3',
  });
  const file = createFileRegistry(proto, () => undefined).getFile(name);
  if (!file) throw new Error(`${name} was not built`);
  return file;
}

export function message(
  scope: string,
  name: string,
  fields: FieldTable,
  nested: {
    readonly enums?: readonly MessageInitShape<typeof EnumDescriptorProtoSchema>[];
    readonly messages?: readonly MessageInitShape<typeof DescriptorProtoSchema>[];
    /** It is the entry of a map. */
    readonly mapEntry?: boolean;
  } = {},
): MessageInitShape<typeof DescriptorProtoSchema> {
  const oneofs: string[] = [];
  const field = Object.entries(fields).map(
    ([fieldName, [number, type, how]]): MessageInitShape<typeof FieldDescriptorProtoSchema> => {
      const { REPEATED, OPTIONAL } = FieldDescriptorProto_Label;
      const oneof = typeof how === 'object' ? how.oneof : undefined;
      if (oneof !== undefined && !oneofs.includes(oneof)) oneofs.push(oneof);
      return {
        name: fieldName,
        // Callers that write JSON, grpcurl among them, go by this name alone.
        jsonName: fieldName.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
        number,
        label: how === 'repeated' ? REPEATED : OPTIONAL,
        ...typeOf(scope, type),
        ...(oneof === undefined ? {} : { oneofIndex: oneofs.indexOf(oneof) }),
      };
    },
  );
  return {
    name,
    field,
    oneofDecl: oneofs.map((oneof) => ({ name: oneof })),
    enumType: [...(nested.enums ?? [])],
    nestedType: [...(nested.messages ?? [])],
    ...(nested.mapEntry ? { options: { mapEntry: true } } : {}),
  };
}

function typeOf(scope: string, type: string) {
  if (type in SCALARS) return { type: SCALARS[type as Scalar] };
  const isEnum = type.startsWith('enum ');
  return {
    type: isEnum ? FieldDescriptorProto_Type.ENUM : FieldDescriptorProto_Type.MESSAGE,
    typeName: `.${scope}.${type.replace('enum ', '')}`,
  };
}
