import { unavailable } from '../../domain/errors.js';
import type { JsonObject } from '../../domain/json.js';
import type { PolicyFailure } from '../../domain/policies/decision.js';
import { CEL_DEADLINE_MS } from '../../domain/policies/policy.js';
import {
  type Checked,
  type Evaluation,
  type ExpressionEngine,
  type ExpressionOutcome,
  UNKNOWN_VARIABLE,
} from '../../ports/expression-engine.js';
import type { PolicyProblem } from '../../ports/policy-engine.js';
import { MAX_EXPRESSION_LENGTH } from './cel-engine.js';
import { MAX_NAMED_LENGTH, type RequestBuilder } from './encode.js';
import type { Result } from './messages.js';
import { type NameTree, namedOf, SharedParts, treeOf } from './named-paths.js';
import { Recent } from './recent.js';
import { Turns } from './turns.js';
import { COMPILE_MS } from './watchdog.js';
import { INPUT_TOO_LARGE, type Work, type WorkQueue } from './work-queue.js';

/** Expressions of which is known what they name, and their characters. */
const MAX_KNOWN = 10_000;
const MAX_KNOWN_LENGTH = 16 * 1024 * 1024;
/** So many evaluations are put into the queue at a time … */
const CHUNK = 2_000;
/** … and so often, of one organisation and of all: policies wait in the same queue. */
const MAX_CHUNKS_OF_ONE = 2;
const MAX_CHUNKS = 20;

/** An expression with the variables that it may name. */
interface Asked {
  readonly variables: readonly string[];
  readonly expression: string;
}

type Learnt = {
  readonly checked: Checked;
  readonly tree: NameTree;
  /** Why it cannot be evaluated. */
  readonly failed: Failed;
};
type Failed = Extract<ExpressionOutcome, { readonly ok: false }>;

/** Evaluates expressions of workflows in the thread of a queue, beside policies. Who made the queue stops it. */
export function createExpressionEngine(queue: WorkQueue): ExpressionEngine {
  const known = new Recent<Learnt>(MAX_KNOWN, MAX_KNOWN_LENGTH);
  const turns = new Turns(MAX_CHUNKS, MAX_CHUNKS_OF_ONE);

  async function run(works: readonly Work[]): Promise<readonly (readonly Result[])[]> {
    const results = await queue.run(works);
    // What was under way meanwhile says nothing of an expression.
    if (queue.isStopped) throw unavailable('SHUTTING_DOWN', 'the coordinator stops');
    return results;
  }

  /** What expressions name: each is compiled for it once. */
  async function learn(
    all: readonly Asked[],
    owner: string,
    ownerOf = (_asked: Asked) => owner,
  ): Promise<readonly Learnt[]> {
    const learnt = all.map((asked) => known.get(keyOf(asked)));
    if (learnt.every((each) => each !== undefined)) return learnt;
    const unknown = new Map<string, Asked>();
    for (const [at, asked] of all.entries()) if (!learnt[at]) unknown.set(keyOf(asked), asked);
    const results: (readonly Result[])[] = [];
    const works = [...unknown.values()].map((asked) => learnWork(asked, ownerOf(asked)));
    for (let first = 0; first < works.length; first += CHUNK) {
      results.push(...(await turns.take(owner, () => run(works.slice(first, first + CHUNK)))));
    }
    if (!results.some(([result]) => hasRunAway(result))) requireAnswered(results);
    const found = new Map<string, Learnt>();
    for (const [at, key] of [...unknown.keys()].entries()) {
      const each = learntFrom(results[at]?.[0]);
      found.set(key, each);
      // A failure may be of this moment only, such as a thread that ended.
      if (each.checked.ok) known.set(key, each);
    }
    return all.map((asked, at) => learnt[at] ?? found.get(keyOf(asked)) ?? NOT_LEARNT);
  }

  return {
    async check(expressions, variables) {
      const fitting = expressions.filter(({ length }) => length <= MAX_EXPRESSION_LENGTH);
      const asked = fitting.map((expression) => ({ variables, expression }));
      const learnt = await learn(asked, 'checks', ({ expression }) => `check of ${expression}`);
      let next = 0;
      return expressions.map(({ length }) =>
        length <= MAX_EXPRESSION_LENGTH ? (learnt[next++] ?? NOT_LEARNT).checked : TOO_LONG,
      );
    },

    async evaluate(org, evaluations) {
      const owner = `workflow ${org}`;
      const asked = evaluations.map(askedOf);
      const learnt = await learn(asked, owner);
      const parts = new Map<JsonObject, SharedParts>();
      const outcomes = evaluations.map(({ own }) => new Array<ExpressionOutcome>(own.length));
      const slices: Slice[] = [];
      for (const [at, { shared, own }] of evaluations.entries()) {
        const { checked, tree, failed } = learnt[at] ?? NOT_LEARNT;
        if (!checked.ok) {
          outcomes[at]?.fill(failed);
          continue;
        }
        let of = parts.get(shared);
        if (!of) {
          of = new SharedParts(shared);
          parts.set(shared, of);
        }
        for (let first = 0; first < own.length; first += CHUNK) {
          const some = own.slice(first, first + CHUNK);
          slices.push({ at, first, work: expressWork(asked[at] as Asked, owner, tree, of, shared, some) });
        }
      }
      let ranAway = false;
      for (const chunk of chunksOf(slices)) {
        const results = await turns.take(owner, () => run(chunk.map(({ work }) => work)));
        ranAway ||= results.some((each) => each.some(hasRunAway));
        if (!ranAway) requireAnswered(results);
        for (const [n, { at, first }] of chunk.entries()) {
          for (const [i, result] of (results[n] ?? []).entries()) {
            (outcomes[at] as ExpressionOutcome[])[first + i] = outcomeOf(result);
          }
        }
      }
      return outcomes;
    },
  };
}

