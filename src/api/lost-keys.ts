import { type DescMessage, fromBinary, type Message } from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import { invalidArgument } from '../domain/errors.js';

/** The key that an object of JavaScript drops, or has for its prototype. */
const KEY = '__proto__';
/** What stands for it: as long, and no name either. */
const STAND_IN = '\u0001\u0001proto\u0001\u0001';

/**
 * Refuses a message with the key `__proto__` in a map: decoding loses it in silence, so the
 * message is decoded again under another key. (Free JSON keeps it, and is looked at elsewhere.)
 *
 * @throws INVALID_ARGUMENT at the key
 */
export function refuseLostKeys(schema: DescMessage, bytes: Uint8Array, recursionLimit: number): void {
  const found = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!found.includes(KEY)) return;
  const renamed = Buffer.from(found.toString('latin1').replaceAll(KEY, STAND_IN), 'latin1');
  refuse(schema, fromBinary(schema, renamed, { recursionLimit }));
}

function refuse(schema: DescMessage, message: Message): void {
  const violations = [...lostIn(reflect(schema, message), '')].map((field) => ({
    field,
    description: 'must be a name',
  }));
  if (violations.length > 0) throw invalidArgument(violations);
}

/** Where the stand-in is a key of a map. */
function* lostIn(message: ReflectMessage, path: string): Generator<string> {
  for (const field of message.fields) {
    if (!message.isSet(field)) continue;
    const at = path === '' ? field.name : `${path}.${field.name}`;
    if (field.fieldKind === 'message') {
      yield* lostIn(message.get(field), at);
    } else if (field.fieldKind === 'list' && field.listKind === 'message') {
      let i = 0;
      for (const item of message.get(field)) yield* lostIn(item as ReflectMessage, `${at}[${i++}]`);
    } else if (field.fieldKind === 'map' && message.desc.typeName !== 'google.protobuf.Struct') {
      if (message.get(field).has(STAND_IN)) yield `${at}["${KEY}"]`;
    }
  }
}
