import type { Size } from './simulate.js';

/** The command that runs one schedule again and prints its history. */
export function replayCommand(seed: number, { coordinators, agents, tasks }: Size): string {
  return `npm run simulate -- --schedules 1 --seed ${seed} --coordinators ${coordinators} --agents ${agents} --tasks ${tasks}`;
}
