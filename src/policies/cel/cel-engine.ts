import type { JsonObject } from '../../domain/json.js';
import type { PolicyFailure } from '../../domain/policies/decision.js';
import { CEL_DEADLINE_MS, deadlineOf, MAX_CEL_DEADLINE_MS } from '../../domain/policies/policy.js';
import type { PolicyInput } from '../../domain/policies/policy-input.js';
import type { Question } from '../../domain/policies/question.js';
import type {
  ExpressionCall,
  ExpressionUse,
  PolicyCall,
  PolicyEngine,
  PolicyOutcome,
  PolicyProblem,
  SchemaCall,
} from '../../ports/policy-engine.js';
import type { RequestBuilder } from './encode.js';
import type { Result } from './messages.js';
import { mergeNames, type Names } from './names.js';
import { Recent } from './recent.js';
import { COMPILE_MS } from './watchdog.js';
import type { Work, WorkQueue } from './work-queue.js';

/** The longest expression, in characters. */
export const MAX_EXPRESSION_LENGTH = 20_000;
/** Expressions of which is known what they name, and their characters. */
const MAX_KNOWN = 10_000;
const MAX_KNOWN_LENGTH = 16 * 1024 * 1024;

/** An expression, whose it is, and what it is asked. */
interface Call {
  readonly use: ExpressionUse;
  readonly expression: string;
  readonly owner: string;
  readonly deadlineMs: number;
  readonly inputs: readonly PolicyInput[];
}

/** What an expression names, or why it cannot be evaluated. */
type Learnt = { readonly names: Names } | { readonly failed: Failed };
type Failed = Extract<PolicyOutcome, { readonly ok: false }>;

/**
 * Evaluates policies, expressions and schemas in the thread of a queue, which is started with the first of
 * them. Of policies it takes those in CEL. Stopping it stops the queue.
 */
export function createCelEngine(queue: WorkQueue): Omit<PolicyEngine, 'objectionTo'> {
  const known = new Recent<Learnt>(MAX_KNOWN, MAX_KNOWN_LENGTH);

  /** What the expressions of calls name, which is all that will be sent: each is compiled for it once. */
  async function learn(calls: readonly Call[]): Promise<readonly Learnt[]> {
    const unknown = new Map<string, Call>();
    for (const call of calls) if (!known.get(keyOf(call))) unknown.set(keyOf(call), call);
    const results = await queue.run([...unknown.values()].map(compileWork));
    const learnt = new Map([...unknown.keys()].map((key, at) => [key, learntFrom(results[at]?.[0])]));
    // A failure may be of this moment only, such as a thread that ended.
    for (const [key, each] of learnt) if ('names' in each) known.set(key, each);
    return calls.map((call) => learnt.get(keyOf(call)) ?? known.get(keyOf(call)) ?? NOT_LEARNT);
  }

  async function ask(calls: readonly Call[]): Promise<readonly (readonly PolicyOutcome[])[]> {
    const all = calls.map((call) => known.get(keyOf(call)));
    const learnt = all.every((each) => each !== undefined) ? all : await learn(calls);
    const names = mergeNames(learnt.flatMap((each) => ('names' in each ? [each.names] : [])));
    const asked = calls.filter((_, at) => learnt[at] && 'names' in learnt[at]);
    const works = asked.map((call) => evaluateWork('run', call, names));
    const results = await queue.run(works);
    let next = 0;
    return calls.map(({ inputs }, at) => {
      const each = learnt[at] ?? NOT_LEARNT;
      if ('failed' in each) return inputs.map(() => each.failed);
      const place = next++;
      return inputs.map((_, n) => outcomeOf(results[place]?.[n], works[place]?.questions[n]));
    });
  }

  return {
    decide: (calls) => ask(calls.map(policyCall)),
    evaluate: (calls) => ask(calls.map(expressionCall)),

    async validate(calls) {
      const results = await queue.run(calls.map(validateWork));
      return results.map((ofCall) =>
        ofCall.map((result) => {
          if (result[0] === 'violations') return result[1];
          return { failure: result[0] === 'failed' ? result[1] : 'ERROR' };
        }),
      );
    },

    async checkExpression(use, expression) {
      if (expression.length > MAX_EXPRESSION_LENGTH) {
        return [problem(`the expression is longer than ${MAX_EXPRESSION_LENGTH} characters`)];
      }
      const [checked] = await queue.run([compileWork({ use, expression, owner: `check of ${expression}` })]);
      return problemsOf(checked?.[0]);
    },

    async checkSchema(schema) {
      const [checked] = await queue.run([schemaWork(schema)]);
      return problemsOf(checked?.[0]);
    },

    async trace(policy, input) {
      const call = { ...policyCall({ policy, inputs: [input] }), owner: `trial of ${policy.org}` };
      const [learnt = NOT_LEARNT] = await learn([call]);
      if ('failed' in learnt) return { outcome: learnt.failed, trace: [] };
      const [evaluated] = await queue.run([evaluateWork('run', call, learnt.names)]);
      const outcome = outcomeOf(evaluated?.[0], undefined);
      // Its parts are looked at only once the whole is known to end.
      if (!outcome.ok && outcome.failure === 'RUNAWAY') return { outcome, trace: [] };
      const [traced] = await queue.run([evaluateWork('trace', call, learnt.names)]);
      const [steps] = traced ?? [];
      return { outcome, trace: steps?.[0] === 'traced' ? steps[1] : [] };
    },

    stop: () => queue.stop(),
  };
}

