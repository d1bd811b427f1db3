import { randomUUID } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { WorkRequestSchema, type WorkResponse } from '@reeve/sdk/protocol';
import { expect, test } from 'vitest';
import { NO_TERMS } from '../../src/domain/tasks/terms.js';
import { submitTasks } from '../../src/usecases/submit-tasks.js';
import type { ToServer } from './connection.js';
import { startCoordinator } from './one-coordinator.js';

test('a task that its agent declines is given out again', async () => {
  const { queue, coordinator, world, principal } = await startCoordinator();
  const { spec } = world.newTask();
  const epochs: bigint[] = [];
  const send = (message: ToServer) => session.receive(create(WorkRequestSchema, { message }));
  const receive = ({ message }: WorkResponse): boolean => {
    if (message.case !== 'assignments') return true;
    const claims = message.value.assignments.flatMap(({ claim }) => claim ?? []);
    epochs.push(...claims.map(({ epoch }) => epoch));
    send({ case: 'decline', value: { claims, reason: 'not now' } });
    send({ case: 'grant', value: { grantedTotal: BigInt(1 + epochs.length) } });
    return true;
  };
  const session = coordinator.open({ principal, send: receive, end() {}, fail() {} });
  const agent = { agentId: 'agent', capabilities: spec.requirements.capabilities.slice() };
  send({ case: 'hello', value: { agent, instanceKey: randomUUID(), slots: 1 } });
  send({ case: 'grant', value: { grantedTotal: 1n } });
  await queue.run(() => false, 1_000);

  const submitted = submitTasks(coordinator.ports)(principal, [
    { spec, terms: NO_TERMS, requireCandidate: false, request: null },
  ]);
  await queue.run(() => epochs.length >= 3, 60_000);
  await submitted;
  expect(epochs.slice(0, 3)).toEqual([1n, 2n, 3n]);
});
