import { Environment } from '@marcbachmann/cel-js';
import type { ExpressionUse } from '../../ports/policy-engine.js';
import { CANDIDATE_FIELDS, CelCandidate, CelTask, DURATION, TASK_FIELDS, TIMESTAMP } from './cel-types.js';
import { Recent } from './recent.js';
import { jsonOf } from './values.js';

/** What an expression may be like; its length is bounded where it comes in. */
export const LIMITS = {
  maxAstNodes: 5_000,
  maxDepth: 100,
  maxListElements: 1_000,
  maxMapEntries: 1_000,
  maxCallArguments: 16,
} as const;

/** The variables of expressions for a use, in the order in which they are told of. */
export function variablesOf(use: ExpressionUse): readonly string[] {
  return use === 'PLAN_RETRIEVE' ? ['task', 'candidates', 'org', 'now'] : ['task', 'org', 'now'];
}

const TYPES: Readonly<Record<string, string>> = {
  task: 'Task',
  candidates: 'list<Candidate>',
  org: 'map<string, dyn>',
  now: TIMESTAMP,
};

const environments = new Map<string, Environment>();

/** What expressions for a use may name. */
export function environmentOf(use: ExpressionUse): Environment {
  const names = variablesOf(use);
  const key = names.join();
  let environment = environments.get(key);
  if (!environment) {
    environment = names.reduce(
      (made, name) => made.registerVariable(name, TYPES[name] ?? 'dyn'),
      withArithmetic(newEnvironment()),
    );
    environments.set(key, environment);
  }
  return environment;
}

/** Environments are few: variables are called what workflows call them. */
const MAX_ENVIRONMENTS = 64;
const dynamic = new Recent<Environment>(MAX_ENVIRONMENTS, Number.POSITIVE_INFINITY);

/** What expressions of workflows may name: these variables, whatever they are. */
export function dynamicEnvironmentOf(variables: readonly string[]): Environment {
  const key = variables.join();
  return (
    dynamic.get(key) ??
    dynamic.set(
      key,
      variables.reduce((made, name) => made.registerVariable(name, 'dyn'), withArithmetic(newEnvironment())),
    )
  );
}

function newEnvironment(): Environment {
  return (
    new Environment({ homogeneousAggregateLiterals: false, limits: LIMITS })
      .registerType('Task', { ctor: CelTask, fields: TASK_FIELDS })
      .registerType('Candidate', { ctor: CelCandidate, fields: CANDIDATE_FIELDS })
      // The library leaves these two of the standard out.
      .registerFunction({ signature: `string(${TIMESTAMP}): string`, handler: textOf, async: false })
      .registerFunction({ signature: `string(${DURATION}): string`, handler: textOf, async: false })
  );
}

function textOf(value: unknown): string {
  return String(jsonOf(value));
}

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};

/** JSON does not say whether 3 is an int or a double, so that an int and a double make a double here. */
function withArithmetic(environment: Environment): Environment {
  for (const [sign, compute] of Object.entries(ARITHMETIC)) {
    const handler = (a: number | bigint, b: number | bigint) => compute(Number(a), Number(b));
    environment.registerOperator(`int ${sign} double: double`, handler);
    environment.registerOperator(`double ${sign} int: double`, handler);
  }
  return environment.registerOperator('int == double', (a: bigint, b: number) => Number(a) === b);
}
