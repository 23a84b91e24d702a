/**
 * What an agent can do. A feature is `enforced` by the kernel, `emulated` by the agent in a weaker way that `detail`
 * describes, or `unavailable`. Nothing asked for is ignored in silence: a task that needs more is refused.
 */

/** Every feature that an agent reports, with what it means. @public */
export const AGENT_FEATURES = {
  'rootfs-folder': 'Tasks may run from a folder instead of a registry image.',
  'cpu-shares': 'CPU time in proportion to the request under contention.',
  'cpu-quota': 'CPU time limited to the request.',
  'cpu-sets': 'Tasks are bound to chosen CPUs.',
  'memory-limit': 'A container over its memory is ended, and only it.',
  'out-of-memory-report': 'An end by lack of memory is told apart from a failure.',
  'pids-limit': 'The number of processes is limited.',
  'disk-limit': 'What a container writes to its root is limited.',
  'resource-limits': 'Limits of setrlimit.',
  'user-namespace': 'User 0 inside is an unprivileged user outside.',
  'user-range-per-container': 'Containers have different users outside.',
  seccomp: 'System calls are filtered.',
  capabilities: 'Capabilities are dropped to a short list.',
  apparmor: 'A mandatory access profile.',
  'read-only-root': 'The root file system can be made read-only.',
  'no-new-privileges': 'Set-user-id programs give no privileges.',
  'launch-gate': 'No code of the user runs before network and limits are in place.',
  'pre-stop': 'A command of the task runs in its container before the stop signal.',
  'host-network': 'Tasks may share the network of the agent.',
  'address-per-container': 'Each container has its own address.',
  'security-groups': 'Traffic between groups is denied unless allowed.',
  bandwidth: 'Traffic is limited to the request, in each direction.',
  'metadata-service': 'A metadata service per container at 169.254.169.254.',
  'iam-credentials': "Credentials of the task's own role.",
  'log-rotation': 'Log files are rotated by size.',
} as const;

/** @public */
export type AgentFeature = keyof typeof AGENT_FEATURES;

/** @public */
export type FeatureLevel = 'enforced' | 'emulated' | 'unavailable';

/** @public */
export interface FeatureState {
  readonly level: FeatureLevel;
  /** How, or what is missing and what would bring it. */
  readonly detail: string;
}

/** @public */
export type FeatureReport = Readonly<Record<AgentFeature, FeatureState>>;
