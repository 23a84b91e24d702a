/**
 * What a control plane hands to an agent: one task as plain data. Every field that is left out has the default that
 * its comment names; `parseTaskSpec` checks a spec from outside and fills nothing in.
 */

/** Which files the container sees as its root. @public */
export type TaskImage =
  /** An image in an OCI registry, as `host[:port]/repository[:tag][@sha256:…]`; only a digest is ever served from the cache. */
  | { readonly kind: 'registry'; readonly reference: string }
  /** A folder on the agent that holds a root file system; never written to. Only backends that report the feature `rootfs-folder`. */
  | { readonly kind: 'folder'; readonly path: string };

/** @public */
export interface TaskResources {
  /** Thousandths of a logical CPU, at least 1. Shares in proportion; with `cpuMode` `static` also the limit. */
  readonly cpuMilli: number;
  /** Hard limit; there is no swap beyond it. At least 6, which is what a container runtime itself needs. */
  readonly memoryMiB: number;
  /** Limit of what the container writes to its root. Default: none. */
  readonly diskMiB?: number;
  /** Rate of traffic in each direction, in 10^6 bits a second. Default: none. */
  readonly networkMbps?: number;
  /** Most processes and threads. Default 100,000. */
  readonly pids?: number;
}

/**
 * How a task uses CPUs: `burst` has shares and takes what is free; `static` has a quota, and whole cores of its own
 * where the agent isolates CPUs and `cpuMilli` is a multiple of 1,000. Default `burst`.
 * @public
 */
export type CpuMode = 'burst' | 'static';

/** @public */
export interface TaskNetwork {
  /**
   * `vpc`: an address of its own on an interface with exactly these security groups. `none`: loopback only.
   * `host`: the agent's own network, with all that it reaches, on a cloud instance the credentials of the host as well;
   * agents refuse it unless they are told to allow it.
   */
  readonly mode: 'vpc' | 'none' | 'host';
  /** Names, for `vpc` at least one. Order does not matter. */
  readonly securityGroups?: readonly string[];
  /** Highest rate while others leave room, at least `networkMbps`. Default: `networkMbps`. */
  readonly burstMbps?: number;
}

/** @public */
export interface TaskSecurity {
  /** User 0 inside is another, unprivileged user outside. Default true. */
  readonly userNamespace?: boolean;
  /** System calls: `default` is the list of the backend, `strict` is shorter, `unconfined` has none. Default `default`. */
  readonly seccomp?: 'default' | 'strict' | 'unconfined';
  /** Capabilities beyond the agent's short default set, as `CAP_NET_RAW`. */
  readonly addCapabilities?: readonly string[];
  /** Of the default set, or `ALL`. */
  readonly dropCapabilities?: readonly string[];
  /** The root file system cannot be written to; `/tmp` can. Default false. */
  readonly readOnlyRoot?: boolean;
  /** Set-user-id programs give no privileges. Default true. */
  readonly noNewPrivileges?: boolean;
}

/** One limit of `setrlimit`, for instance `{ name: 'nofile', soft: 1024, hard: 4096 }`. @public */
export interface ResourceLimit {
  readonly name: 'core' | 'cpu' | 'data' | 'fsize' | 'memlock' | 'nofile' | 'nproc' | 'stack';
  readonly soft: number;
  readonly hard: number;
}

/** @public */
export interface TaskMetadata {
  /** ARN of the role whose credentials the metadata service of this container gives. Default: none. */
  readonly iamRole?: string;
  /** Answers only with a session token (IMDSv2). Default false. */
  readonly requireToken?: boolean;
}

/** @public */
export interface TaskLogs {
  /** A file that has reached this size is rotated. Default 10 MiB. */
  readonly maxFileBytes?: number;
  /** Files kept of each task, the current one included. Default 4. */
  readonly maxFiles?: number;
}

/**
 * A command that runs in the container, beside its process, when the task is killed: before the stop signal, for
 * instance to leave a load balancer. Same user, folder, variables, limits and walls as the process of the task.
 *
 * The order of a kill: the hook, then the stop signal, then `graceMs`, then `SIGKILL`. The hook's time is its own; the
 * grace begins when the hook is over, by its limit or because it and all that holds its output have ended. The next
 * stage follows in any case: a hook that fails, cannot be run or takes too long is only reported to the operator of the
 * agent. It runs at most once. It does not run when the task ends by itself, is killed before `started` or without
 * grace, or when the agent was restarted after the hook had begun; a second kill with less grace ends it.
 * @public
 */
export interface PreStopHook {
  /** Program and arguments, at least the program; a name without `/` is looked for in the `PATH` of the container. */
  readonly command: readonly string[];
  /** Then the hook is ended with `SIGKILL`, in milliseconds: 1 to 600,000. Default 30,000. */
  readonly timeoutMs?: number;
}

/** @public */
export interface TaskSpec {
  /** Unique among all tasks ever given to the agent: letters, digits, `-`, `_`, `.`; at most 63; begins with a letter or digit. */
  readonly taskId: string;
  readonly jobId?: string;
  readonly image: TaskImage;
  /** Replaces the image's entrypoint; `[]` clears it. */
  readonly entrypoint?: readonly string[];
  /** Replaces the image's command. */
  readonly command?: readonly string[];
  /** Absolute. Default: the image's. */
  readonly workingDirectory?: string;
  /** `user`, `uid`, `uid:gid`. Default: the image's. */
  readonly user?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly resources: TaskResources;
  readonly cpuMode?: CpuMode;
  /** Default `{ mode: 'none' }`. */
  readonly network?: TaskNetwork;
  readonly security?: TaskSecurity;
  readonly limits?: readonly ResourceLimit[];
  readonly metadata?: TaskMetadata;
  readonly logs?: TaskLogs;
  /** Signal of a graceful stop. Default: the image's, else `SIGTERM`. */
  readonly stopSignal?: string;
  /** Time between that signal and `SIGKILL`, in milliseconds. Default 10,000. */
  readonly graceMs?: number;
  /** Needs a `graceMs` above 0. Default: none. */
  readonly preStop?: PreStopHook;
  /** Features that must be `enforced` on this agent beyond those that other fields ask for; else the task is refused. */
  readonly requires?: readonly string[];
}
