import type { LoadReport as ProtoLoadReport } from '@reeve/sdk/protocol';
import type { LoadReport } from '../../domain/agents/agent.js';

export function toLoadReport(load: ProtoLoadReport | undefined): LoadReport | null {
  if (!load) return null;
  const { cpu, memory, gpu, activeConnections, pendingTasks } = load;
  return {
    cpu: cpu ?? null,
    memory: memory ?? null,
    gpu: gpu ?? null,
    activeConnections: activeConnections ?? null,
    pendingTasks: pendingTasks ?? null,
  };
}
