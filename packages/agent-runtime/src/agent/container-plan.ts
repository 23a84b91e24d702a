/**
 * Decides everything about a container: from the task's spec, its image, what the facilities contributed and the
 * agent's defaults. A pure function.
 *
 * Environment, later ones win: the agent's constants; what it passes on of its host; the task's resources and names;
 * the image's own; the user's; identity (task, job, image, role); the facilities in order. So a user may override
 * what informs, but not what identifies.
 */
import type { TaskSpec } from '@stowage/protocol';
import { InvalidContainerError } from '../contract/container-backend.ts';
import type { ContainerMount, ContainerSpec, CpuLimits, Image } from '../contract/container-spec.ts';
import type { Contribution } from '../contract/facility.ts';

/**
 * What a task has unless it drops them: enough to install files for other users and to serve a low port. Left out of
 * the engines' usual list: raw sockets, device nodes, chroot, audit records and file capabilities.
 */
export const DEFAULT_CAPABILITIES: readonly string[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_NET_BIND_SERVICE',
  'CAP_SETGID',
  'CAP_SETUID',
];

export const DEFAULT_PIDS = 100_000;
export const DEFAULT_GRACE_MS = 10_000;
const DEFAULT_PRE_STOP_MS = 30_000;
const DEFAULT_OPEN_FILES = 100_000;
const DEFAULT_LOGS = { maxFileBytes: 10 * 1024 * 1024, maxFiles: 4 };
const PERIOD_MICROS = 100_000;
const MIB = 1024 * 1024;

const CONSTANTS: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
};

/** What of the agent goes into containers. */
export interface PlanDefaults {
  readonly agentId: string;
  /** Passed on to every container. */
  readonly hostEnvironment: Readonly<Record<string, string>>;
  /** The highest limit `nofile` that the agent can give. */
  readonly maxOpenFiles: number;
}

/** The longest time of the hook before the stop signal; 0 without a hook. */
export function preStopLimitMs({ preStop }: TaskSpec): number {
  return preStop === undefined ? 0 : (preStop.timeoutMs ?? DEFAULT_PRE_STOP_MS);
}

/** @throws InvalidContainerError when there is no command */
export function planContainer(
  spec: TaskSpec,
  image: Image,
  contributions: readonly Contribution[],
  defaults: PlanDefaults,
): ContainerSpec {
  const { resources, security = {}, logs = {} } = spec;
  const cpu = contributions.findLast((contribution) => contribution.cpu !== undefined)?.cpu;
  return {
    id: spec.taskId,
    image,
    args: argsOf(spec, image),
    environment: environmentOf(spec, image, contributions, defaults),
    workingDirectory: spec.workingDirectory ?? (image.workingDirectory || '/'),
    user: spec.user ?? image.user,
    labels: labelsOf(spec, contributions, defaults),
    hostname: spec.taskId,
    cpu: cpu ?? plainCpuLimits(spec),
    memoryBytes: resources.memoryMiB * MIB,
    pids: resources.pids ?? DEFAULT_PIDS,
    ...(resources.diskMiB !== undefined && { diskBytes: resources.diskMiB * MIB }),
    limits: limitsOf(spec, defaults),
    oomScoreAdjust: 1_000,
    security: {
      userNamespace: security.userNamespace ?? true,
      seccomp: security.seccomp ?? 'default',
      capabilities: capabilitiesOf(spec),
      readOnlyRoot: security.readOnlyRoot ?? false,
      noNewPrivileges: security.noNewPrivileges ?? true,
    },
    mounts: mountsOf(spec, contributions),
    network: spec.network?.mode === 'host' ? 'host' : 'none',
    logs: { ...DEFAULT_LOGS, ...logs },
    stopSignal: spec.stopSignal ?? image.stopSignal ?? 'SIGTERM',
  };
}

/** As in the OCI image specification: a new entrypoint also clears the image's command. */
function argsOf(spec: TaskSpec, image: Image): readonly string[] {
  const command = spec.command ?? (spec.entrypoint === undefined ? image.command : []);
  const args = [...(spec.entrypoint ?? image.entrypoint), ...command];
  if (args.length === 0)
    throw new InvalidContainerError(
      'Neither the task nor its image has an entrypoint or command; give the task one.',
    );
  return args;
}

