import {
  AcceptLeasesRequestSchema,
  BatchSubmitTasksRequestSchema,
  CoordinatorService,
  RegisterAgentRequestSchema,
  SubmitTaskRequestSchema,
  UpdateTaskRequestSchema,
  ValidateWorkflowRequestSchema,
  WatchTasksRequestSchema,
} from '@reeve/sdk/protocol';
import { describe, expect, it, test } from 'vitest';
import { decodeJsonRequest } from '../../src/api/decode-request.js';
import { ReeveError } from '../../src/api/errors.js';

type Schema = Parameters<typeof decodeJsonRequest>[0];

/** What is said of a request, by field; decodes it if there is nothing. */
function said(schema: Schema, json: string): Record<string, string> {
  try {
    decodeJsonRequest(schema, Buffer.from(json));
    return {};
  } catch (error) {
    if (!(error instanceof ReeveError)) throw error;
    if (error.reason !== 'INVALID_FIELD') throw error;
    const { violations = [] } = error.details;
    return Object.fromEntries(violations.map(({ field, description }) => [field, description]));
  }
}

const task = (fields: string) => `{"task":{${fields}}}`;
const WHOLE = 'must be a whole number from 0 to 4294967295';

describe('JSON of another shape', () => {
  test.each([
    ['"tier":"URGENT"', 'task.tier', /^must be one of TIER_CRITICAL, .*\(did you mean TIER_URGENT\?\)/],
    ['"tier":"tier_hihg"', 'task.tier', /did you mean TIER_HIGH\?/],
    ['"tier":"whatever"', 'task.tier', /^must be one of [A-Z_, ]*, not "whatever"$/],
    ['"tier":1.5', 'task.tier', /^must be one of .*, not 1\.5$/],
    ['"runAt":"tomorrow"', 'task.run_at', /^must be a time such as "2026-.*", not "tomorrow"$/],
    ['"run_at":5', 'task.run_at', /^must be a time/],
    ['"attemptTimeout":"5 min"', 'task.attempt_timeout', /^must be a duration .*, not "5 min"$/],
    ['"attemptTimeout":"5s30m"', 'task.attempt_timeout', /^must be a duration/],
    ['"retry":{"maxAttempts":-1}', 'task.retry.max_attempts', `${WHOLE}, not -1`],
    ['"retry":{"maxAttempts":"three"}', 'task.retry.max_attempts', `${WHOLE}, not "three"`],
    ['"retry":{"maxAttempts":1.5}', 'task.retry.max_attempts', `${WHOLE}, not 1.5`],
    ['"retry":{"backoffMultiplier":"two"}', 'task.retry.backoff_multiplier', 'must be a number, not "two"'],
    ['"retry":[]', 'task.retry', 'must be an object, not a list'],
    ['"kind":7', 'task.kind', 'must be a string, not 7'],
    ['"kind":["a"]', 'task.kind', 'must be a string, not a list'],
    ['"kind":"\\ud800"', 'task.kind', /surrogate/],
    ['"labels":{"a":1}', 'task.labels["a"]', 'must be a string, not 1'],
    ['"labels":{"a":null}', 'task.labels["a"]', 'must be a string, not null'],
    ['"labels":"a=b"', 'task.labels', 'must be an object, not "a=b"'],
    ['"labels":{"\\u005f_proto__":"x"}', 'task.labels["__proto__"]', 'must be a name'],
    ['"dependencies":[{},{"runAnyway":"yes"}]', 'task.dependencies[1].run_anyway', /^must be true or false/],
    ['"requirements":{"capabilities":"a"}', 'task.requirements.capabilities', 'must be a list, not "a"'],
    ['"knid":"a"', 'task.knid', 'is no field of TaskSpec; did you mean kind?'],
    ['"run-at":"a"', 'task["run-at"]', /did you mean runAt\?$/],
    ['"qwertyuiop":1', 'task.qwertyuiop', /^is no field of TaskSpec; there are kind, /],
    ['"input":{"data":"!"}', 'task.input.data', 'must be bytes in base64, not "!"'],
    ['"input":{"data":"","json":1}', 'task.input.json', 'excludes data, which is given too'],
    [
      '"retry":{"maxAttempts":1e100000}',
      'task.retry.max_attempts',
      `${WHOLE}, not a number too large to hold`,
    ],
    [
      '"input":{"json":{"a":[0,-1e400]}}',
      'task.input.json["a"][1]',
      /^must be a finite number, not a number too/,
    ],
    ['"runAt":"2026-01-31T08:30:00Z","run_at":null', 'task.run_at', 'excludes runAt, which is given too'],
  ])('is told at its field: %s', (fields, field, description) => {
    expect(said(SubmitTaskRequestSchema, task(fields))).toEqual({
      [field]: typeof description === 'string' ? description : expect.stringMatching(description),
    });
  });

  it('is told in other requests by the names of theirs', () => {
    const requests = '{"requests":[{"task":{}},{"task":{"kind":{}}}]}';
    expect(said(BatchSubmitTasksRequestSchema, requests)).toEqual({
      'requests[1].task.kind': 'must be a string, not an object',
    });
    expect(said(UpdateTaskRequestSchema, '{"updateMask":["tier"]}')).toEqual({
      update_mask: expect.stringMatching(/^must be names of fields .*, not a list$/),
    });
    expect(Object.keys(said(WatchTasksRequestSchema, '{"selector":{"kind":["a"]}}'))).toEqual([
      'selector.kind',
    ]);
  });

  it('is told a bounded number of times, in a bounded number of words', () => {
    const many = Array.from({ length: 100 }, (_, i) => `"k${i}":${JSON.stringify('x'.repeat(10_000))}`);
    const labels = `"labels":{${many.map((one) => one.replace(/:".*/, ':1')).join()}}`;
    expect(Object.keys(said(SubmitTaskRequestSchema, task(labels)))).toHaveLength(20);
    const long = said(SubmitTaskRequestSchema, task(`"tier":"${'x'.repeat(10_000)}"`));
    expect(long['task.tier']?.length).toBeLessThan(300);
    const digits = said(AcceptLeasesRequestSchema, `{"claims":[{"epoch":${'9'.repeat(300)}}]}`);
    expect(digits['claims[0].epoch']?.length).toBeLessThan(300);
  });
});

