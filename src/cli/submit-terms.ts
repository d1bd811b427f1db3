import type { TaskRequest } from '@reeve/sdk';
import type { Option } from './command.js';
import type { Given } from './given.js';
import { FALLBACKS, LOAD_BALANCINGS, RESOLUTION_STRATEGIES } from './states.js';

const MOST = { min: 0, max: 1_000 };

/** What a task says of the rules that it goes by, as options of `reeve submit`. */
export const TERMS_OPTIONS: readonly Option[] = [
  {
    name: 'approval-policy',
    value: 'POLICY',
    doc: "asked whether it is accepted, in place of the organisation's",
    complete: 'policy',
  },
  { name: 'priority-policy', value: 'POLICY', doc: 'asked how far ahead it goes', complete: 'policy' },
  { name: 'plan-policy', value: 'POLICY', doc: 'asked which agent gets it', complete: 'policy' },
  {
    name: 'auction-policy',
    value: 'POLICY',
    doc: 'asked for the parameters of its auction',
    complete: 'policy',
  },
  { name: 'urgency', value: 'N', doc: 'how soon it matters, 0 to 1000: for formulas and policies' },
  { name: 'impact', value: 'N', doc: 'how much it matters, 0 to 1000' },
  { name: 'priority', value: 'N', doc: 'how far ahead it is to go, 0 to 1000' },
  {
    name: 'limit-key',
    value: 'KEY',
    doc: 'it counts against this limit of the organisation while an agent has it',
    many: true,
  },
  {
    name: 'fairness-key',
    value: 'KEY',
    doc: 'within a tier those of one key share a turn: a customer, a team',
  },
  { name: 'affinity-key', value: 'KEY', doc: 'an agent that did a task of this key lately is preferred' },
  { name: 'require-candidate', doc: 'refuse it if no agent may get it as things are' },
  {
    name: 'strategy',
    value: 'STRATEGY',
    doc: "how its agent is found, in place of the organisation's way",
    choices: RESOLUTION_STRATEGIES,
  },
  {
    name: 'balancing',
    value: 'STRATEGY',
    doc: 'by which strategy one of the free agents is chosen',
    choices: LOAD_BALANCINGS,
  },
  { name: 'static-subject', value: 'SUBJECT', doc: 'with --strategy static: who gets it', complete: 'agent' },
  { name: 'static-role', value: 'ROLE', doc: 'with --strategy static: one who holds this role gets it' },
  { name: 'fallback', value: 'FALLBACK', doc: 'if the chosen agent does not do it', choices: FALLBACKS },
  { name: 'role', value: 'ROLE', doc: "the agent's subject holds this role", many: true },
];

export function termsFrom(given: Given): Partial<TaskRequest> {
  const numbers = {
    ...ifGiven('urgency', given.count('urgency', MOST)),
    ...ifGiven('impact', given.count('impact', MOST)),
    ...ifGiven('priority', given.count('priority', MOST)),
  };
  const policies = {
    ...ifGiven('approval', given.text('approval-policy')),
    ...ifGiven('priority', given.text('priority-policy')),
    ...ifGiven('planRetrieve', given.text('plan-policy')),
    ...ifGiven('auctionInput', given.text('auction-policy')),
  };
  const routing = {
    ...ifGiven('strategy', given.text('strategy')),
    ...ifGiven('loadBalancing', given.text('balancing')),
    ...ifGiven('staticSubjectId', given.text('static-subject')),
    ...ifGiven('staticRoleId', given.text('static-role')),
    ...ifGiven('fallback', given.text('fallback')),
  } as NonNullable<TaskRequest['routing']>;
  const limitKeys = given.list('limit-key');
  const keys = {
    ...(limitKeys.length > 0 && { limitKeys }),
    ...ifGiven('fairnessKey', given.text('fairness-key')),
    ...ifGiven('affinityKey', given.text('affinity-key')),
  };
  return {
    ...numbers,
    ...keys,
    ...(given.switched('require-candidate') && { requireCandidate: true }),
    ...(Object.keys(policies).length > 0 && { policies }),
    ...(Object.keys(routing).length > 0 && { routing }),
  };
}

function ifGiven<Name extends string, Value>(name: Name, value: Value | undefined): { [K in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [K in Name]?: Value });
}
