import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { durationFromMs, timestampFromMs } from '@bufbuild/protobuf/wkt';
import { ResultVerdict, TaskSpecSchema, WorkResponseSchema } from '@reeve/sdk/protocol';
import { describe, expect, it } from 'vitest';
import { encode } from '../../src/api/wire/encode.js';
import { toAssignments, toResultAcks } from '../../src/api/work/messages.js';
import { DEFAULT_RETRY } from '../../src/domain/tasks/retry.js';

const taskId = '01890a5d-ac96-774b-bcce-b302099a8057';
const lease = {
  ...{ org: 'o', taskId, epoch: 3, agentId: 'a', attempt: 2, deliveries: 4 },
  ...{ retry: DEFAULT_RETRY, attemptTimeoutMs: null },
};

describe('assignments', () => {
  it.each([0, 1, 120, 127, 128, 300, 16_383, 16_384, 3_000_000])(
    'hold the spec as it was submitted, with a goal of %i letters',
    (length) => {
      const spec = create(TaskSpecSchema, { kind: 'mail.send', goal: 'g'.repeat(length) });
      const body = toBinary(TaskSpecSchema, spec);
      const message = toAssignments([{ sessionId: 's', lease, body, createTime: 1_700_000_000_123 }], 60_500);
      const read = fromBinary(WorkResponseSchema, encode(WorkResponseSchema, message));
      const assignments = [
        {
          claim: { taskId, epoch: 3n },
          spec,
          attempt: 2,
          leaseTtl: durationFromMs(60_500),
          createTime: timestampFromMs(1_700_000_000_123),
        },
      ];
      const expected = create(WorkResponseSchema, {
        message: { case: 'assignments', value: { assignments } },
      });
      expect(read).toEqual(expected);
    },
  );
});

describe('acknowledgements of results', () => {
  it('name the claim, if there is one', () => {
    const verdict = { verdict: ResultVerdict.REFUSED, message: 'no' };
    const claim = { $typeName: 'reeve.v1.Claim', taskId, epoch: 3n } as const;
    const acks = [
      { claim, resultId: 'r', ...verdict },
      { claim: undefined, resultId: '', ...verdict },
    ];
    const read = fromBinary(WorkResponseSchema, encode(WorkResponseSchema, toResultAcks(acks)));
    const value = { acks: [{ claim, resultId: 'r', ...verdict }, verdict] };
    expect(read).toEqual(create(WorkResponseSchema, { message: { case: 'resultAcks', value } }));
  });
});
