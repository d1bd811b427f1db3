import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from '@reeve/sdk';
import { type Coordinator, startCoordinator } from './coordinator.js';
import type { Figures, Flood } from './figures.js';
import type { Plan } from './plan.js';
import { monotonicMs, type Program, startProgram } from './program.js';
import type { ReadBack } from './programs/read-back.js';
import { median, quantile } from './statistics.js';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
/** Tasks before anything is measured. */
const WARM_UP = 10_000;
/** How long the rate of the latency measurement is kept up before it, in s: single tasks take other paths than batches. */
const WARM_UP_SECONDS = 10;
/** Agents that are connected before memory is compared. */
const SHARED = 100;
const OPEN = ['QUEUED', 'SCHEDULED', 'ASSIGNED', 'RUNNING', 'CANCELLING'] as const;

/**
 * Measures `reeve dev`: memory of idle agents, throughput, latency at a rate; then counts. Latency
 * comes after the throughput: for its first ten seconds or so a young database runs on code
 * that is not optimised yet.
 */
export async function runEmbedded(plan: Plan): Promise<Figures> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'reeve-bench-'));
  try {
    return await measure(plan, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(plan: Plan, folder: string): Promise<Figures> {
  const ackedFile = path.join(folder, 'acked');
  writeFileSync(ackedFile, '');
  say(`memory of ${plan.idleAgents} idle agents`);
  const kibPerIdleAgent = await idleMemory(plan.idleAgents, path.join(folder, 'idle'));
  say('starting the coordinator');
  const coordinator = await startCoordinator(path.join(folder, 'data'), plan.profile);
  const { address } = coordinator;
  const programs: Program[] = [];
  const start = async (name: string, ...args: string[]) => {
    const program = await startProgram(name, args);
    programs.push(program);
    return program;
  };
  const agents = await Promise.all(
    Array.from({ length: plan.agents }, (_, n) => start('agent', address, `bench-${n}`, String(plan.slots))),
  );
  const client = await start('client', address, String(plan.payloadBytes), ackedFile);
  const watcher = createClient({ address, timeoutMs: 60_000 });

  say('warming up');
  await flood(plan, WARM_UP, { coordinator, client, agents, watcher });
  const runs: Flood[] = [];
  for (let run = 1; run <= plan.runs; run++) {
    say(`throughput, run ${run} of ${plan.runs}`);
    runs.push(await flood(plan, plan.tasks, { coordinator, client, agents, watcher }));
  }
  say(`latency at ${plan.rate}/s for ${plan.seconds} s`);
  const delays = await latency(plan, client, agents, watcher);
  watcher.close();
  for (const program of programs) await program.stop();
  await coordinator.stop();
  say('reading back');
  const reader = await startProgram('read-back', [coordinator.dataDir, ackedFile]);
  const record = await reader.ask<ReadBack>({});
  await reader.stop();
  return {
    name: 'reeve embedded',
    version,
    durability: 'kill -9 loses nothing acknowledged; a power cut can (no fsync)',
    tasksPerSecond: median(runs.map((run) => run.tasksPerSecond)),
    cpuMicrosPerTask: median(runs.map((run) => run.cpuMicrosPerTask)),
    p50Ms: quantile(delays, 0.5),
    p99Ms: quantile(delays, 0.99),
    lost: record.lost,
    duplicated: record.duplicated,
    kibPerIdleAgent,
    runs,
    record,
    plan: { ...plan, json: path.basename(plan.json) },
  };
}

interface Parts {
  readonly coordinator: Coordinator;
  readonly client: Program;
  readonly agents: readonly Program[];
  readonly watcher: Client;
}

/** From the first submission until the last result is in the record. */
async function flood(
  plan: Plan,
  tasks: number,
  { coordinator, client, agents, watcher }: Parts,
): Promise<Flood> {
  const { batch, inFlight } = plan;
  const before = await handledBy(agents);
  const cpu = coordinator.cpuMicros();
  const { startMs, ackedMs } = await client.ask<{ startMs: number; ackedMs: number }>({
    do: 'flood',
    tasks,
    batch,
    inFlight,
  });
  while ((await handledBy(agents)) - before < tasks) await sleep(5);
  await noneOpen(watcher);
  const endMs = monotonicMs();
  return {
    tasksPerSecond: (tasks * 1_000) / (endMs - startMs),
    acknowledgedPerSecond: (tasks * 1_000) / (ackedMs - startMs),
    cpuMicrosPerTask: (coordinator.cpuMicros() - cpu) / tasks,
  };
}

/** From the intended time of each submission until its handler runs, in ms. */
async function latency(plan: Plan, client: Program, agents: readonly Program[], watcher: Client) {
  const { rate, seconds } = plan;
  const load = async (forSeconds: number) => {
    await client.ask({ do: 'open-loop', rate, seconds: forSeconds });
    await noneOpen(watcher);
  };
  await load(WARM_UP_SECONDS);
  await Promise.all(agents.map((agent) => agent.ask({ question: 'delays' })));
  await load(seconds);
  const answers = await Promise.all(
    agents.map((agent) => agent.ask<{ delays: number[] }>({ question: 'delays' })),
  );
  return answers.flatMap(({ delays }) => delays);
}

/** In a coordinator of its own: what a flood leaves behind would hide it. */
async function idleMemory(count: number, dataDir: string): Promise<number> {
  const coordinator = await startCoordinator(dataDir, undefined);
  const idle = await startProgram('idle-agents', [coordinator.address]);
  // The first ones grow what all share.
  await idle.ask({ from: 0, to: SHARED });
  const before = await settledBytes(coordinator);
  await idle.ask({ from: SHARED, to: SHARED + count });
  const after = await settledBytes(coordinator);
  await idle.stop();
  await coordinator.stop();
  return (after - before) / 1024 / count;
}

/** The least of resident memory over three seconds: collections come and go. */
async function settledBytes(coordinator: Coordinator): Promise<number> {
  const seen: number[] = [];
  for (let n = 0; n < 12; n++) {
    await sleep(250);
    seen.push(coordinator.residentBytes());
  }
  return Math.min(...seen);
}

async function handledBy(agents: readonly Program[]): Promise<number> {
  const answers = await Promise.all(
    agents.map((agent) => agent.ask<{ handled: number }>({ question: 'count' })),
  );
  return answers.reduce((sum, { handled }) => sum + handled, 0);
}

async function noneOpen(watcher: Client): Promise<void> {
  for (;;) {
    let open = false;
    for await (const _task of watcher.list({ states: [...OPEN], limit: 1 })) open = true;
    if (!open) return;
    await sleep(10);
  }
}

function say(text: string): void {
  process.stderr.write(`  ${text}\n`);
}