const NOT_LEARNT: Learnt = { failed: failure('ERROR', 'it could not be compiled') };

function policyCall({ policy, inputs }: PolicyCall): Call {
  const { org, policyId, version, kind, rule } = policy;
  return {
    use: kind,
    expression: rule.kind === 'CEL' ? rule.expression : '',
    owner: `${org}/${policyId}@${version}`,
    deadlineMs: Math.min(deadlineOf(policy), MAX_CEL_DEADLINE_MS),
    inputs,
  };
}

function expressionCall({ use, expression, inputs }: ExpressionCall): Call {
  return { use, expression, owner: `${use} ${expression}`, deadlineMs: CEL_DEADLINE_MS, inputs };
}

function keyOf({ use, expression }: Call): string {
  return `${use} ${expression}`;
}

function compileWork({ use, expression, owner }: Pick<Call, 'use' | 'expression' | 'owner'>): Work {
  return {
    count: 1,
    deadlineMs: COMPILE_MS,
    owner,
    encode(request) {
      request.compile(request.program(use, expression));
      return true;
    },
  };
}

/** What its inputs are told is known once they have been put into a request. */
function evaluateWork(
  kind: 'run' | 'trace',
  call: Call,
  names: Names,
): Work & { readonly questions: readonly (Question | undefined)[] } {
  const { use, expression, owner, inputs } = call;
  const questions = new Array<Question | undefined>(inputs.length);
  let last: { readonly request: RequestBuilder; readonly program: number } | undefined;
  return {
    count: inputs.length,
    deadlineMs: kind === 'run' ? call.deadlineMs : COMPILE_MS,
    owner,
    questions,
    encode(request, at) {
      if (last?.request !== request) last = { request, program: request.program(use, expression) };
      const question = request.evaluate(kind, last.program, names, inputs[at] as PolicyInput);
      if (question) questions[at] = question;
      return question !== null;
    },
  };
}

function validateWork({ org, kind, version, schema, inputs }: SchemaCall): Work {
  return {
    count: inputs.length,
    deadlineMs: CEL_DEADLINE_MS,
    owner: `schema of ${org}/${kind}@${version}`,
    encode: (request, at) => request.validate(schema, inputs[at] ?? null),
  };
}

function schemaWork(schema: JsonObject): Work {
  return {
    count: 1,
    deadlineMs: COMPILE_MS,
    owner: `check of ${JSON.stringify(schema).slice(0, 1_000)}`,
    encode: (request) => request.checkSchema(schema),
  };
}

function outcomeOf(result: Result | undefined, question: Question | undefined): PolicyOutcome {
  if (result?.[0] === 'ok') return { ok: true, output: result[1], tookMs: result[2], question };
  if (result?.[0] === 'failed') {
    return { ok: false, failure: result[1], message: result[2], tookMs: result[3], question };
  }
  return failure('ERROR', 'it was not evaluated');
}

function learntFrom(result: Result | undefined): Learnt {
  if (result?.[0] === 'compiled') return { names: result[1] };
  if (result?.[0] === 'failed') return { failed: failure(result[1], result[2], result[3]) };
  const [first = problem('it could not be compiled')] = problemsOf(result);
  const place = first.line === 0 ? '' : `line ${first.line}, column ${first.column}: `;
  return { failed: failure('ERROR', `${place}${first.message}`) };
}

function problemsOf(result: Result | undefined): readonly PolicyProblem[] {
  if (result?.[0] === 'problems') return result[1];
  return result?.[0] === 'failed' ? [problem(result[2])] : [];
}

function problem(message: string): PolicyProblem {
  return { line: 0, column: 0, message };
}

function failure(kind: PolicyFailure, message: string, tookMs = 0): Failed {
  return { ok: false, failure: kind, message, tookMs };
}
