/**
 * Reeve's SDK: {@link createClient} for programs that submit tasks, {@link agent} for those that
 * do them.
 */
export { type Agent, agent, type HandleOptions, type StopOptions } from './agent/agent.js';
export type { AuctionedTask, Bidder, OfferedBid } from './agent/bidding.js';
export type { Handler, HandlerContext, HandlerTask, ProgressOptions } from './agent/handler-context.js';
export type { LogFields, Logger } from './agent/log.js';
export type { AgentOptions } from './agent/options.js';
export type { SchemaIssue, SchemaResult, StandardSchema } from './agent/schema.js';
export { TaskError } from './agent/task-error.js';
export type { AgentInfo, AgentInstanceInfo } from './client/agent-info.js';
export type { AgentQuery, AgentsClient, ServerInfo } from './client/agents.js';
export type { ApprovalInfo, ApprovalQuery, ApprovalsClient } from './client/approvals.js';
export type { AuctionInfo, BidderInfo, BidderQuery, BidFate, ExplainedBid } from './client/auctions.js';
export type {
  CancelOptions,
  Client,
  ClientOptions,
  SubmitOutcome,
  TaskChanges,
  TaskGetOptions,
  TaskHandle,
  TaskQuery,
  TaskSelection,
  TaskUpdate,
  WaitOptions,
  WorkflowSelection,
} from './client/client.js';
export type {
  ConfigClient,
  EffectiveParameterInfo,
  ParameterChangeOptions,
  ParameterQuery,
} from './client/config.js';
export { createClient } from './client/create-client.js';
export type {
  DirectoryQuery,
  PutOptions,
  RoleInfo,
  RoleSpec,
  RolesClient,
  SubjectInfo,
  SubjectSpec,
  SubjectsClient,
} from './client/directory.js';
export type {
  ExplainedBlocker,
  ExplainedCandidate,
  ExplainedChange,
  ExplainedPlace,
  ExplainedSelection,
  ExplanationInfo,
} from './client/explanation.js';
export type {
  JobKindInfo,
  JobKindPutOptions,
  JobKindRequest,
  JobKindsClient,
} from './client/job-kinds.js';
export type { OnOptions, Unsubscribe } from './client/on.js';
export type {
  BulkCancelOptions,
  BulkOptions,
  OperationInfo,
  OperationQuery,
  OperationsClient,
  OperationWaitOptions,
} from './client/operations.js';
export type { ParameterInfo, ParameterUpdate } from './client/parameter-info.js';
export type {
  PoliciesClient,
  PolicyInfo,
  PolicyPutOptions,
  PolicyQuery,
  PolicyRequest,
  PolicySample,
  PolicyTraceStep,
  PolicyTrial,
  RemotePolicy,
  SampleCandidate,
} from './client/policies.js';
export type { PolicyDecisionInfo } from './client/policy-decision.js';
export type {
  ClearOptions,
  LaneStats,
  QueueClient,
  QueuedTask,
  QueuePart,
  QueuePauseInfo,
  QueueStats,
  TierStats,
} from './client/queue.js';
export type { TaskFilter } from './client/task-filter.js';
export { TaskCancelledError, TaskFailedError, WaitTimeoutError } from './client/task-outcome.js';
export type { Dependency, RetryPolicy, TaskRequest } from './client/task-request.js';
export type { WatchOptions } from './client/watch.js';
export type { AgentUpdate } from './client/watch-agents.js';
export type { WorkflowUpdate, WorkflowWatchOptions } from './client/watch-workflow.js';
export {
  type WorkflowEventInfo,
  type WorkflowEventType,
  type WorkflowInfo,
  type WorkflowNodeInfo,
  type WorkflowNodeState,
  type WorkflowProgressInfo,
  type WorkflowState,
  workflowHasEnded,
} from './client/workflow-info.js';
export {
  WorkflowFailedError,
  type WorkflowWaitOptions,
  WorkflowWaitTimeoutError,
} from './client/workflow-outcome.js';
export type {
  WorkflowContextPatch,
  WorkflowGetOptions,
  WorkflowHandle,
  WorkflowLike,
  WorkflowProblemInfo,
  WorkflowQuery,
  WorkflowReading,
  WorkflowStartOptions,
  WorkflowsClient,
  WorkflowVerdict,
} from './client/workflows.js';
export {
  type AgentStatus,
  type AgentType,
  type ApprovalVerdict,
  hasEnded,
  type OnPolicyError,
  type OperationState,
  type OperationVerb,
  type PolicyKind,
  type TaskEventType,
  type TaskSource,
  type TaskState,
  type Tier,
} from './names.js';
export { Payload, payload } from './payload.js';
export { type FieldViolation, ReeveError, type ReeveErrorInit } from './transport/errors.js';
export type {
  CheckpointInfo,
  Requirements,
  TaskBriefInfo,
  TaskErrorInfo,
  TaskEventInfo,
  TaskInfo,
  TaskItemInfo,
  WorkflowPlaceInfo,
} from './views.js';
export { type WorkflowBuilder, type WorkflowGroupBuilder, workflow } from './workflows/builder.js';
export type {
  WorkflowDocument,
  WorkflowExpansion,
  WorkflowGroupDocument,
  WorkflowGroupOptions,
  WorkflowOptions,
  WorkflowRetry,
  WorkflowTaskDocument,
  WorkflowTaskSettings,
} from './workflows/document.js';
export {
  type DocumentPath,
  type DocumentProblem,
  pathText,
  WorkflowDocumentError,
} from './workflows/document-error.js';
export { readWorkflow, type TracedWorkflow, traceWorkflow } from './workflows/read-workflow.js';
