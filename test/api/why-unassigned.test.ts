import { expect, test } from 'vitest';
import { whyUnassigned } from '../../src/api/services/why-unassigned.js';
import { poolText } from '../../src/domain/directory/pool.js';
import { NO_REQUIREMENTS, type Requirements } from '../../src/domain/tasks/requirements.js';
import type { Task } from '../../src/domain/tasks/task.js';
import type { ReadyIndex, Waiting } from '../../src/ports/ready-index.js';

const REQUIREMENTS: Requirements = {
  ...NO_REQUIREMENTS,
  agentType: 'PROVIDER',
  capabilities: ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
  services: ['mail'],
  tags: ['eu-only'],
  region: 'eu',
  minHealth: 0.9,
  agentId: 'ann',
  pool: poolText({ jobSpaceId: 's1', roleIds: ['writer', 'editor'], roleFilter: { role_type: 'duty' } }),
};

async function told(waiting: Partial<Waiting>, requirements: Partial<Requirements> = {}): Promise<string> {
  const all: Waiting = {
    why: 'NO_ELIGIBLE_AGENT',
    connected: 9,
    eligible: 0,
    full: 0,
    against: [],
    ...waiting,
  };
  const index = { whyWaiting: () => Promise.resolve(all) } as Pick<ReadyIndex, 'whyWaiting'> as ReadyIndex;
  const task = { state: 'QUEUED', spec: { requirements: { ...REQUIREMENTS, ...requirements } } } as Task;
  const sentence = await whyUnassigned({ index }, task);
  return sentence.replace('No agent could be assigned in time: ', '');
}

test('each thing that stands against agents has words of its own, with how many', async () => {
  const count = 1;
  const sentence = await told({
    against: [
      { what: 'CAPABILITIES', count },
      { what: 'SERVICES', count },
      { what: 'TAGS', count },
      { what: 'REGION', count },
      { what: 'POOL', count },
      { what: 'AGENT_TYPE', count },
      { what: 'OTHER_AGENT', count },
      { what: 'HEALTH', count },
      { what: 'DRAINING', count },
      { what: 'INACTIVE', count },
    ],
  });
  expect(sentence).toBe(
    'none of 9 connected may get it: 1 without the capabilities a and b and c and d and e and 2 more, ' +
      '1 without the services mail, 1 without the tags eu-only, 1 not in the region eu, ' +
      '1 not in the pool of candidates (the roles editor and writer, a role that matches candidate_role_filter, in the job space s1), ' +
      '1 not of the type PROVIDER, 1 other than the agent ann, 1 below the health of 0.9, 1 draining, 1 inactive.',
  );
});

test('where not all were looked at it says so', async () => {
  const against = [{ what: 'HEALTH', count: 1_000 }] as const;
  expect(await told({ connected: 5_000, against }, { minHealth: null })).toBe(
    'none of 5000 connected may get it, of the first 1000: 1000 below the health that tasks ask for.',
  );
});

test('busy agents are told from such that ask for nothing', async () => {
  const busy = (eligible: number, full: number) => told({ why: 'ALL_BUSY', eligible, full });
  expect(await busy(2, 2)).toBe('all 2 that could do it are busy: no slot is free.');
  expect(await busy(2, 1)).toBe(
    'none of 2 that could do it asks for work at the moment (1 have no free slot).',
  );
  expect(await busy(1, 0)).toBe('none of 1 that could do it asks for work at the moment.');
});
