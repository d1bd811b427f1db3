import { type DescFile, type DescMessage, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';

/** Files by what reflection asks for. Names are fully qualified, without a leading dot. */
export interface FileIndex {
  /** Every file of the roots and all they import, dependencies first. */
  readonly files: readonly DescFile[];
  byName(name: string): DescFile | undefined;
  /** The file that declares a message, enum, value, field, oneof, extension, service or method. */
  bySymbol(symbol: string): DescFile | undefined;
  byExtension(containingType: string, number: number): DescFile | undefined;
  /** `undefined`: no such message. */
  extensionNumbersOf(type: string): readonly number[] | undefined;
  /** The file's descriptor, under its own name and with its own imports. */
  bytesOf(file: DescFile): Uint8Array;
}

export function createFileIndex(roots: readonly DescFile[]): FileIndex {
  const byName = new Map<string, DescFile>();
  const bySymbol = new Map<string, DescFile>();
  const extensions = new Map<string, Map<number, DescFile>>();
  const messages = new Set<string>();
  const bytes = new Map<DescFile, Uint8Array>();

  const visit = (file: DescFile): void => {
    if (byName.has(file.proto.name)) return;
    for (const dependency of file.dependencies) visit(dependency);
    byName.set(file.proto.name, file);
    for (const symbol of symbolsOf(file)) bySymbol.set(symbol, file);
    for (const desc of file.messages) collectMessages(desc, messages);
    for (const extension of extensionsOf(file)) {
      const { typeName } = extension.extendee;
      const numbers = extensions.get(typeName) ?? new Map<number, DescFile>();
      extensions.set(typeName, numbers.set(extension.number, file));
    }
  };
  for (const file of roots) visit(file);

  return {
    files: [...byName.values()],
    byName: (name) => byName.get(name),
    bySymbol: (symbol) => bySymbol.get(symbol),
    byExtension: (type, number) => extensions.get(type)?.get(number),
    extensionNumbersOf: (type) =>
      messages.has(type) ? [...(extensions.get(type)?.keys() ?? [])].sort((a, b) => a - b) : undefined,
    bytesOf(file) {
      const known = bytes.get(file);
      if (known) return known;
      const made = toBinary(FileDescriptorProtoSchema, file.proto);
      bytes.set(file, made);
      return made;
    },
  };
}

function* symbolsOf(file: DescFile): Generator<string> {
  for (const desc of file.messages) yield* symbolsOfMessage(desc);
  for (const desc of file.enums) {
    yield desc.typeName;
    // A value's scope is that of its enum.
    const scope = desc.typeName.slice(0, desc.typeName.lastIndexOf('.') + 1);
    for (const value of desc.values) yield scope + value.name;
  }
  for (const extension of file.extensions) yield extension.typeName;
  for (const service of file.services) {
    yield service.typeName;
    for (const method of service.methods) yield `${service.typeName}.${method.name}`;
  }
}

function* symbolsOfMessage(desc: DescMessage): Generator<string> {
  yield desc.typeName;
  for (const field of desc.fields) yield `${desc.typeName}.${field.name}`;
  for (const oneof of desc.oneofs) yield `${desc.typeName}.${oneof.name}`;
  for (const nested of desc.nestedMessages) yield* symbolsOfMessage(nested);
  for (const nested of desc.proto.nestedType) {
    // protobuf-es has no descriptors for the entries of maps; they are symbols all the same.
    if (nested.options?.mapEntry) yield `${desc.typeName}.${nested.name}`;
  }
  for (const nested of desc.nestedEnums) {
    yield nested.typeName;
    for (const value of nested.values) yield `${desc.typeName}.${value.name}`;
  }
  for (const extension of desc.nestedExtensions) yield extension.typeName;
}

function* extensionsOf(scope: DescFile | DescMessage): Generator<DescFile['extensions'][number]> {
  yield* scope.kind === 'file' ? scope.extensions : scope.nestedExtensions;
  for (const nested of scope.kind === 'file' ? scope.messages : scope.nestedMessages)
    yield* extensionsOf(nested);
}

function collectMessages(desc: DescMessage, into: Set<string>): void {
  into.add(desc.typeName);
  for (const nested of desc.nestedMessages) collectMessages(nested, into);
}
