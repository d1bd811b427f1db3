/**
 * The generated protocol: every message, enum and service of `reeve.v1`, and the
 * `google.rpc` messages that errors carry. Server, SDK and browser share this one copy.
 */
export * from './gen/google/rpc/code_pb.js';
export * from './gen/google/rpc/error_details_pb.js';
export * from './gen/google/rpc/status_pb.js';
export * from './gen/reeve/v1/agent_filter_pb.js';
export * from './gen/reeve/v1/agent_pb.js';
export * from './gen/reeve/v1/agent_service_pb.js';
export * from './gen/reeve/v1/agent_watch_pb.js';
export * from './gen/reeve/v1/claim_pb.js';
export * from './gen/reeve/v1/config_pb.js';
export * from './gen/reeve/v1/config_service_pb.js';
export * from './gen/reeve/v1/config_steering_pb.js';
export * from './gen/reeve/v1/constraints_pb.js';
export * from './gen/reeve/v1/coordinator_service_pb.js';
export * from './gen/reeve/v1/directory_pb.js';
export * from './gen/reeve/v1/directory_steering_pb.js';
export * from './gen/reeve/v1/job_kind_pb.js';
export * from './gen/reeve/v1/job_kind_steering_pb.js';
export * from './gen/reeve/v1/lease_pb.js';
export * from './gen/reeve/v1/operation_pb.js';
export * from './gen/reeve/v1/payload_pb.js';
export * from './gen/reeve/v1/policy_pb.js';
export * from './gen/reeve/v1/policy_service_pb.js';
export * from './gen/reeve/v1/policy_steering_pb.js';
export * from './gen/reeve/v1/queue_pb.js';
export * from './gen/reeve/v1/role_directory_service_pb.js';
export * from './gen/reeve/v1/task_approval_pb.js';
export * from './gen/reeve/v1/task_bulk_pb.js';
export * from './gen/reeve/v1/task_event_pb.js';
export * from './gen/reeve/v1/task_explanation_pb.js';
export * from './gen/reeve/v1/task_filter_pb.js';
export * from './gen/reeve/v1/task_pb.js';
export * from './gen/reeve/v1/task_reading_pb.js';
export * from './gen/reeve/v1/task_spec_pb.js';
export * from './gen/reeve/v1/task_steering_pb.js';
export * from './gen/reeve/v1/task_submission_pb.js';
export * from './gen/reeve/v1/task_watch_pb.js';
export * from './gen/reeve/v1/work_pb.js';
