/**
 * Which roles may call what. Every RPC of every service has an entry, by its full name; what
 * has none is refused to everybody. `admin` may call everything that has an entry.
 */
export const ROLES = ['viewer', 'submitter', 'agent', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

const READERS: readonly Role[] = ['viewer', 'submitter', 'agent', 'operator'];
const SUBMITTERS: readonly Role[] = ['submitter', 'agent', 'operator'];
const AGENTS: readonly Role[] = ['agent', 'operator'];

export const PERMISSIONS: Readonly<Record<string, readonly Role[]>> = {
  'reeve.v1.CoordinatorService.SubmitTask': SUBMITTERS,
  'reeve.v1.CoordinatorService.BatchSubmitTasks': SUBMITTERS,
  'reeve.v1.CoordinatorService.GetTask': READERS,
  'reeve.v1.CoordinatorService.ListTasks': READERS,
  'reeve.v1.CoordinatorService.WaitTask': READERS,
  'reeve.v1.CoordinatorService.WatchTasks': READERS,
  'reeve.v1.CoordinatorService.UpdateTask': SUBMITTERS,
  'reeve.v1.CoordinatorService.CancelTask': SUBMITTERS,
  'reeve.v1.CoordinatorService.RetryTask': SUBMITTERS,
  'reeve.v1.CoordinatorService.ListTaskEvents': READERS,
  'reeve.v1.AgentService.RegisterAgent': AGENTS,
  'reeve.v1.AgentService.DeregisterAgent': AGENTS,
  'reeve.v1.AgentService.GetAgent': READERS,
  'reeve.v1.AgentService.ListAgents': READERS,
  'reeve.v1.AgentService.UpdateAgentStatus': AGENTS,
  'reeve.v1.AgentService.Heartbeat': AGENTS,
  'reeve.v1.AgentService.Work': AGENTS,
  'reeve.v1.AgentService.LeaseTasks': AGENTS,
  'reeve.v1.AgentService.AcceptLeases': AGENTS,
  'reeve.v1.AgentService.RenewLeases': AGENTS,
  'reeve.v1.AgentService.ReleaseLeases': AGENTS,
  'reeve.v1.AgentService.ReportProgress': AGENTS,
  'reeve.v1.AgentService.ReportResults': AGENTS,
  'reeve.v1.AgentService.GetServerInfo': READERS,
};

/** @param method `package.Service.Method` */
export function mayCall(roles: readonly string[], method: string): boolean {
  const allowed: readonly string[] | undefined = Object.hasOwn(PERMISSIONS, method)
    ? PERMISSIONS[method]
    : undefined;
  if (!allowed) return false;
  return roles.some((role) => role === 'admin' || allowed.includes(role));
}
