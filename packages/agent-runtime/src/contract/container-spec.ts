/**
 * A container as a backend makes it: everything is decided, no defaults are left. `agent/container-plan.ts` derives it
 * from a task spec, the image's configuration and what the facilities contributed.
 */
import type { ResourceLimit } from '@stowage/protocol';

/** What an image says of itself, after it is on this host. */
export interface Image {
  /** The backend's handle, valid until the image is removed. */
  readonly id: string;
  /** `sha256:…` of the manifest; undefined for a folder. */
  readonly digest?: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly user: string;
  readonly stopSignal?: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface CpuLimits {
  /** Weight under contention, in cgroup v1 units: 1,024 is one CPU's usual weight; 2 to 262,144. */
  readonly shares: number;
  /** CPU time per period in microseconds; undefined = no limit. */
  readonly quotaMicros?: number;
  readonly periodMicros: number;
  /** Logical CPUs that it may use; undefined = all. */
  readonly cpus?: readonly number[];
}

export interface ContainerSecurity {
  readonly userNamespace: boolean;
  readonly seccomp: 'default' | 'strict' | 'unconfined';
  /** Exactly these, each as `CAP_…`. */
  readonly capabilities: readonly string[];
  readonly readOnlyRoot: boolean;
  readonly noNewPrivileges: boolean;
}

export interface ContainerMount {
  readonly kind: 'bind' | 'tmpfs';
  /** Absolute path on the host; for `bind` only. */
  readonly source?: string;
  /** Absolute path in the container. */
  readonly target: string;
  readonly readOnly: boolean;
  /** For `tmpfs` only. */
  readonly sizeMiB?: number;
}

export interface LogPolicy {
  readonly maxFileBytes: number;
  readonly maxFiles: number;
}

export interface ContainerSpec {
  /** The task id; backends derive every name on the host from it, so that `remove` needs nothing else. */
  readonly id: string;
  readonly image: Image;
  /** Entrypoint and command together; at least one. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** `user`, `uid` or `uid:gid`, resolved in the container's own `/etc/passwd`; '' = 0. */
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly hostname: string;
  readonly cpu: CpuLimits;
  readonly memoryBytes: number;
  readonly pids: number;
  readonly diskBytes?: number;
  readonly limits: readonly ResourceLimit[];
  /** 0 to 1,000: who is ended first when the host runs out of memory. */
  readonly oomScoreAdjust: number;
  readonly security: ContainerSecurity;
  readonly mounts: readonly ContainerMount[];
  /** `none` = a network namespace of its own with loopback only, which a facility may fill; `host` = the agent's. */
  readonly network: 'none' | 'host';
  readonly logs: LogPolicy;
  readonly stopSignal: string;
}
