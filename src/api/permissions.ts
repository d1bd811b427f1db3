/**
 * Which roles may call what. Every RPC of every service has an entry, by its full name; what
 * has none is refused to everybody. `admin` may call everything that has an entry.
 */
export const ROLES = ['viewer', 'submitter', 'agent', 'approver', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

const READERS: readonly Role[] = ['viewer', 'submitter', 'agent', 'approver', 'operator'];
const SUBMITTERS: readonly Role[] = ['submitter', 'agent', 'operator'];
const AGENTS: readonly Role[] = ['agent', 'operator'];
const APPROVERS: readonly Role[] = ['approver', 'operator'];
const OPERATORS: readonly Role[] = ['operator'];

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
  'reeve.v1.CoordinatorService.DecideTask': APPROVERS,
  'reeve.v1.CoordinatorService.ListApprovals': READERS,
  'reeve.v1.CoordinatorService.ExplainTask': READERS,
  'reeve.v1.CoordinatorService.GetQueueStats': READERS,
  'reeve.v1.CoordinatorService.PeekQueue': READERS,
  'reeve.v1.CoordinatorService.ClearQueue': OPERATORS,
  'reeve.v1.CoordinatorService.PauseQueue': OPERATORS,
  'reeve.v1.CoordinatorService.ResumeQueue': OPERATORS,
  'reeve.v1.CoordinatorService.BatchCancelTasks': OPERATORS,
  'reeve.v1.CoordinatorService.BatchRetryTasks': OPERATORS,
  'reeve.v1.CoordinatorService.GetOperation': READERS,
  'reeve.v1.CoordinatorService.ListOperations': READERS,
  'reeve.v1.CoordinatorService.WaitOperation': READERS,
  'reeve.v1.CoordinatorService.CancelOperation': OPERATORS,
  'reeve.v1.WorkflowService.StartWorkflow': SUBMITTERS,
  'reeve.v1.WorkflowService.ValidateWorkflow': READERS,
  'reeve.v1.WorkflowService.GetWorkflow': READERS,
  'reeve.v1.WorkflowService.ListWorkflows': READERS,
  'reeve.v1.WorkflowService.WaitWorkflow': READERS,
  'reeve.v1.WorkflowService.WatchWorkflow': READERS,
  'reeve.v1.WorkflowService.ListWorkflowEvents': READERS,
  'reeve.v1.WorkflowService.CancelWorkflow': SUBMITTERS,
  'reeve.v1.WorkflowService.RetryWorkflow': SUBMITTERS,
  'reeve.v1.WorkflowService.UpdateWorkflowContext': SUBMITTERS,
  'reeve.v1.WorkflowService.RestoreWorkflowContext': SUBMITTERS,
  'reeve.v1.ConfigService.GetConfig': READERS,
  'reeve.v1.ConfigService.SetConfig': OPERATORS,
  'reeve.v1.ConfigService.DeleteConfig': OPERATORS,
  'reeve.v1.ConfigService.ListConfig': READERS,
  'reeve.v1.ConfigService.WatchConfig': READERS,
  'reeve.v1.ConfigService.GetEffectiveConfig': READERS,
  'reeve.v1.ConfigService.PutPolicy': OPERATORS,
  'reeve.v1.ConfigService.GetPolicy': READERS,
  'reeve.v1.ConfigService.ListPolicies': READERS,
  'reeve.v1.ConfigService.DeletePolicy': OPERATORS,
  'reeve.v1.ConfigService.TestPolicy': OPERATORS,
  'reeve.v1.ConfigService.PutRole': OPERATORS,
  'reeve.v1.ConfigService.DeleteRole': OPERATORS,
  'reeve.v1.ConfigService.QueryRoles': READERS,
  'reeve.v1.ConfigService.PutSubject': OPERATORS,
  'reeve.v1.ConfigService.DeleteSubject': OPERATORS,
  'reeve.v1.ConfigService.QuerySubjects': READERS,
  'reeve.v1.ConfigService.PutJobKind': OPERATORS,
  'reeve.v1.ConfigService.GetJobKind': READERS,
  'reeve.v1.ConfigService.ListJobKinds': READERS,
  'reeve.v1.ConfigService.DeleteJobKind': OPERATORS,
  'reeve.v1.AgentService.RegisterAgent': AGENTS,
  'reeve.v1.AgentService.DeregisterAgent': AGENTS,
  'reeve.v1.AgentService.GetAgent': READERS,
  'reeve.v1.AgentService.ListAgents': READERS,
  'reeve.v1.AgentService.ListBidders': READERS,
  'reeve.v1.AgentService.WatchAgents': READERS,
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
