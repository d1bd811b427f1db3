import { randomUUID } from 'node:crypto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { type Agent, type AgentOptions, agent, type Client, createClient } from '@reeve/sdk';
import {
  AgentService,
  type Assignment,
  CoordinatorService,
  Outcome,
  type TaskResultSchema,
} from '@reeve/sdk/protocol';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type CoordinatorProcess, startCoordinator } from './coordinator-process.js';
import { curlDoor, grpcurlDoor, type JsonDoor } from './json-doors.js';
import { MAIN } from './reeve-process.js';
import { runTool } from './tools.js';

/** What a row may use besides its door: a coordinator, and an organisation of its own. */
export interface Place {
  readonly coordinator: CoordinatorProcess;
  readonly org: string;
  readonly client: Client;
  /** An agent of the SDK in the row's organisation, which stops with the test. */
  agent(agentId: string, options?: AgentOptions): Agent;
}

/** One thing that Reeve can do, shown through each door with the same outcome. */
export interface Row {
  readonly shows: string;
  readonly curl: (door: JsonDoor, place: Place) => Promise<unknown>;
  readonly grpcurl: (door: JsonDoor, place: Place) => Promise<unknown>;
  readonly sdk: (place: Place) => Promise<unknown>;
  /** Where people use the terminal for it. */
  readonly cli?: (reeve: Reeve, place: Place) => Promise<unknown>;
  readonly expected: unknown;
}

/** Runs a command of the real CLI to its end, for an organisation; answers with what it says as JSON. */
export type Reeve = (...argv: readonly string[]) => Promise<unknown>;

function reeveAt(address: string, org: string): Reeve {
  return async (...argv) => {
    const args = [MAIN, ...argv, '--address', address, '--org', org, '--output', 'json'];
    const { code, stdout, stderr } = await runTool(process.execPath, args);
    if (code !== 0) throw new Error(`reeve ${argv.join(' ')}: exit code ${code}: ${stdout} ${stderr}`);
    return JSON.parse(stdout);
  };
}

/** The same steps for both tools that speak JSON. */
export function json(steps: Row['curl']): Pick<Row, 'curl' | 'grpcurl'> {
  return { curl: steps, grpcurl: steps };
}

/** One real coordinator, and each row through each door. @param args of `reeve dev` */
export function showRows(rows: readonly Row[], args: readonly string[] = []): void {
  let coordinator: CoordinatorProcess;
  beforeAll(async () => {
    coordinator = await startCoordinator({ args });
  }, 90_000);
  afterAll(async () => {
    await coordinator?.stop();
  });

  function place(): Place {
    const { address } = coordinator;
    const org = `org-${randomUUID()}`;
    const client = createClient({ address, org });
    onTestFinished(() => client.close());
    return {
      coordinator,
      org,
      client,
      agent(agentId, options) {
        const log = { debug() {}, info() {}, warn() {}, error() {} };
        const made = agent({ agentId, address, org, log, ...options });
        made.on('error', () => {});
        onTestFinished(() => made.stop({ graceMs: 0 }));
        return made;
      },
    };
  }

  describe.each(rows)('$shows', { timeout: 60_000 }, (row) => {
    test('by curl', async () => {
      const here = place();
      const door = curlDoor(coordinator.httpAddress ?? '', here.org);
      expect(await row.curl(door, here)).toEqual(row.expected);
    });
    test('by grpcurl', async () => {
      const here = place();
      const door = grpcurlDoor(coordinator.address, here.org);
      expect(await row.grpcurl(door, here)).toEqual(row.expected);
    });
    test('by the SDK', async () => {
      expect(await row.sdk(place())).toEqual(row.expected);
    });
    const { cli } = row;
    if (!cli) return;
    // Each command is a process of its own.
    test('by the CLI', { timeout: 150_000 }, async () => {
      const here = place();
      expect(await cli(reeveAt(coordinator.address, here.org), here)).toEqual(row.expected);
    });
  });
}

const { registerAgent, leaseTasks, acceptLeases, reportResults } = AgentService.method;

/** Registers an agent without a stream. */
export async function register(door: JsonDoor, agentId: string, kinds: readonly string[]): Promise<void> {
  await door.call(registerAgent, { agent: { agentId, capabilities: [...kinds] } });
}

/**
 * Does the next task without a stream; answers with its id, or nothing if there is none.
 *
 * @param resultOf default: it succeeds
 */
export async function doNext(
  door: JsonDoor,
  agentId: string,
  resultOf: (assignment: Assignment) => MessageInitShape<typeof TaskResultSchema> = () => ({
    outcome: Outcome.SUCCEEDED,
  }),
): Promise<string | undefined> {
  const maxWait = { seconds: 10n };
  const { assignments } = await door.call(leaseTasks, { agentId, maxTasks: 1, maxWait });
  const [assignment] = assignments;
  const claim = assignment?.claim;
  if (!assignment || !claim) return undefined;
  await door.call(acceptLeases, { agentId, claims: [claim] });
  const result = resultOf(assignment);
  await door.call(reportResults, { agentId, results: [{ claim, resultId: randomUUID(), result }] });
  return claim.taskId;
}

/** Submits a task; answers with it. */
export async function submit(door: JsonDoor, task: { kind: string; [field: string]: unknown }) {
  const answer = await door.call(CoordinatorService.method.submitTask, { task });
  if (!answer.task) throw new Error('there is no task in the answer');
  return answer.task;
}

/** All of an iterable. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}
