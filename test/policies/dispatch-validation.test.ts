import { expect, it } from 'vitest';
import type { JobKind } from '../../src/domain/jobs/job-kind.js';
import type { PolicyFailure } from '../../src/domain/policies/decision.js';
import { NO_TERMS } from '../../src/domain/tasks/terms.js';
import { emptySnapshot } from '../../src/ports/org-rules.js';
import { NO_POLICY_ENGINE, type PolicyEngine } from '../../src/ports/policy-engine.js';
import type { Release, Reservation } from '../../src/ports/ready-index.js';
import type { SkipRequest } from '../../src/ports/task-record.js';
import type { Ports } from '../../src/usecases/ports.js';
import { validateReserved } from '../../src/usecases/validate-tasks.js';
import { plainSpec } from '../support/plain-task.js';

/** One reserved task of a kind with a `validate`, and an engine that answers so. */
function setup(failure: PolicyFailure) {
  const skipped: SkipRequest[] = [];
  const released: Release[] = [];
  const kind = { kind: 'ocr', validate: 'true', inputSchema: null, requiredFields: [] } as unknown as JobKind;
  const snapshot = { ...emptySnapshot('acme'), jobKinds: new Map([[kind.kind, kind]]) };
  const policies: PolicyEngine = {
    ...NO_POLICY_ENGINE,
    evaluate: async (calls) =>
      calls.map(({ inputs }) => inputs.map(() => ({ ok: false, failure, message: 'told to', tookMs: 0 }))),
  };
  const task = { org: 'acme', taskId: 't', seq: 1, state: 'QUEUED', spec: plainSpec('ocr'), createTime: 0 };
  const ports = {
    policies,
    orgRules: { of: () => snapshot, known: () => snapshot },
    clock: { now: () => 0 },
    specs: { termsOf: () => NO_TERMS, inputOf: () => null },
    record: {
      getTasks: async () => [task],
      async skipTasks(requests: readonly SkipRequest[]) {
        skipped.push(...requests);
        return requests.map(() => ({ kind: 'REFUSED', state: 'QUEUED', epoch: 0 }));
      },
    },
    index: {
      remove: async () => {},
      release: async (releases: readonly Release[]) => void released.push(...releases),
    },
  } as unknown as Ports;
  const reservation = { org: 'acme', taskId: 't', agentId: 'a', reservationId: 'r' } as Reservation;
  return { skipped, released, validate: () => validateReserved(ports, [reservation]) };
}

it('a task is not skipped because nobody evaluates its validate now: it is tried again', async () => {
  const { validate, skipped } = setup('UNAVAILABLE');
  await expect(validate()).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'POLICIES_UNAVAILABLE' });
  expect(skipped).toEqual([]);
});

it('a task whose validate runs away is skipped', async () => {
  const { validate, skipped } = setup('RUNAWAY');
  expect(await validate()).toEqual([]);
  expect(skipped).toMatchObject([{ taskId: 't', reason: expect.stringContaining('RUNAWAY') }]);
});
