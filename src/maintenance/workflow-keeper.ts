import { byOrg } from '../domain/by-org.js';
import type { WorkflowKey, WorkflowRecord } from '../ports/workflow-record.js';
import { requestCancels } from '../usecases/cancel-tasks.js';
import type { Ports } from '../usecases/ports.js';
import type { Service } from './service.js';
import { createTicker } from './ticker.js';

const DUE_EVERY_MS = 250;
const STRAYS_EVERY_MS = 3_000;
const BATCH = 500;

export interface WorkflowKeeperOptions {
  readonly ports: Ports;
  readonly workflows: Pick<WorkflowRecord, 'listDue' | 'listStrays'>;
  /** Told of those that are due. */
  readonly onDue: (keys: readonly WorkflowKey[]) => void;
}

/** What one coordinator does for the workflows of all: it finds those that nobody has looked at. */
export function createWorkflowKeeper({ ports, workflows, onDue }: WorkflowKeeperOptions): Service {
  const { clock, log } = ports;
  const every = (name: string, everyMs: number, tick: () => Promise<boolean>) =>
    createTicker({ name, clock, log, everyMs, tick });
  const services = [
    every('workflows-due', DUE_EVERY_MS, async () => {
      const due = await workflows.listDue(BATCH);
      if (due.length > 0) onDue(due);
      return false;
    }),
    every('workflow-strays', STRAYS_EVERY_MS, async () => {
      const strays = await workflows.listStrays(BATCH);
      let changed = 0;
      for (const [org, ofOrg] of byOrg(strays)) {
        const items = ofOrg.map(({ taskId, series }) => {
          return { taskId, series, reason: 'its workflow is over', graceMs: null };
        });
        const outcomes = await requestCancels(ports)({ org, subject: '' }, items);
        changed += outcomes.filter((outcome) => outcome.kind === 'OK' && outcome.changed).length;
      }
      return strays.length === BATCH && changed > 0;
    }),
  ];
  return {
    start() {
      for (const service of services) service.start();
    },
    async stop() {
      for (const service of services) await service.stop();
    },
  };
}
