import { afterAll, describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/domain/json.js';
import { startCelEngine } from '../support/cel-engine.js';

const engine = startCelEngine();
afterAll(() => engine.stop());

async function validate(schema: JsonObject, ...inputs: readonly JsonValue[]) {
  const [results = []] = await engine.validate([{ org: 'acme', kind: 'ocr', version: 1, schema, inputs }]);
  return results;
}

const SCAN: JsonObject = {
  type: 'object',
  required: ['pages'],
  additionalProperties: false,
  properties: {
    pages: { type: 'array', minItems: 1, items: { type: 'integer', minimum: 1 } },
    mail: { type: 'string', format: 'email' },
    mode: { enum: ['fast', 'good'] },
  },
};

describe('a schema', () => {
  it('says nothing of what is right', async () => {
    expect(await validate(SCAN, { pages: [1, 2], mail: 'ann@example.com', mode: 'good' })).toEqual([[]]);
  });

  it('says of each input what is wrong, and where', async () => {
    expect(await validate(SCAN, { pages: [1, 'two'], extra: 1 }, { mail: 'no', mode: 'x' }, 'text')).toEqual([
      [
        { path: '', message: 'must NOT have additional properties: extra' },
        { path: '/pages/1', message: 'must be integer' },
      ],
      [
        { path: '', message: "must have required property 'pages'" },
        { path: '/mail', message: 'must match format "email"' },
        { path: '/mode', message: 'must be equal to one of the allowed values: ["fast","good"]' },
      ],
      [{ path: '', message: 'must be object' }],
    ]);
  });

  it('tells the first twenty violations', async () => {
    const [violations] = await validate(SCAN, { pages: Array.from({ length: 500 }, () => 'x') });
    expect(violations).toHaveLength(20);
  });

  it.each([
    ['2020-12', 'https://json-schema.org/draft/2020-12/schema', { prefixItems: [{ type: 'integer' }] }],
    ['draft 7', 'http://json-schema.org/draft-07/schema#', { items: [{ type: 'integer' }] }],
  ])('may be of %s', async (_draft, $schema, keywords) => {
    const schema = { $schema, type: 'array', ...keywords };
    expect(await engine.checkSchema(schema)).toEqual([]);
    expect(await validate(schema, [1], ['x'])).toEqual([[], [{ path: '/0', message: 'must be integer' }]]);
  });

  it.each<[string, JsonObject, string]>([
    ['an unknown type', { type: 'objekt' }, 'schema is invalid'],
    ['an unknown keyword', { type: 'object', propertees: {} }, 'unknown keyword: "propertees"'],
    ['an unknown format', { type: 'string', format: 'iban' }, 'unknown format "iban"'],
    ['another draft', { $schema: 'http://json-schema.org/draft-04/schema#' }, 'draft 7 or 2020-12'],
    ['a reference to elsewhere', { $ref: 'https://example.com/a.json' }, "can't resolve reference"],
    ['a pattern that is none', { type: 'string', pattern: '(' }, 'Invalid regular expression'],
    ['its size', { type: 'object', description: 'x'.repeat(600_000) }, 'too large'],
  ])('is refused for %s', async (_what, schema, words) => {
    const [problem] = await engine.checkSchema(schema);
    expect(problem?.message).toContain(words);
  });

  it('nested without end is refused', async () => {
    let schema: JsonObject = { type: 'string' };
    for (let n = 0; n < 3_000; n++) schema = { type: 'array', items: schema };
    expect(await engine.checkSchema(schema)).toHaveLength(1);
    expect(await validate(SCAN, { pages: [1] })).toEqual([[]]);
  });

  it('with a pattern that backtracks is ended for the input that makes it, and for no other', async () => {
    const schema = { type: 'string', pattern: '^(a+)+$' };
    expect(await validate(schema, 'aaa', `${'a'.repeat(40)}!`, 'b')).toEqual([
      [],
      { failure: 'RUNAWAY' },
      [{ path: '', message: 'must match pattern "^(a+)+$"' }],
    ]);
  });

  it('is applied as it is at its version', async () => {
    const calls = ['integer', 'string'].map((type, at) => ({
      org: 'acme',
      kind: 'ocr',
      version: at + 1,
      schema: { type },
      inputs: [1],
    }));
    expect(await engine.validate(calls)).toEqual([[[]], [[{ path: '', message: 'must be string' }]]]);
  });
});
