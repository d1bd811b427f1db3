import type { Message } from '@bufbuild/protobuf';
import { type Client, createClient } from '@reeve/sdk';
import {
  AgentService,
  type Claim,
  type ReportResults,
  type ReportResultsRequest,
  ReportResultsRequestSchema,
  type ResultAck,
  type ResultReport,
  ResultVerdict,
  type WorkRequest,
  WorkRequestSchema,
} from '@reeve/sdk/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Coordinator } from '../../src/coordinator.js';
import { connect } from '../api/support/grpc-client.js';
import { type BadRequest, badRequests } from '../support/bad-input/bad-requests.js';
import { type Door, grpcDoor, httpDoor } from '../support/bad-input/doors.js';
import { openEmbedded } from '../support/embedded.js';
import { RawAgent } from '../support/raw-agent.js';

const { reportResults, leaseTasks, registerAgent } = AgentService.method;

let coordinator: Coordinator;
let client: Client;

beforeAll(async () => {
  coordinator = await openEmbedded();
  client = createClient({ address: coordinator.address });
});
afterAll(async () => {
  client.close();
  await coordinator.stop();
});

/** Those that say something wrong of one result, each with what is wrong within it: `result.output.media_type`. */
function badResults(all: readonly BadRequest[], prefix: string) {
  return all
    .filter(({ path }) => path.startsWith(prefix))
    .map((bad) => ({ ...bad, within: bad.at.slice(prefix.length) }));
}

async function submit(kind: string, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => client.submit({ kind })));
}

/** What an acknowledgement of this has to say: which claim is meant is the first thing that must be clear. */
function expected({ within }: { within: string }): string {
  return within.startsWith('claim') ? 'REFUSED claim' : `REFUSED ${within}`;
}

function said({ verdict, message }: Pick<ResultAck, 'message'> & { verdict: unknown }): string {
  const name =
    typeof verdict === 'number' ? ResultVerdict[verdict] : String(verdict).replace('RESULT_VERDICT_', '');
  return `${name} ${message.split(': ')[0]}`;
}

/** Puts the claim of a lease that is held in the place of the sample. */
/** Half of a surrogate pair, but in free JSON, comes to no results at all: it ends the call. */
function isNoText({ rule, at }: BadRequest): boolean {
  return rule === 'SURROGATE' && !at.endsWith('.json');
}

function claimIn(
  report: ResultReport | undefined,
  claim: Claim | undefined,
  { within }: { within: string },
): void {
  if (report && claim && !within.startsWith('claim')) report.claim = claim;
}

test('on a Work stream a result with any broken rule is refused, and the stream goes on', async () => {
  const bad = badResults(badRequests(WorkRequestSchema), 'results.results[0].').filter(
    ({ only }) => only !== 'http',
  );
  expect(bad.length).toBeGreaterThan(20);
  const agent = new RawAgent(coordinator.address);
  await agent.hello('streaming', { capabilities: ['streamed'], slots: bad.length });
  agent.grant(bad.length);
  await submit('streamed', bad.length);
  const assignments = await agent.assignments(bad.length);
  const answers: string[] = [];
  for (const [i, one] of bad.entries()) {
    const { value } = (one.message as WorkRequest).message;
    claimIn((value as ReportResults).results[0], assignments[i]?.claim, one);
    agent.send((one.message as WorkRequest).message as Parameters<RawAgent['send']>[0]);
    const { acks } = await agent.next('resultAcks');
    answers.push(acks.map(said).join());
  }
  expect(answers).toEqual(bad.map(expected));
  agent.close();
});

test.each(['grpc', 'http'] as const)('so it is by the unary call, over %s', async (name) => {
  const bad = badResults(badRequests(ReportResultsRequestSchema), 'results[0].').filter(
    ({ only }) => only === undefined || only === name,
  );
  const door: Door =
    name === 'grpc' ? grpcDoor(coordinator.address) : httpDoor(coordinator.httpAddress ?? '');
  const grpc = connect(coordinator.address);
  const agentId = `by-${name}`;
  await grpc.call(registerAgent, { agent: { agentId, capabilities: [agentId] } });
  await submit(agentId, bad.length);
  const claims: Claim[] = [];
  while (claims.length < bad.length) {
    const { assignments } = await grpc.call(leaseTasks, { agentId, maxTasks: bad.length });
    claims.push(...assignments.flatMap(({ claim }) => claim ?? []));
  }
  const answers: string[] = [];
  for (const [i, one] of bad.entries()) {
    const request = one.message as Message & ReportResultsRequest;
    request.agentId = agentId;
    claimIn(request.results[0], claims[i], one);
    const { code, fields, response } = await door.send(reportResults, request);
    if (isNoText(one)) answers.push(`${code} ${fields}`);
    else answers.push((response as { acks: ResultAck[] }).acks.map(said).join());
  }
  expect(answers).toEqual(bad.map((one) => (isNoText(one) ? `INVALID_ARGUMENT ${one.at}` : expected(one))));
  door.close();
  grpc.close();
});
