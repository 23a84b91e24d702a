/** Types and checks that agents and those who talk to them share. */
export {
  AGENT_FEATURES,
  type AgentFeature,
  type FeatureLevel,
  type FeatureReport,
  type FeatureState,
} from './agent-features.ts';
export { AgentError, PROTOCOL_ERRORS, type ProtocolErrorCode } from './errors.ts';
export { CAPABILITY_NAMES } from './linux-names.ts';
export { parseTaskSpec } from './parse-task-spec.ts';
export type { KillOptions, LogChunk, LogQuery, TaskRuntime } from './task-runtime.ts';
export type {
  CpuMode,
  PreStopHook,
  ResourceLimit,
  TaskImage,
  TaskLogs,
  TaskMetadata,
  TaskNetwork,
  TaskResources,
  TaskSecurity,
  TaskSpec,
} from './task-spec.ts';
export {
  FINISH_REASONS,
  type FinishReason,
  TASK_STATES,
  type TaskState,
  type TaskStatus,
} from './task-status.ts';
