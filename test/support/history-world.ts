import { setMaxListeners } from 'node:events';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { type Client, createClient } from '@reeve/sdk';
import { vi } from 'vitest';
import { check } from './checker.js';
import { readThroughApi, readThroughSql } from './checker-read.js';
import type { Violation } from './checker-record.js';
import { type CoordinatorProcess, startCoordinator } from './coordinator-process.js';
import { type History, type HistoryEntry, openHistory, readHistory } from './history.js';
import { createHistoryAgent, type HistoryAgentOptions } from './history-agent.js';
import { type Job, runJobs } from './history-client.js';
import { startSdkAgent } from './history-processes.js';
import { runWorkflows } from './run-workflows.js';
import { temporaryFolder } from './temporary-folder.js';
import type { WorkflowJob } from './workflow-jobs.js';

export interface WorldOptions {
  /** A data folder to start from, which saves creating one. */
  readonly template?: string;
  /** Default 2 s, so short that lost leases come to an end within a test. */
  readonly leaseTtl?: string;
  /** Default 1 s. */
  readonly acceptTimeout?: string;
}

const OPEN_STATES = ['BLOCKED', 'SCHEDULED', 'QUEUED', 'ASSIGNED', 'RUNNING', 'CANCELLING'] as const;

/** Starting takes a few seconds, and many times that where everything else runs besides. */
const START_MS = 120_000;

/** One data folder, the coordinators that live in it one after the other, and those who talk to them. */
export interface World {
  readonly dataDir: string;
  readonly historyFolder: string;
  /** Starts a coordinator on the folder, always at the same address. */
  startCoordinator(failpoints?: string): Promise<CoordinatorProcess>;
  client(): Client;
  history(by: string, onEntry?: (entry: HistoryEntry) => void): History;
  wireAgent(agentId: string, options?: Partial<HistoryAgentOptions>): Promise<void>;
  sdkAgent(agentId: string): ReturnType<typeof startSdkAgent>;
  /** Resolves when no task of the record is open. */
  allEnded(timeoutMs?: number): Promise<void>;
  /**
   * Checks through the API, stops everything in order, checks again through SQL.
   *
   * `tasks`: those that are part of no workflow.
   */
  checked(): Promise<{ violations: Violation[]; tasks: number; exitCode: number | null }>;
  /** Submits jobs and does with them what they say; ends early when the world is closed. */
  run(jobs: readonly Job[], options: { concurrency: number; history: History }): Promise<void>;
  /** The same with workflows. */
  runWorkflows(
    jobs: readonly WorkflowJob[],
    options: { concurrency: number; history: History },
  ): Promise<void>;
  /** Ends whatever still runs. */
  close(): void;
}

export function createWorld(options: WorldOptions = {}): World {
  const { template, leaseTtl = '2s', acceptTimeout = '1s' } = options;
  const args = ['--lease-ttl', leaseTtl, '--accept-timeout', acceptTimeout];
  args.push('--ping-interval', '1s', '--stop-grace', '2s');
  const dataDir = temporaryFolder('crash');
  const historyFolder = temporaryFolder('history');
  if (template) copyDataFolder(template, dataDir);
  const closers: (() => void)[] = [];
  let coordinator: CoordinatorProcess | undefined;
  let client: Client | undefined;
  const closing = new AbortController();
  // Every job that pauses listens to it.
  setMaxListeners(0, closing.signal);
  const address = () => {
    if (!coordinator) throw new Error('no coordinator was started');
    return coordinator.address;
  };

  const world: World = {
    dataDir,
    historyFolder,
    async startCoordinator(failpoints = '') {
      const started = await startCoordinator({
        dataDir,
        args,
        ...(coordinator && { address: coordinator.address }),
        env: { REEVE_FAILPOINTS: failpoints },
        timeoutMs: START_MS,
      });
      coordinator = started;
      return started;
    },
    client() {
      client ??= createClient({ address: address(), timeoutMs: 5_000 });
      return client;
    },
    history: (by, onEntry) => openHistory(historyFolder, by, onEntry),
    async wireAgent(agentId, options = {}) {
      const history = openHistory(historyFolder, agentId);
      const agent = createHistoryAgent({ address: address(), agentId, history, ...options });
      closers.push(() => agent.stop());
      await agent.start();
    },
    sdkAgent(agentId) {
      const agent = startSdkAgent(address(), agentId, historyFolder);
      closers.push(() => agent.stop());
      return agent;
    },
    async allEnded(timeoutMs = 90_000) {
      const isEmpty = async () => {
        const open: string[] = [];
        for await (const task of world.client().list({ states: [...OPEN_STATES] })) {
          open.push(`${task.taskId} ${task.kind} ${task.state} epoch ${task.epoch}`);
        }
        if (open.length > 0) throw new Error(`${open.length} tasks have not ended:\n${open.join('\n')}`);
      };
      await vi.waitFor(isEmpty, { timeout: timeoutMs, interval: 250 });
    },
    async checked() {
      const seen = await readThroughApi(world.client());
      for (const close of closers.splice(0)) close();
      const exit = await coordinator?.stop();
      const history = readHistory(historyFolder);
      const stored = await readThroughSql(dataDir);
      return {
        violations: [...check(history, seen), ...check(history, stored)],
        tasks: stored.tasks.filter(({ workflowId }) => workflowId === undefined).length,
        exitCode: exit?.code ?? null,
      };
    },
    run(jobs, { concurrency, history }) {
      const done = runJobs(world.client(), history, jobs, { concurrency, signal: closing.signal });
      // A test that fails before it awaits its load reports its own failure, not this one.
      done.catch(() => {});
      return done;
    },
    runWorkflows(jobs, { concurrency, history }) {
      const done = runWorkflows(world.client(), history, jobs, { concurrency, signal: closing.signal });
      done.catch(() => {});
      return done;
    },
    close() {
      closing.abort();
      for (const close of closers.splice(0)) close();
      coordinator?.kill();
      client?.close();
    },
  };
  return world;
}

/** A data folder of a coordinator that was started once and stopped in order. */
export async function createTemplate(): Promise<string> {
  const coordinator = await startCoordinator({ timeoutMs: START_MS });
  await coordinator.stop();
  return coordinator.dataDir;
}

function copyDataFolder(from: string, to: string): void {
  cpSync(from, to, { recursive: true, filter: (source) => path.extname(source) !== '.sock' });
}