function environmentOf(
  spec: TaskSpec,
  image: Image,
  contributions: readonly Contribution[],
  { agentId, hostEnvironment }: PlanDefaults,
): Readonly<Record<string, string>> {
  const { taskId, jobId, resources, metadata } = spec;
  return {
    ...CONSTANTS,
    ...hostEnvironment,
    ...given({
      HOSTNAME: taskId,
      STOWAGE_CPU_MILLI: resources.cpuMilli,
      STOWAGE_MEMORY_MIB: resources.memoryMiB,
      STOWAGE_DISK_MIB: resources.diskMiB,
      STOWAGE_NETWORK_MBPS: resources.networkMbps,
    }),
    ...image.environment,
    ...spec.environment,
    ...given({
      STOWAGE_AGENT_ID: agentId,
      STOWAGE_TASK_ID: taskId,
      STOWAGE_JOB_ID: jobId,
      STOWAGE_IMAGE: imageName(spec),
      STOWAGE_IMAGE_DIGEST: image.digest,
      STOWAGE_IAM_ROLE: metadata?.iamRole,
    }),
    ...merged(contributions.map(({ environment }) => environment)),
  };
}

function labelsOf(
  spec: TaskSpec,
  contributions: readonly Contribution[],
  { agentId }: PlanDefaults,
): Readonly<Record<string, string>> {
  return {
    ...spec.labels,
    ...given({
      'stowage.agent': agentId,
      'stowage.task-id': spec.taskId,
      'stowage.job-id': spec.jobId,
      'stowage.image': imageName(spec),
      'stowage.cpu-milli': spec.resources.cpuMilli,
      'stowage.memory-mib': spec.resources.memoryMiB,
    }),
    ...merged(contributions.map(({ labels }) => labels)),
  };
}

/** Without a CPU facility: shares as Titus scales them, so that containers never outweigh the system's services. */
function plainCpuLimits({ resources: { cpuMilli }, cpuMode }: TaskSpec): CpuLimits {
  const shares = Math.min(262_144, Math.max(2, Math.round(cpuMilli / 10)));
  // The kernel takes no quota below 1,000 microseconds.
  const quotaMicros = Math.max(1_000, (cpuMilli * PERIOD_MICROS) / 1_000);
  return cpuMode === 'static'
    ? { shares, quotaMicros, periodMicros: PERIOD_MICROS }
    : { shares, periodMicros: PERIOD_MICROS };
}

/** Limits that were asked for are never cut here: the agent has refused what it cannot give. */
function limitsOf({ limits = [] }: TaskSpec, { maxOpenFiles }: PlanDefaults): ContainerSpec['limits'] {
  if (limits.some(({ name }) => name === 'nofile')) return limits;
  const openFiles = Math.min(maxOpenFiles, DEFAULT_OPEN_FILES);
  return [...limits, { name: 'nofile', soft: openFiles, hard: openFiles }];
}

/** What is added wins over what is dropped, so that `ALL` can be dropped and one added. */
function capabilitiesOf({ security }: TaskSpec): readonly string[] {
  const dropped = security?.dropCapabilities ?? [];
  const kept = dropped.includes('ALL')
    ? []
    : DEFAULT_CAPABILITIES.filter((capability) => !dropped.includes(capability));
  return [...new Set([...kept, ...(security?.addCapabilities ?? [])])].sort();
}

/** The memory limit bounds a tmpfs already; the size only makes the container see it. */
function mountsOf(
  { security, resources }: TaskSpec,
  contributions: readonly Contribution[],
): readonly ContainerMount[] {
  const mounts = contributions.flatMap((contribution) => contribution.mounts ?? []);
  if (security?.readOnlyRoot !== true || mounts.some(({ target }) => target === '/tmp')) return mounts;
  return [...mounts, { kind: 'tmpfs', target: '/tmp', readOnly: false, sizeMiB: resources.memoryMiB }];
}

function imageName({ image }: TaskSpec): string {
  return image.kind === 'registry' ? image.reference : image.path;
}

function given(values: Readonly<Record<string, string | number | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  );
}

function merged(parts: readonly (Readonly<Record<string, string>> | undefined)[]): Record<string, string> {
  return Object.assign({}, ...parts) as Record<string, string>;
}
