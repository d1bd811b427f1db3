import { type DescMethod, toJson } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Coordinator } from '../../src/coordinator.js';
import {
  type BadRequest,
  badRequests,
  constraintsToBreak,
  placesOf,
} from '../support/bad-input/bad-requests.js';
import { type Door, grpcDoor, httpDoor, type Outcome } from '../support/bad-input/doors.js';
import { unboundedParts } from '../support/bad-input/field-rules.js';
import { CALLS, METHODS, nameOf, STREAMS } from '../support/bad-input/methods.js';
import { openEmbedded } from '../support/embedded.js';

let coordinator: Coordinator;
let grpc: Door;
let http: Door;

beforeAll(async () => {
  coordinator = await openEmbedded();
  grpc = grpcDoor(coordinator.address);
  http = httpDoor(coordinator.httpAddress ?? '');
});
afterAll(async () => {
  grpc.close();
  http.close();
  await coordinator.stop();
});

/** Answered result by result, for leases that must be held: bad-input-results.test.ts. */
const BY_RESULT = /^results\[0\]\./;

/** What a caller is told: the fields, whether the whole call is refused or the one item of its batch. */
function refusedAt({ code, fields, response }: Outcome): string[] {
  if (code === 'INVALID_ARGUMENT') return [...fields];
  return code === 'OK' ? itemFields(response) : [code];
}

/** Of every `ItemError` of INVALID_ARGUMENT in an answer. */
function itemFields(answer: unknown): string[] {
  if (typeof answer !== 'object' || answer === null) return [];
  const { code, reason, field } = answer as { code?: unknown; reason?: unknown; field?: unknown };
  if (code === 3 && reason !== undefined && typeof field === 'string') return [field];
  return Object.values(answer).flatMap(itemFields);
}

/** What is wrong with the answer to a bad request; empty if nothing is. */
async function complaint(door: Door, method: DescMethod, bad: BadRequest): Promise<string> {
  const outcome = await door.send(method, bad.message);
  const { code, message } = outcome;
  const told = refusedAt(outcome);
  if (told.length === 1 && told[0] === bad.at) return '';
  return `${bad.at} ${bad.rule}: ${code} ${JSON.stringify(told)} ${message}`;
}

describe.each(CALLS.map((method) => [nameOf(method), method] as const))('%s', (_, method) => {
  const bad = badRequests(method.input).filter(({ path }) => !BY_RESULT.test(path));

  test.each(['grpc', 'http'] as const)('refuses every broken rule at its field, over %s', async (name) => {
    const door = name === 'grpc' ? grpc : http;
    const sayable = bad.filter(({ only }) => only === undefined || only === name);
    expect(await Promise.all(sayable.map((one) => complaint(door, method, one)))).toEqual(
      sayable.map(() => ''),
    );
  });

  test('what can be said over one door only is that by its nature', () => {
    const unsaid = badRequests(method.input).filter(({ message }) => {
      try {
        toJson(method.input, message);
        return false;
      } catch {
        return true;
      }
    });
    expect(unsaid.filter(({ only }) => only !== 'grpc').map(({ at, rule }) => `${at} ${rule}`)).toEqual([]);
  });
});

test('every constraint of every field is broken once', () => {
  const missing = METHODS.flatMap((method) => {
    const broken = new Set(badRequests(method.input).map(({ path, rule }) => `${path} ${rule}`));
    const wanted = constraintsToBreak(method.input);
    return wanted.filter((constraint) => !broken.has(constraint)).map((c) => `${nameOf(method)}: ${c}`);
  });
  expect(missing).toEqual([]);
  expect(STREAMS.map(nameOf)).toEqual(['AgentService.Work']);
});

/** What may grow all the same, each with its reason. */
const UNBOUNDED: Readonly<Record<string, string>> = {
  'reeve.v1.Payload.data': 'bounded by the setting max-payload-bytes',
  'reeve.v1.Pong.nonce': 'comes back from the server, which does not look at it',
  'reeve.v1.TaskResult.epoch': "the server's own; what an agent says there is not looked at",
};

test('whatever a caller fills in has a bound', () => {
  const found = new Set(
    METHODS.flatMap((method) =>
      placesOf(method.input).flatMap(({ field }) =>
        unboundedParts(field).map((part) => [`${field.parent.typeName}.${field.name}`, part] as const),
      ),
    )
      .filter(([name]) => !(name in UNBOUNDED))
      .map(([name, part]) => `${name}: ${part}`),
  );
  expect([...found]).toEqual([]);
});
