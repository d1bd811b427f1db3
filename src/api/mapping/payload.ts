import { create, fromJson, type JsonValue } from '@bufbuild/protobuf';
import { type Value, ValueSchema } from '@bufbuild/protobuf/wkt';
import { type Payload, PayloadSchema, PayloadView } from '@reeve/sdk/protocol';
import { invalidArgument, ReeveError } from '../../domain/errors.js';
import type { Payload as DomainPayload } from '../../domain/tasks/task.js';
import { fieldsOf } from '../constraints/well-known-rules.js';

const JSON_MEDIA_TYPE = 'application/json';
const EMPTY = create(PayloadSchema);

export function isJson(mediaType: string): boolean {
  const type = (mediaType.split(';', 1)[0] ?? '').trim().toLowerCase();
  return type === JSON_MEDIA_TYPE || type.endsWith('+json');
}

/**
 * The payload with `json` turned into the bytes of its compact text, and its media type
 * filled in. Bytes are not looked into, whatever their media type.
 *
 * @param path where it is in the request, for errors
 * @throws INVALID_ARGUMENT, PAYLOAD_TOO_LARGE if it has more than `maxBytes`
 */
export function toDomainPayload(payload: Payload, path: string, maxBytes: number): DomainPayload {
  const mediaType = payload.mediaType || JSON_MEDIA_TYPE;
  const data = bytesOf(payload, path, mediaType);
  if (data.length > maxBytes) throw payloadTooLarge(path, data.length, maxBytes);
  return { mediaType, data };
}

export function payloadTooLarge(path: string, size: number, maxBytes: number): ReeveError {
  const description = `has ${size} bytes; at most ${maxBytes} are allowed`;
  return new ReeveError('INVALID_ARGUMENT', 'PAYLOAD_TOO_LARGE', `${path}: ${description}`, {
    violations: [{ field: path, description }],
    metadata: { max_payload_bytes: String(maxBytes) },
  });
}

function bytesOf({ content }: Payload, path: string, mediaType: string): Uint8Array {
  switch (content.case) {
    case 'data':
      return content.value;
    case 'json':
      if (!isJson(mediaType)) {
        const description = `must be JSON or empty when json is set, not ${mediaType}`;
        throw invalidArgument([{ field: `${path}.media_type`, description }]);
      }
      return Buffer.from(jsonTextOf(content.value));
    default:
      return new Uint8Array();
  }
}

/** @param text compact JSON in UTF-8 */
export function jsonPayload(text: Uint8Array): Payload {
  return { ...EMPTY, mediaType: JSON_MEDIA_TYPE, content: { case: 'data', value: text } };
}

/** Compact JSON text of a Value that has passed its constraints. */
export function jsonTextOf({ kind }: Value): string {
  switch (kind.case) {
    case 'listValue':
      return `[${kind.value.values.map(jsonTextOf).join()}]`;
    case 'structValue': {
      const entries = fieldsOf(kind.value.fields);
      return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${jsonTextOf(value)}`).join()}}`;
    }
    case 'nullValue':
    case undefined:
      return 'null';
    default:
      return JSON.stringify(kind.value);
  }
}

/** @param view with UNSPECIFIED as bytes; the doors that default to JSON say so */
export function toProtoPayload({ mediaType, data }: DomainPayload, view: PayloadView): Payload {
  const json = view === PayloadView.JSON && isJson(mediaType) ? jsonValueOf(data) : null;
  return create(PayloadSchema, {
    mediaType,
    content: json ? { case: 'json', value: json } : { case: 'data', value: data },
  });
}

/** `null`: the bytes are not JSON that a Value can carry without loss of keys or depth. */
function jsonValueOf(data: Uint8Array): Value | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(data);
    const json = JSON.parse(text, refuseProto) as JsonValue;
    return fromJson(ValueSchema, json);
  } catch {
    return null;
  }
}

function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError('a Value cannot carry this key');
  return value;
}
