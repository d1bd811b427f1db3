import { toJson } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import type { Payload as PayloadMessage } from './gen/reeve/v1/payload_pb.js';

export const JSON_TYPE = 'application/json';
export const BYTES_TYPE = 'application/octet-stream';

/** Bytes with a media type of their own; made by {@link payload}. */
export class Payload {
  /** For example `text/markdown`. */
  readonly mediaType: string;
  readonly bytes: Uint8Array;

  constructor(mediaType: string, bytes: Uint8Array) {
    this.mediaType = mediaType;
    this.bytes = bytes;
  }
}

/**
 * An input or output that is neither JSON nor plain bytes.
 *
 * @param mediaType - at most 127 characters, for example `text/markdown`
 * @param content - what is carried as it is; a string becomes UTF-8
 */
export function payload(mediaType: string, content: Uint8Array | string): Payload {
  return new Payload(mediaType, typeof content === 'string' ? new TextEncoder().encode(content) : content);
}

/**
 * Writes a value for the wire: a {@link Payload} as it is, bytes as
 * `application/octet-stream`, anything else as compact JSON, `undefined` as nothing.
 * Throws TypeError if the value has no JSON.
 */
export function encodePayload(value: unknown): PayloadMessage | undefined {
  if (value === undefined) return undefined;
  if (value instanceof Payload) return message(value.mediaType, value.bytes);
  if (value instanceof Uint8Array) return message(BYTES_TYPE, value);
  const json = JSON.stringify(value);
  if (json === undefined) throw new TypeError(`a ${typeof value} has no JSON`);
  return message(JSON_TYPE, Buffer.from(json));
}

/** The size by which limits are counted. */
export function payloadBytes(payload: PayloadMessage | undefined): number {
  return payload?.content.case === 'data' ? payload.content.value.byteLength : 0;
}

/** Reads a value off the wire: JSON parsed, anything else as bytes. Throws SyntaxError on broken JSON. */
export function decodePayload(payload: PayloadMessage | undefined): unknown {
  const content = payload?.content;
  if (content?.case === 'json') return toJson(ValueSchema, content.value);
  if (content?.case !== 'data') return undefined;
  if (!isJson(payload?.mediaType ?? '')) return Uint8Array.from(content.value);
  return JSON.parse(asBuffer(content.value).toString());
}

/** The same for reading what others wrote: broken JSON comes as its bytes. */
export function decodeLeniently(payload: PayloadMessage | undefined): unknown {
  try {
    return decodePayload(payload);
  } catch {
    return payload?.content.case === 'data' ? Uint8Array.from(payload.content.value) : undefined;
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function isJson(mediaType: string): boolean {
  if (mediaType === JSON_TYPE) return true;
  const essence = mediaType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return essence === '' || essence === JSON_TYPE || essence.endsWith('+json');
}

function message(mediaType: string, bytes: Uint8Array): PayloadMessage {
  return { $typeName: 'reeve.v1.Payload', mediaType, content: { case: 'data', value: bytes } };
}