/** Some of the evaluations of one expression, from the first one on. */
interface Slice {
  readonly at: number;
  readonly first: number;
  readonly work: Work;
}

/** Slices of about as many evaluations as are put into the queue at a time. */
function* chunksOf(slices: readonly Slice[]): Generator<readonly Slice[]> {
  let chunk: Slice[] = [];
  let count = 0;
  for (const slice of slices) {
    if (chunk.length > 0 && count + slice.work.count > CHUNK) {
      yield chunk;
      chunk = [];
      count = 0;
    }
    chunk.push(slice);
    count += slice.work.count;
  }
  if (chunk.length > 0) yield chunk;
}

function askedOf({ expression, shared, own }: Evaluation): Asked {
  const variables = new Set([...Object.keys(shared), ...Object.keys(own[0] ?? {})]);
  return { variables: [...variables].sort(), expression };
}

function keyOf({ variables, expression }: Asked): string {
  return `${variables.join()} ${expression}`;
}

function learnWork({ variables, expression }: Asked, owner: string): Work {
  return {
    count: 1,
    deadlineMs: COMPILE_MS,
    owner,
    encode(request) {
      if (expression.length > MAX_EXPRESSION_LENGTH) return false;
      request.learn(request.expression(variables, expression));
      return true;
    },
  };
}

function expressWork(
  { variables, expression }: Asked,
  owner: string,
  tree: NameTree,
  parts: SharedParts,
  shared: JsonObject,
  own: readonly JsonObject[],
): Work {
  // Own variables go before shared ones of the same name.
  const [first = {}] = own;
  const ofOwn = new Map([...tree].filter(([name]) => Object.hasOwn(first, name)));
  const ofShared = new Map([...tree].filter(([name]) => !ofOwn.has(name) && Object.hasOwn(shared, name)));
  let last:
    | { readonly request: RequestBuilder; readonly expression: number; readonly scope: number }
    | undefined;
  return {
    count: own.length,
    deadlineMs: CEL_DEADLINE_MS,
    owner,
    encode(request, at) {
      if (last?.request !== request) {
        const scope = request.scope(parts.of(ofShared));
        last = { request, expression: request.expression(variables, expression), scope };
      }
      const text = ofOwn.size === 0 ? '{}' : JSON.stringify(namedOf(own[at] ?? {}, ofOwn));
      return request.express(last.expression, last.scope, text);
    },
  };
}

const NAMES_TOO_MUCH = `what it names has more than ${MAX_NAMED_LENGTH} characters as JSON`;

const NOTHING: NameTree = new Map();
const NOT_LEARNT = learntOf([problem('it could not be compiled')]);
const TOO_LONG = learntOf([
  problem(`the expression is longer than ${MAX_EXPRESSION_LENGTH} characters`),
]).checked;

function learntFrom(result: Result | undefined): Learnt {
  if (result?.[0] === 'learnt')
    return { ...NOT_LEARNT, checked: { ok: true, names: result[1] }, tree: treeOf(result[1]) };
  if (result?.[0] === 'problems') return learntOf(result[1]);
  return result?.[0] === 'failed' ? learntOf([problem(result[2])], result[1]) : NOT_LEARNT;
}

function learntOf(problems: readonly PolicyProblem[], failure?: PolicyFailure): Learnt {
  const [{ line, column, message } = problem('it could not be compiled')] = problems;
  const failed: Failed = {
    ok: false,
    failure: failure ?? (message.startsWith(UNKNOWN_VARIABLE) ? 'MISSING' : 'ERROR'),
    message: line === 0 ? message : `line ${line}, column ${column}: ${message}`,
  };
  return { checked: { ok: false, problems }, tree: NOTHING, failed };
}

function hasRunAway(result: Result | undefined): boolean {
  return result?.[0] === 'failed' && result[1] === 'RUNAWAY' && result[3] > 0;
}

/** What was not asked, for what others did, says nothing of an expression. */
function requireAnswered(results: readonly (readonly Result[])[]): void {
  for (const result of results.flat()) {
    if (result[0] !== 'failed' || hasRunAway(result)) continue;
    if (result[1] === 'UNAVAILABLE' || result[1] === 'RUNAWAY') {
      throw unavailable('EXPRESSIONS_BUSY', result[2]);
    }
  }
}

function outcomeOf(result: Result): ExpressionOutcome {
  if (result[0] === 'ok') return { ok: true, value: result[1] };
  if (result[0] === 'failed') {
    const message = result[2] === INPUT_TOO_LARGE ? NAMES_TOO_MUCH : result[2];
    return { ok: false, failure: result[1], message };
  }
  return { ok: false, failure: 'ERROR', message: 'it was not evaluated' };
}

function problem(message: string): PolicyProblem {
  return { line: 0, column: 0, message };
}
