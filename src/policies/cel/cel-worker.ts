import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { celCandidateOf, celTaskOf } from './cel-types.js';
import { type CelInput, type Compiled, compile } from './compile.js';
import { evaluate } from './evaluate.js';
import { ExpressionRun } from './expression-run.js';
import type { Evaluated, Item, Reply, Request, Result, WorkerInput } from './messages.js';
import { IDLE, markOf } from './progress.js';
import { Recent } from './recent.js';
import { traceOf } from './trace.js';
import { celMapOf } from './values.js';

/** After so many ms a request is answered as far as it got: others wait. */
const SLICE_MS = 50;
/** So long a reply ends a slice too: who reads it has other things to do. */
const MAX_REPLY_LENGTH = 256 * 1024;
/** Compiled expressions that are kept, and their characters: one takes about 60 bytes a character (measured). */
const MAX_PROGRAMS = 1_000;
const MAX_PROGRAMS_LENGTH = 600_000;
/** How long the parts of a traced expression may take, in ms. */
const TRACE_MS = 100;

const port = parentPort;
if (!port) throw new Error('cel-worker runs as a worker thread only');
const progress = new Int32Array((workerData as WorkerInput).progress);
const programs = new Recent<Compiled>(MAX_PROGRAMS, MAX_PROGRAMS_LENGTH);
/** Loaded when the first schema comes: most organisations have none. */
let schemas: typeof import('./schemas.js') | undefined;

port.on('message', async (text: string) => {
  const [head = '', ...lines] = text.split('\n');
  const request: Request = JSON.parse(head);
  if (request.schemas.length > 0) schemas ??= await import('./schemas.js');
  const reply = answer(request, lines);
  Atomics.store(progress, 0, IDLE);
  port.postMessage(reply satisfies Reply);
});

function answer(request: Request, lines: readonly string[]): string {
  const begin = performance.now();
  const inputs = inputsOf(request);
  const expressions = new ExpressionRun(request, lines, progress);
  const results: string[] = [];
  let length = 0;
  let before = begin;
  for (const [at, item] of request.items.entries()) {
    Atomics.store(progress, 0, markOf(at, false));
    const result = resultOf(request, inputs, expressions, item, at);
    const after = performance.now();
    const json = JSON.stringify(timed(result, after - before));
    results.push(json);
    length += json.length;
    before = after;
    if (after - begin - expressions.readMs > SLICE_MS || length > MAX_REPLY_LENGTH) break;
  }
  return `[${results.join()}]`;
}

function resultOf(
  request: Request,
  inputs: Inputs,
  expressions: ExpressionRun,
  item: Item,
  at: number,
): Result {
  switch (item[0]) {
    case 'run':
      return run(request, inputs, item, at);
    case 'trace':
      return trace(request, inputs, item, at);
    case 'compile': {
      const compiled = programOf(request, item[1], at);
      return 'problems' in compiled ? ['problems', compiled.problems] : ['compiled', compiled.program.names];
    }
    case 'schema': {
      const schema = compiledSchema(request, item[1], at);
      return ['problems', schema && 'problem' in schema ? [schema.problem] : []];
    }
    case 'validate':
      return validate(request, item, at);
    case 'learn':
      return expressions.learn(item, at);
    case 'express':
      return expressions.evaluate(item, at);
  }
}

type Run = Extract<Item, readonly ['run' | 'trace', ...number[]]>;

function run(request: Request, inputs: Inputs, [, program, ...of]: Run, at: number): Evaluated {
  const compiled = programOf(request, program, at);
  if ('problems' in compiled) return ['failed', 'ERROR', compiled.problems[0]?.message ?? '', 0];
  return evaluate(compiled.program, () => inputs(...of));
}

function trace(request: Request, inputs: Inputs, [, program, ...of]: Run, at: number): Result {
  const compiled = programOf(request, program, at);
  if ('problems' in compiled) return ['traced', []];
  const end = performance.now() + TRACE_MS;
  try {
    return ['traced', traceOf(compiled.program, inputs(...of), () => performance.now() < end)];
  } catch {
    // What is wrong with the inputs the evaluation has told.
    return ['traced', []];
  }
}

function validate(
  request: Request,
  [, schema, input]: Extract<Item, readonly ['validate', ...number[]]>,
  at: number,
): Result {
  const compiled = compiledSchema(request, schema, at);
  if (!compiled || !schemas) return ['failed', 'ERROR', 'the schema is not there', 0];
  if ('problem' in compiled) return ['failed', 'ERROR', compiled.problem.message, 0];
  try {
    return ['violations', schemas.violationsOf(compiled.check, request.inputs[input])];
  } catch (error) {
    return ['failed', error instanceof RangeError ? 'TOO_LARGE' : 'ERROR', String(error), 0];
  }
}

function programOf({ programs: asked }: Request, program: number, at: number): Compiled {
  const { use, expression } = asked[program] ?? { use: 'VALIDATE', expression: '' };
  const key = `${use}:${expression}`;
  const known = programs.get(key);
  if (known) return known;
  Atomics.store(progress, 0, markOf(at, true));
  const compiled = programs.set(key, compile(use, expression));
  Atomics.store(progress, 0, markOf(at, false));
  return compiled;
}

function compiledSchema(request: Request, schema: number, at: number) {
  const text = request.schemas[schema];
  if (text === undefined) return undefined;
  Atomics.store(progress, 0, markOf(at, true));
  const compiled = schemas?.schemaOf(text);
  Atomics.store(progress, 0, markOf(at, false));
  return compiled;
}

type Inputs = (task: number, org: number, pool: number, now: number) => CelInput;

/** Variables of items; what several items share is converted once. */
function inputsOf({ tasks, orgs, pools }: Request): Inputs {
  const celTasks = new Map<number, unknown>();
  const celOrgs = new Map<number, unknown>();
  const celPools = new Map<number, unknown>();
  return (task, org, pool, now) => ({
    task: made(celTasks, task, () => celTaskOf(tasks[task] ?? {})),
    org: made(celOrgs, org, () => celMapOf(orgs[org] ?? {})),
    candidates: made(celPools, pool, () => (pools[pool] ?? []).map(celCandidateOf)),
    now: new Date(now),
  });
}

function made(values: Map<number, unknown>, key: number, make: () => unknown): unknown {
  const known = values.get(key);
  if (known !== undefined) return known;
  const value = make();
  values.set(key, value);
  return value;
}

/** In ms, as precise as there is something to read of it. */
function timed<R extends Result>(result: R, ms: number): R {
  const tookMs = Math.round(ms * 1_000) / 1_000;
  if (result[0] === 'ok') return ['ok', result[1], tookMs] as const as R;
  if (result[0] === 'failed') return ['failed', result[1], result[2], tookMs] as const as R;
  return result;
}

/** The thread's id in the system, by which its processor time can be read; 0 where that cannot be found out. */
function threadId(): number {
  try {
    return Number(basename(readlinkSync('/proc/thread-self')));
  } catch {
    return 0;
  }
}

port.postMessage({ ready: threadId() } satisfies Reply);
