import { type DescMessage, fromBinary, type MessageShape } from '@bufbuild/protobuf';
import { ReeveError } from '../domain/errors.js';

/**
 * JSON values nest by two or three messages a level; with room for the 64 levels that the
 * constraints allow, so that it is they who refuse the 65th by its name.
 */
const RECURSION_LIMIT = 400;

/**
 * Reads a request from bytes.
 *
 * @throws INVALID_ARGUMENT (MALFORMED_MESSAGE): not such a message, or invalid UTF-8 in a string
 */
export function decodeRequest<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  try {
    return fromBinary(schema, bytes, { recursionLimit: RECURSION_LIMIT });
  } catch {
    const message = `the request is not a valid ${schema.typeName}`;
    throw new ReeveError('INVALID_ARGUMENT', 'MALFORMED_MESSAGE', message);
  }
}
