import { type AtSize, atSizes } from './backlog.js';
import { flood } from './measures/flood.js';
import { connectAndWeigh } from './measures/idle-memory.js';
import { openLoop } from './measures/open-loop.js';
import type { Plan } from './plan.js';
import { startProgram } from './program.js';
import type { System } from './rig.js';

/** Tasks that all agents together take at once, where one does not suffice for more agents than that. */
const SLOTS = 1_000;
/** Of a flood, and of tasks that come one by one. */
const CAPABILITIES = 'bench.noop,bench.timed';
/** A second, one by one: so that messages are as small for few agents as they are for many. */
const STEADY_RATE = 500;

/** Throughput, CPU a task and memory an agent with that many agents, each of which could have every task. */
export function compareFleetSizes(
  plan: Plan,
  systems: readonly System[],
  say: (text: string) => void,
): Promise<readonly AtSize[]> {
  return atSizes(plan, systems, say, async (rig, size) => {
    const slots = Math.max(1, Math.ceil(SLOTS / size));
    const agents = await startProgram('many-agents', [rig.address, CAPABILITIES, String(slots)]);
    rig.adopt(agents);
    const [coordinator = 0] = rig.parts.coordinator ?? [];
    const idleKib = await connectAndWeigh(coordinator, agents, size);
    await flood(rig, { ...plan, tasks: plan.warmUp });
    const { tasksPerSecond, cpu, cpuMicrosPerTask } = await flood(rig, plan);
    const steady = await openLoop(rig, { rate: STEADY_RATE, seconds: plan.seconds });
    return { tasksPerSecond, cpu, cpuMicrosPerTask, idleKib, steadyCpu: steady.cpu };
  });
}
