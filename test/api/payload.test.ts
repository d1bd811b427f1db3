import { create, fromBinary, fromJson, toBinary } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import { PayloadSchema, PayloadView } from '@reeve/sdk/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toDomainPayload, toProtoPayload } from '../../src/api/mapping/payload.js';

const MAX = 1_000;

describe('payloads', () => {
  it('become the bytes of their compact JSON text', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (json) => {
        // What JSON cannot tell apart is not told apart: -0 is 0.
        const plain = JSON.parse(JSON.stringify(json));
        const value = fromJson(ValueSchema, plain);
        const payload = create(PayloadSchema, { content: { case: 'json', value } });
        const { mediaType, data } = toDomainPayload(payload, 'input', Number.POSITIVE_INFINITY);
        expect(mediaType).toBe('application/json');
        expect(JSON.parse(Buffer.from(data).toString())).toEqual(plain);
      }),
      { numRuns: 200 },
    );
  });

  it('carry a key called __proto__ like any other', () => {
    const bytes = toBinary(ValueSchema, fromJson(ValueSchema, { xxxxxxxxx: { a: 1 }, b: 2 }));
    const renamed = Buffer.from(
      Buffer.from(bytes).toString('latin1').replace('xxxxxxxxx', '__proto__'),
      'latin1',
    );
    const value = fromBinary(ValueSchema, renamed);
    const { data } = toDomainPayload(
      create(PayloadSchema, { content: { case: 'json', value } }),
      'input',
      MAX,
    );
    const text = Buffer.from(data).toString();
    expect(JSON.parse(text)).toEqual(JSON.parse('{"b":2,"__proto__":{"a":1}}'));
    expect(Object.hasOwn(JSON.parse(text), '__proto__')).toBe(true);
    const view = toProtoPayload({ mediaType: 'application/json', data }, PayloadView.JSON);
    expect(view.content).toEqual({ case: 'data', value: data });
  });

  it('keep bytes as they are, JSON or not', () => {
    const data = Buffer.from('{not json');
    const payload = create(PayloadSchema, {
      mediaType: 'application/json',
      content: { case: 'data', value: data },
    });
    expect(toDomainPayload(payload, 'input', MAX).data).toBe(data);
    const view = toProtoPayload({ mediaType: 'application/json', data }, PayloadView.JSON);
    expect(view.content).toEqual({ case: 'data', value: data });
  });

  it('are refused when too large, or when JSON contradicts the media type', () => {
    const large = create(PayloadSchema, { content: { case: 'data', value: new Uint8Array(MAX + 1) } });
    expect(() => toDomainPayload(large, 'task.input', MAX)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        reason: 'PAYLOAD_TOO_LARGE',
        message: expect.stringContaining(`${MAX}`),
      }),
    );
    const value = fromJson(ValueSchema, 1);
    const odd = create(PayloadSchema, { mediaType: 'text/plain', content: { case: 'json', value } });
    expect(() => toDomainPayload(odd, 'task.input', MAX)).toThrow(
      expect.objectContaining({
        details: { violations: [expect.objectContaining({ field: 'task.input.media_type' })] },
      }),
    );
    const json = create(PayloadSchema, {
      mediaType: 'application/ld+json; a=b',
      content: { case: 'json', value },
    });
    expect(toDomainPayload(json, 'task.input', MAX).mediaType).toBe('application/ld+json; a=b');
  });

  it('are shown as JSON when asked and when they are', () => {
    const data = Buffer.from('{"a":[1,null]}');
    const shown = toProtoPayload({ mediaType: 'application/json', data }, PayloadView.JSON);
    expect(shown.content.case).toBe('json');
    expect(toProtoPayload({ mediaType: 'text/plain', data }, PayloadView.JSON).content.case).toBe('data');
    expect(
      toProtoPayload({ mediaType: 'application/json', data }, PayloadView.UNSPECIFIED).content.case,
    ).toBe('data');
  });
});
