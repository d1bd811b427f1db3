import { findTask } from '../../src/memory/record/tables.js';
import type { Planted } from './simulate.js';

/** The fence is gone: a result counts whoever it comes from, whatever claim it names. */
export const NO_FENCE: Planted = {
  record: (record, { tables }) => ({
    ...record,
    settleTasks: (requests) =>
      record.settleTasks(
        requests.map((request) => {
          const { epoch, agentId } = findTask(tables, request) ?? request;
          return { ...request, epoch, agentId: agentId ?? request.agentId };
        }),
      ),
  }),
};

/** Submissions are acknowledged before they are written; one in ten never is, as if the coordinator died in between. */
export const EARLY_ACK: Planted = {
  record: (record, { network }) => ({
    ...record,
    async submitTasks(tasks) {
      const diesFirst = network.chance.happens(0.1) && network.weather.slow > 0;
      if (!diesFirst) return record.submitTasks(tasks);
      return tasks.map(({ org, taskId, score }) => {
        const change = { org, taskId, seq: 1, state: 'QUEUED' } as const;
        return { kind: 'SUBMITTED', change, lease: null, score, band: 'OTHER', urged: [] };
      });
    },
  }),
};

/** A task that comes back from an agent is not put into its lane. */
export const LOST_REQUEUE: Planted = {
  index: (index) => {
    const add: typeof index.add = (tasks) => index.add(tasks.filter((task) => task.lastAgentId === null));
    return new Proxy(index, {
      get(target, name) {
        if (name === 'add') return add;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  },
};

/** What a task waits for is written down, and not looked at. */
export const NO_GATE: Planted = {
  record: (record, { tables }) => ({
    ...record,
    async submitTasks(tasks) {
      const outcomes = await record.submitTasks(
        tasks.map((task) => ({ ...task, spec: { ...task.spec, dependencies: [] } })),
      );
      for (const task of tasks) {
        const row = findTask(tables, task);
        if (row) row.spec = task.spec;
      }
      return outcomes;
    },
  }),
};

/** Chains stop after their second link. */
export const NO_CHAINS: Planted = {
  record: (record) => ({ ...record, settleEdges: async (upstreams) => upstreams.map(() => []) }),
};
