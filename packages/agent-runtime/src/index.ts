/** The Linux agent: turns a host into an agent that runs tasks in real containers. */
export { Agent } from './agent/agent.ts';
export type { AgentCondition } from './agent/agent-condition.ts';
export { agentId } from './agent/agent-file.ts';
export type { AdoptionOutcome, AgentObserver } from './agent/agent-observer.ts';
export type { AgentOptions } from './agent/agent-options.ts';
export type { Fence } from './agent/fences.ts';
export type { Orphan, ReaperLimits } from './agent/reaper.ts';
export type { StateFiles } from './agent/state-files.ts';
export type { StateLock } from './agent/state-lock.ts';
export { DEFAULT_STEP_LIMITS, type StepLimits } from './agent/step-limits.ts';
export { AwsCallError, type AwsFailureKind } from './aws/aws-errors.ts';
export type { AwsCallOptions, AwsRetryOptions, AwsTiming } from './aws/aws-caller.ts';
export { type Ec2Api, loadEc2 } from './aws/ec2-api.ts';
export { connectEc2Vpc, type Ec2VpcOptions } from './aws/ec2-connection.ts';
export { Ec2VpcDriver } from './aws/ec2-vpc-driver.ts';
export { EniUplink, type EniUplinkOptions } from './aws/eni-uplink.ts';
export { type InstanceIdentity, readInstanceIdentity } from './aws/instance-identity.ts';
export type { AwsClientOptions } from './aws/sdk-loading.ts';
export { loadSts, type StsApi, StsRoleAssumer } from './aws/sts-role-assumer.ts';
export { UplinkedVpc } from './aws/uplinked-vpc.ts';
export {
  type CommandEnd,
  type ContainerBackend,
  type ContainerExit,
  type FoundContainer,
  InvalidContainerError,
  type LiveContainer,
  UnavailableError,
} from './contract/container-backend.ts';
export type {
  ContainerMount,
  ContainerSecurity,
  ContainerSpec,
  CpuLimits,
  Image,
  LogPolicy,
} from './contract/container-spec.ts';
export type { Contribution, Facility } from './contract/facility.ts';
export { CpuFacility, type CpuFacilityOptions, type CpuState } from './cpu/cpu-facility.ts';
export type { CpuHost } from './cpu/cpu-host.ts';
export { greedyPlacement } from './cpu/greedy-placement.ts';
export {
  admit,
  costOf,
  countsOf,
  type CpuPlacement,
  type CpuWorkload,
  type PlacementCounts,
  type PlacementRequest,
} from './cpu/placement.ts';
export { PlacementOptimizer } from './cpu/placement-optimizer.ts';
export { type CpuTopology, keepCpus, readTopology, syntheticTopology } from './cpu/topology.ts';
export { DockerBackend, type DockerBackendOptions } from './docker/docker-backend.ts';
export type { RegistryCredentials } from './docker/engine-calls.ts';
export { AGENT_RUNTIME_ERRORS, type AgentRuntimeErrorCode } from './errors.ts';
export { mergeFeatures, type ProvidedFeatures } from './features/feature-report.ts';
export { type HostFacts, hostFeatures } from './features/host-facts.ts';
export { type HostProbeOptions, probeHost } from './features/host-probe.ts';
export { refusal } from './features/refusal.ts';
export { type FeatureNeed, featureNeeds, requiredFeatures } from './features/required-features.ts';
export { clockCheck, type ClockCheckOptions } from './health/clock-check.ts';
export type { HealthCheck } from './health/health-check.ts';
export {
  HealthMonitor,
  type HealthMonitorOptions,
  type HealthReason,
  type HealthReport,
  type HealthState,
  type WatchedCheck,
} from './health/health-monitor.ts';
export { KernelLog } from './health/kernel-log.ts';
export { KERNEL_TROUBLES, kernelLogCheck, type KernelLogCheckOptions } from './health/kernel-log-check.ts';
export {
  diskCheck,
  type DiskCheckOptions,
  memoryCheck,
  type MemoryCheckOptions,
} from './health/resource-checks.ts';
export { engineCheck, registryCheck, type RegistryCheckOptions } from './health/service-checks.ts';
export type { CgroupController, CgroupPaths } from './host/cgroup.ts';
export { type Clock, SYSTEM_CLOCK } from './host/clock.ts';
export type { Placement } from './metadata/metadata-documents.ts';
export { MetadataFacility, type MetadataFacilityOptions } from './metadata/metadata-facility.ts';
export {
  type AssumeRoleRequest,
  type RoleAssumer,
  type RoleCredentials,
  RoleDeniedError,
} from './metadata/role-assumer.ts';
export { AgentMetrics, type AgentMetricsOptions } from './metrics/agent-metrics.ts';
export type { LiveTask } from './metrics/container-metrics.ts';
export { readContainerUsage, type UsageSubject } from './metrics/container-usage.ts';
export type { MeasuredFacilities } from './metrics/facility-metrics.ts';
export { type MetricsAddress, MetricsServer, type MetricsServerOptions } from './metrics/metrics-server.ts';
export type { ContainerUsage, UsageNumber } from './metrics/usage-numbers.ts';
export { InterfacePool, type InterfacePoolOptions } from './network/interface-pool.ts';
export { LocalVpc, type LocalVpcOptions } from './network/local-vpc.ts';
export { NetworkFacility, type NetworkFacilityOptions } from './network/network-facility.ts';
export type { IngressRule, SecurityGroup } from './network/security-groups.ts';
export type { GroupHolders, VpcDriver, VpcInterface, VpcLimits, VpcSubnet } from './network/vpc-driver.ts';
export type { ImageStoreOptions } from './runc/image-store.ts';
export { RuncBackend, type RuncBackendOptions } from './runc/runc-backend.ts';
export type { UserRangeOptions } from './runc/user-ranges.ts';
export type {
  AgentSetup,
  AwsNetworkSetup,
  DockerSetup,
  HostMinimums,
  LocalNetworkSetup,
  RuncSetup,
  StsRolesSetup,
} from './setup/agent-setup.ts';
export { HostAgent } from './setup/host-agent.ts';
export { type AgentExtras, openAgent, removeAgent } from './setup/open-agent.ts';
