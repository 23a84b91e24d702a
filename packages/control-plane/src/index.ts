export { type Clock, systemClock } from './clock.ts';
export type { CycleResult, ServiceFailure, ServicePlacement, ServicePreemption } from './cycle-result.ts';
export { CONTROL_PLANE_ERRORS, type ControlPlaneErrorCode } from './errors.ts';
export { SchedulingService } from './scheduling-service.ts';
export type { ResourceLoad, ServiceMetrics, TierLoad } from './service-metrics.ts';
export type { SchedulingServiceOptions } from './service-options.ts';
export type { QueuedServiceTask, ServiceTask } from './service-task.ts';
export { type MeteredService, registerMetrics } from './telemetry.ts';
export { WAIT_THRESHOLDS_MS, type WaitCounts } from './wait-histogram.ts';
