import { setImmediate as nextTurn } from 'node:timers/promises';
import { fromJson, type MessageShape, toJson } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import { type ContextAnswer, ContextProviderService } from '@reeve/sdk/protocol';
import { unavailable } from '../../domain/errors.js';
import type { JsonValue } from '../../domain/json.js';
import { sizeProblem } from '../../domain/json-size.js';
import { storable } from '../../domain/policies/storable.js';
import { LOOKUP_SIZE, MAX_ANSWERS_BYTES } from '../../domain/workflows/lookups.js';
import type { Clock } from '../../ports/clock.js';
import type {
  ContextAnswers,
  ContextProvider,
  ContextProviderPlace,
  ContextQuery,
  LookingUp,
} from '../../ports/context-provider.js';
import type { RemoteCaller } from './remote-caller.js';
import { RemoteFailure, theirWords } from './remote-failure.js';
import { someAtOnce } from './some-at-once.js';

/**
 * What one call asks: so many queries, and so many bytes, if it is not a single one that is larger. To write a MiB of small
 * values takes 0.2 s, in which nothing else happens here.
 */
const QUERIES_A_CALL = 100;
const BYTES_A_CALL = 1024 * 1024;
/** Calls for the same tasks under way at once. */
const CALLS_AT_ONCE = 8;
/** How long all of their look-ups may take. */
export const MAX_LOOKUPS_MS = 60_000;

/** A query, and its place among all. */
interface Asked extends ContextQuery {
  readonly at: number;
}

type Failed = Extract<ContextAnswers, { ok: false }>;

/** Look-ups by services of organisations; what they answer is not taken for granted. */
export function createRemoteContexts(
  caller: Pick<RemoteCaller, 'call' | 'stop'>,
  clock: Clock,
): ContextProvider {
  let isStopped = false;
  let turn: Promise<unknown> = Promise.resolve();

  return {
    async query(place, asker, queries) {
      const answers = await lookUp(place, asker, queries);
      // What was cut off says nothing of the service.
      if (isStopped) throw unavailable('SHUTTING_DOWN', 'the coordinator stops');
      return answers;
    },
    stop() {
      isStopped = true;
      caller.stop();
    },
  };

  /** One call is written in each turn of the event loop, so that whatever else there is to do goes on between them. */
  async function ownTurn(): Promise<void> {
    turn = turn.then(() => nextTurn());
    await turn;
  }

  async function lookUp(
    place: ContextProviderPlace,
    asker: LookingUp,
    queries: readonly ContextQuery[],
  ): Promise<ContextAnswers> {
    const values = new Map<number, JsonValue>();
    let failed: Failed | null = null;
    let bytes = 0;

    async function ask(batch: readonly Asked[]): Promise<void> {
      if (failed) return;
      const [first] = batch;
      if (!first) return;
      await ownTurn();
      try {
        const answers = await call(place, asker, batch);
        for (const [i, { at }] of batch.entries()) keep(at, answers[i]);
      } catch (error) {
        if (!(error instanceof RemoteFailure)) throw error;
        if (error.kind !== 'TOO_LARGE' || batch.length === 1) return fail(first.at, error);
        const half = Math.ceil(batch.length / 2);
        await ask(batch.slice(0, half));
        await ask(batch.slice(half));
      }
    }

    function keep(at: number, answer: ContextAnswer | undefined): void {
      try {
        const value = answerOf(answer);
        values.set(at, value);
        bytes += Buffer.byteLength(JSON.stringify(value));
        if (bytes > MAX_ANSWERS_BYTES) {
          const words = `all answers for tasks that are made together must have at most ${MAX_ANSWERS_BYTES} bytes as JSON`;
          throw new RemoteFailure('TOO_LARGE', words);
        }
      } catch (error) {
        if (!(error instanceof RemoteFailure)) throw error;
        fail(at, error);
      }
    }

    function fail(at: number, { kind, message }: RemoteFailure): void {
      failed ??= { ok: false, at, failure: kind, message };
    }

    await within(MAX_LOOKUPS_MS, someAtOnce(batchesOf(queries), CALLS_AT_ONCE, ask), () => {
      const open = queries.findIndex((_, at) => !values.has(at));
      fail(
        open,
        new RemoteFailure('DEADLINE', `all look-ups together took longer than ${MAX_LOOKUPS_MS} ms`),
      );
    });
    return failed ?? { ok: true, values: queries.map((_, at) => values.get(at) ?? null) };
  }

  async function call(
    { timeoutMs, ...target }: ContextProviderPlace,
    { node, ...workflow }: LookingUp,
    batch: readonly Asked[],
  ): Promise<readonly ContextAnswer[]> {
    const queries = batch.map(({ name, query }) => ({
      name,
      query: fromJson(ValueSchema, query as Parameters<typeof fromJson>[1]),
    }));
    const request = { org: target.org, ...workflow, node, queries };
    const { answers } = await caller.call(ContextProviderService.method.query, target, request, timeoutMs);
    if (answers.length === batch.length) return answers;
    const words = `the service gave ${answers.length} answers to ${batch.length} queries`;
    throw new RemoteFailure('WRONG_RESULT', words);
  }

  /** Until the work is done, or the time is over; that is told. */
  async function within(ms: number, work: Promise<unknown>, onLate: () => void): Promise<void> {
    let cancel = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = clock.after(ms, () => {
        onLate();
        resolve();
      });
    });
    await Promise.race([work, late]).finally(() => cancel());
  }
}

function batchesOf(queries: readonly ContextQuery[]): readonly (readonly Asked[])[] {
  const batches: Asked[][] = [];
  let room = 0;
  for (const [at, one] of queries.entries()) {
    const bytes = mostBytesOf(one.query) + mostBytesOf(one.name);
    const last = batches.at(-1);
    room -= bytes;
    if (last && room >= 0 && last.length < QUERIES_A_CALL) {
      last.push({ at, ...one });
      continue;
    }
    batches.push([{ at, ...one }]);
    room = BYTES_A_CALL - bytes;
  }
  return batches;
}

/** Tags and lengths around a part of a message: of each of at most three that are around it. */
const AROUND = 12;

/** What a value takes as protobuf, or a little more. */
function mostBytesOf(value: JsonValue): number {
  if (typeof value === 'string') return Buffer.byteLength(value) + AROUND;
  if (typeof value !== 'object' || value === null) return AROUND;
  let bytes = AROUND;
  if (Array.isArray(value)) for (const each of value) bytes += mostBytesOf(each);
  else
    for (const [key, each] of Object.entries(value)) bytes += mostBytesOf(key) + mostBytesOf(each) + AROUND;
  return bytes;
}

/** @throws RemoteFailure */
function answerOf(message: ContextAnswer | undefined): JsonValue {
  const answer = message?.answer;
  if (answer?.case === 'error')
    throw new RemoteFailure('ERROR', theirWords(answer.value) || 'without a word');
  if (answer?.case !== 'value') {
    throw new RemoteFailure('WRONG_RESULT', 'the answer has neither a value nor an error');
  }
  const value = plain(answer.value);
  const problem = sizeProblem(value, LOOKUP_SIZE);
  if (problem !== null) throw new RemoteFailure('TOO_LARGE', `the answer ${problem}`);
  return storable(value);
}

function plain(value: MessageShape<typeof ValueSchema>): JsonValue {
  try {
    return toJson(ValueSchema, value) as JsonValue;
  } catch {
    throw new RemoteFailure('WRONG_RESULT', 'the answer is no JSON: it has a value of no kind, or no number');
  }
}
