/**
 * What is known of a host before any backend is asked, and what follows for features: the most that this host can give.
 * A feature that the host does not bound is not named. All is judged from facts that `probeHost` collected, so that
 * the rules can be tested without such hosts.
 */
import type { AgentFeature, FeatureState, ResourceLimit } from '@stowage/protocol';
import type { CgroupController } from '../host/cgroup.ts';
import type { CgroupLayout } from '../host/cgroup-layout.ts';

/** Facilities of the kernel that were tried out, each with what it is needed for. @public */
export const KERNEL_FACILITIES = {
  'user namespace': 'users of containers that are no users of the host',
  veth: 'links into containers',
  nftables: 'security groups',
  htb: 'bandwidth with bursts',
  tbf: 'bandwidth',
  clsact: 'bandwidth of incoming traffic',
  ifb: 'bandwidth of incoming traffic with bursts',
} as const;

/** @public */
export type KernelFacility = keyof typeof KERNEL_FACILITIES;

/** Programs of the host that backends and facilities call. @public */
export const HOST_PROGRAMS = [
  'docker',
  'runc',
  'conmon',
  'skopeo',
  'umoci',
  'nft',
  'ip',
  'tc',
  'unshare',
] as const;

/** @public */
export type HostProgram = (typeof HOST_PROGRAMS)[number];

/** @public */
export interface HostFacts {
  readonly kernelRelease: string;
  readonly cgroups: CgroupLayout;
  /** Why this agent cannot use a controller; undefined = it can. */
  readonly controllers: Readonly<Record<CgroupController, string | undefined>>;
  /** Why it does not work; undefined = it works. */
  readonly kernel: Readonly<Record<KernelFacility, string | undefined>>;
  /** Effective capabilities of this process, as `CAP_…`. */
  readonly capabilities: readonly string[];
  /** The highest hard limits that this process can give; Infinity = none. */
  readonly hardLimits: Readonly<Record<ResourceLimit['name'], number>>;
  readonly seccomp: boolean;
  /** Since Linux 5.12; overlay mounts on top of one since 5.19. Judged by the release, not tried. */
  readonly idmappedMounts: boolean;
  /** Active Linux security modules, as `apparmor`, `selinux`. */
  readonly securityModules: readonly string[];
  /** The version each program tells, its first line where none is found in it; undefined = not there. */
  readonly programs: Readonly<Record<HostProgram, string | undefined>>;
}

/** The most that this host can give of each feature that it bounds. @public */
export function hostFeatures(facts: HostFacts): Partial<Record<AgentFeature, FeatureState>> {
  const controller = (name: CgroupController): FeatureState =>
    facts.controllers[name] === undefined
      ? enforced(`cgroup controller ${name}, layout ${facts.cgroups.mode}`)
      : unavailable(facts.controllers[name]);
  const allOf = (names: readonly KernelFacility[], capabilities: readonly string[]): FeatureState => {
    const missing = capabilities.filter((each) => !facts.capabilities.includes(each));
    if (missing.length > 0)
      return unavailable(`this process lacks ${missing.join(' and ')}; run the agent as root`);
    const broken = names.find((name) => facts.kernel[name] !== undefined);
    return broken === undefined
      ? enforced(`kernel ${facts.kernelRelease}: ${names.join(', ')}`)
      : unavailable(`${broken} does not work here: ${facts.kernel[broken]}`);
  };
  const memory = controller('memory');
  const userNamespace = allOf(['user namespace'], ['CAP_SYS_ADMIN']);
  return {
    'cpu-shares': controller('cpu'),
    'cpu-quota': controller('cpu'),
    'cpu-sets': controller('cpuset'),
    'memory-limit': memory,
    'out-of-memory-report': memory,
    'pids-limit': controller('pids'),
    'resource-limits': enforced(limitsText(facts)),
    'user-namespace': userNamespace,
    'user-range-per-container': userNamespace,
    seccomp: facts.seccomp
      ? enforced('seccomp filters')
      : unavailable('the kernel has no seccomp filters (CONFIG_SECCOMP_FILTER)'),
    apparmor: facts.securityModules.includes('apparmor')
      ? enforced('AppArmor is active')
      : unavailable(
          `AppArmor is not active (active: ${facts.securityModules.join(', ') || 'none'}); ` +
            'needs a kernel with CONFIG_SECURITY_APPARMOR and apparmor in its lsm= list',
        ),
    'address-per-container': allOf(['veth'], ['CAP_NET_ADMIN', 'CAP_SYS_ADMIN']),
    'security-groups': allOf(['nftables'], ['CAP_NET_ADMIN']),
    bandwidth:
      facts.kernel.htb === undefined ? allOf(['htb'], ['CAP_NET_ADMIN']) : allOf(['tbf'], ['CAP_NET_ADMIN']),
  };
}

function limitsText({ hardLimits, capabilities }: HostFacts): string {
  const bounded = Object.entries(hardLimits).filter(([, value]) => Number.isFinite(value));
  const bounds = bounded.map(([name, value]) => `${name} to ${value}`).join(', ') || 'none bounded';
  return capabilities.includes('CAP_SYS_RESOURCE') ? bounds : `${bounds} (no CAP_SYS_RESOURCE)`;
}

function enforced(detail: string): FeatureState {
  return { level: 'enforced', detail };
}

function unavailable(detail: string): FeatureState {
  return { level: 'unavailable', detail };
}
