import { type DescMessage, fromBinary, fromJsonString, type MessageShape } from '@bufbuild/protobuf';
import { invalidArgument, ReeveError } from '../domain/errors.js';
import { quoted } from './json/leaf-shape.js';
import { parseKeepingDigits } from './json/lost-digits.js';
import { isObject, shapeViolations } from './json/shape.js';
import { refuseLostKeys } from './lost-keys.js';
import { decodePlain } from './wire/decode.js';
import { faultOnWire } from './wire-faults.js';

/**
 * JSON values nest by two or three messages a level; with room for the 64 levels that the
 * constraints allow, so that it is they who refuse the 65th by its name.
 */
const RECURSION_LIMIT = 400;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a request from bytes.
 *
 * @throws INVALID_ARGUMENT (INVALID_FIELD) at a string that is not UTF-8, a value that nests too
 *   deep, or a key that cannot be kept; MALFORMED_MESSAGE: not such a message
 */
export function decodeRequest<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  try {
    const message = decodePlain(schema, bytes);
    if (message) return message;
    const other = fromBinary(schema, bytes, { recursionLimit: RECURSION_LIMIT });
    refuseLostKeys(schema, bytes, RECURSION_LIMIT);
    return other;
  } catch (error) {
    if (error instanceof ReeveError) throw error;
    const fault = faultOnWire(schema, bytes);
    if (fault) throw invalidArgument([fault]);
    throw malformed(`the request is not a valid ${schema.typeName}`);
  }
}

/**
 * Reads a request from JSON in UTF-8. Unknown and repeated keys are refused: JSON is what
 * people write by hand, and a mistyped field must not be ignored in silence; nor are digits
 * lost, or keys.
 *
 * @throws INVALID_ARGUMENT (INVALID_FIELD) at the fields that are no such fields or have no such
 *   values; MALFORMED_MESSAGE, saying what is wrong: no UTF-8, no JSON, no object, a key twice
 */
export function decodeJsonRequest<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
): MessageShape<Desc> {
  try {
    const text = utf8.decode(bytes);
    const json = parseKeepingDigits(text);
    if (!isObject(json)) throw new SyntaxError(`it must be an object, such as {}, not ${quoted(json)}`);
    const violations = shapeViolations(schema, json);
    if (violations.length > 0) throw invalidArgument(violations);
    return fromJsonString(schema, text, { recursionLimit: RECURSION_LIMIT });
  } catch (error) {
    if (error instanceof ReeveError) throw error;
    const cause = error instanceof TypeError ? 'it is not UTF-8' : (error as Error).message;
    throw malformed(`the request is not a valid ${schema.typeName}: ${cause}`);
  }
}

function malformed(message: string): ReeveError {
  return new ReeveError('INVALID_ARGUMENT', 'MALFORMED_MESSAGE', message);
}
