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
      return tasks.map(({ org, taskId }) => {
        return { kind: 'SUBMITTED', change: { org, taskId, seq: 1, state: 'QUEUED' }, lease: null };
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
