import { expect, test } from 'vitest';
import type { AgentSpec } from '../../src/domain/agents/agent.js';
import {
  type Condition,
  type Ineligibility,
  ineligibilities,
  mainly,
} from '../../src/domain/agents/eligibility.js';
import { type Requirements, signatureOf } from '../../src/domain/tasks/requirements.js';
import { plainRequirements } from '../support/plain-task.js';

const agent: AgentSpec = {
  agentId: 'a1',
  agentType: 'WORKER',
  capabilities: ['read', 'write'],
  services: ['search'],
  tags: ['gpu'],
  endpoints: {},
  metadata: {},
  version: '1',
  region: 'eu',
  location: null,
  weight: null,
};
const anything = plainRequirements(['read']);
const well: Condition = { health: 1, intent: 'ACTIVE' };

test.each<[Ineligibility, Partial<Requirements>]>([
  ['OTHER_AGENT', { agentId: 'a2' }],
  ['AGENT_TYPE', { agentType: 'PROVIDER' }],
  ['CAPABILITIES', { capabilities: ['read', 'fly'] }],
  ['SERVICES', { services: ['mail'] }],
  ['TAGS', { tags: ['tpu'] }],
  ['REGION', { region: 'us' }],
  ['HEALTH', { minHealth: 1.1 }],
])('an agent is not eligible because of %s alone', (why, requirement) => {
  expect(ineligibilities(agent, well, anything, 0.5)).toEqual([]);
  expect(ineligibilities(agent, well, { ...anything, ...requirement }, 0.5)).toEqual([why]);
});

test('an agent that does not want work is not eligible', () => {
  for (const intent of ['INACTIVE', 'DRAINING'] as const) {
    expect(ineligibilities(agent, { health: 1, intent }, anything, 0.5)).toEqual([intent]);
  }
});

test('what an agent lacks says more than what passes', () => {
  const unwell: Condition = { health: 0, intent: 'DRAINING' };
  expect(mainly(ineligibilities(agent, unwell, anything, 0.5))).toBe('DRAINING');
  expect(mainly(ineligibilities(agent, unwell, { ...anything, tags: ['tpu'] }, 0.5))).toBe('TAGS');
  expect(mainly([])).toBeUndefined();
});

test('the threshold of health counts where the task names none', () => {
  const ill: Condition = { health: 0.4, intent: 'ACTIVE' };
  expect(ineligibilities(agent, ill, anything, 0.5)).toEqual(['HEALTH']);
  expect(ineligibilities(agent, ill, { ...anything, minHealth: 0.3 }, 0.5)).toEqual([]);
});

test('requirements that differ in anything have different signatures', () => {
  const variants: Requirements[] = [
    anything,
    { ...anything, agentId: 'a1' },
    { ...anything, region: 'a1' },
    { ...anything, services: ['a1'] },
    { ...anything, tags: ['a1'] },
    { ...anything, capabilities: ['read', 'a1'] },
    { ...anything, agentType: 'GENERAL' },
    { ...anything, minHealth: 0 },
  ];
  expect(new Set(variants.map(signatureOf)).size).toBe(variants.length);
});

test('where a task would best be done is no part of its signature', () => {
  const prefer = { region: 'eu', location: null };
  expect(signatureOf({ ...anything, prefer })).toBe(signatureOf(anything));
});

test('a pool of candidates leaves out everybody else', () => {
  const requirements = { ...anything, pool: 'p' };
  expect(ineligibilities(agent, well, requirements, 0.5)).toEqual(['POOL']);
  expect(ineligibilities(agent, well, requirements, 0.5, (pool) => pool === 'q')).toEqual(['POOL']);
  expect(ineligibilities(agent, well, requirements, 0.5, (pool) => pool === 'p')).toEqual([]);
});