describe('free JSON that nests', () => {
  const nested = (levels: number) => task(`"input":{"json":${'['.repeat(levels)}${']'.repeat(levels)}}`);

  test.each([102, 5_000, 100_000])('too deep to decode is refused at its field: %s', (levels) => {
    expect(said(SubmitTaskRequestSchema, nested(levels))).toEqual({
      'task.input.json': 'must not nest deeper than 64 levels',
    });
  });

  test.each([100, 5_000])('too deep to decode is refused where it is to be an object: %s', (levels) => {
    const context = `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    expect(said(ValidateWorkflowRequestSchema, `{"spec":{"context":${context}}}`)).toEqual({
      'spec.context': 'must not nest deeper than 64 levels',
    });
  });

  it('less deep is left to the constraints, which refuse one item and not the request', () => {
    expect(said(SubmitTaskRequestSchema, nested(101))).toEqual({});
    const objects = `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`;
    expect(said(SubmitTaskRequestSchema, task(`"input":{"json":${objects}}`))).toEqual({});
  });
});

describe('numbers whose digits a double does not keep', () => {
  const claim = (epoch: string) => said(AcceptLeasesRequestSchema, `{"claims":[{"epoch":${epoch}}]}`);

  test.each(['9007199254740993', '9007199254740992', '1e17', '123456789012345678901234567890'])(
    'are refused where 64 bits are wanted, safe or not: %s',
    (epoch) => {
      expect(claim(epoch)).toEqual({ 'claims[0].epoch': expect.stringContaining('written as a string') });
    },
  );

  it('are taken there as text, and within the range', () => {
    expect(claim('"9223372036854775807"')).toEqual({});
    expect(claim('9007199254740991')).toEqual({});
    for (const epoch of ['"9223372036854775808"', '1.5', '"0x10"', '" 1"', 'true']) {
      expect(claim(epoch)).toEqual({ 'claims[0].epoch': expect.stringContaining('a whole number from -9') });
    }
  });

  test.each(['9007199254740993', '-9007199254740993', '12345678901234567890'])(
    'are refused in free JSON, where they are: %s',
    (digits) => {
      const input = `"input":{"json":{"text":"1234567890123456789 \\" ","a":[1,{"id":${digits}}]}}`;
      expect(said(SubmitTaskRequestSchema, task(input))).toEqual({
        'task.input.json["a"][1]["id"]': expect.stringContaining(`as a string, "${digits}"`),
      });
    },
  );

  test.each([
    '9007199254740991',
    '9007199254740992',
    '1152921504606846976',
    '100000000000000000000',
    '1e300',
    '0.1234567890123456789',
    '"9007199254740993"',
  ])('are taken in free JSON where nothing is lost that was whole: %s', (value) => {
    expect(said(SubmitTaskRequestSchema, task(`"input":{"json":[${value}]}`))).toEqual({});
  });
});

describe('JSON that is well', () => {
  test.each([
    ['names of both kinds', '{"task":{"kind":"a","runAt":"2026-01-31T08:30:00Z"},"request_id":"r"}'],
    ['nulls, which say nothing', '{"task":{"kind":"a","retry":null,"labels":null,"runAt":null,"tier":null}}'],
    ['free JSON that is null', '{"task":{"input":{"json":null}}}'],
    ['numbers as text', '{"task":{"retry":{"maxAttempts":"3","backoffMultiplier":"1.5"}}}'],
    ['enums by number', '{"task":{"tier":3}}'],
    ['bytes in both alphabets', '{"task":{"input":{"data":"-_+/YQ"}}}'],
  ])('is taken: %s', (_, json) => {
    expect(said(SubmitTaskRequestSchema, json)).toEqual({});
  });

  it('may have any keys in free JSON', () => {
    const input = '{"__proto__":{"a":1},"knid":2,"constructor":null}';
    expect(said(SubmitTaskRequestSchema, task(`"input":{"json":${input}}`))).toEqual({});
    expect(said(RegisterAgentRequestSchema, '{"agent":{"agentId":"a","weight":1.5}}')).toEqual({});
    expect(said(CoordinatorService.method.listTasks.input, '{}')).toEqual({});
  });
});
