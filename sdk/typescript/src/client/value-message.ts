import { fromJson } from '@bufbuild/protobuf';
import { type Value, ValueSchema } from '@bufbuild/protobuf/wkt';
import { ReeveError } from '../transport/errors.js';
import { type DocumentPath, pathText } from '../workflows/document-error.js';
import { readJson } from '../workflows/read-value.js';
import { Reading } from '../workflows/reading.js';

/**
 * A value as a message. What could not even be sent is refused in the coordinator's way.
 *
 * @param at where it is in the request
 * @throws ReeveError INVALID_ARGUMENT for what JSON does not have, and for more than 64 levels
 */
export function valueMessage(value: unknown, at: DocumentPath): Value {
  const reading = new Reading();
  const json = readJson(value, at, reading);
  const violations = reading.problems.map(({ path, description }) => ({
    field: pathText(path),
    description,
  }));
  if (json !== undefined && violations.length === 0) return fromJson(ValueSchema, json);
  const message = violations.map(({ field, description }) => `${field}: ${description}`).join('; ');
  throw new ReeveError(message, { code: 'INVALID_ARGUMENT', reason: 'INVALID_FIELD', violations });
}
