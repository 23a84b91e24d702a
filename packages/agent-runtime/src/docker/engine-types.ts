/** The fields of the engine's answers and requests that the backend reads and writes; the API has many more. */

export interface EngineInfo {
  readonly CgroupVersion?: string;
  readonly CgroupDriver?: string;
  readonly Driver: string;
  readonly DriverStatus?: readonly (readonly [string, string])[] | null;
  readonly DockerRootDir: string;
  readonly CPUShares?: boolean;
  readonly CpuCfsQuota?: boolean;
  readonly CPUSet?: boolean;
  readonly MemoryLimit?: boolean;
  readonly SwapLimit?: boolean;
  readonly PidsLimit?: boolean;
  readonly Plugins?: { readonly Log?: readonly string[] | null };
  readonly SecurityOptions?: readonly string[] | null;
  readonly ServerVersion: string;
}

export interface EngineImage {
  readonly Id: string;
  readonly RepoDigests?: readonly string[] | null;
  readonly Config?: {
    readonly Entrypoint?: readonly string[] | null;
    readonly Cmd?: readonly string[] | null;
    readonly Env?: readonly string[] | null;
    readonly WorkingDir?: string;
    readonly User?: string;
    readonly StopSignal?: string;
    readonly Labels?: Readonly<Record<string, string>> | null;
  } | null;
}

export interface EngineContainer {
  readonly Id: string;
  readonly Name: string;
  /** RFC 3339. */
  readonly Created: string;
  readonly State: {
    readonly Status: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
    readonly Running: boolean;
    readonly OOMKilled: boolean;
    /** 0 when it does not run. */
    readonly Pid: number;
    readonly ExitCode: number;
    readonly Error: string;
  };
  readonly Config: {
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly Cmd?: readonly string[] | null;
  };
}

/** A command beside the first process of a container. */
export interface EngineExec {
  readonly Running: boolean;
  /** Null until it has ended. */
  readonly ExitCode?: number | null;
  /** On the host of the engine; 0 before it runs. */
  readonly Pid: number;
}

export interface EngineContainerSummary {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Labels?: Readonly<Record<string, string>> | null;
  /** Seconds since the epoch. */
  readonly Created: number;
}

export interface EngineEvent {
  readonly Action?: string;
  readonly Actor?: { readonly ID?: string };
  readonly timeNano?: number;
}

export interface PullProgress {
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
}

/** What `POST /containers/create` takes. */
export interface CreateRequest {
  readonly Image: string;
  readonly Hostname: string;
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly WorkingDir: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly StopSignal: string;
  readonly Tty: false;
  readonly OpenStdin: false;
  readonly Healthcheck: { readonly Test: readonly ['NONE'] };
  readonly HostConfig: HostConfig;
}

export interface HostConfig {
  readonly NetworkMode: 'none' | 'host';
  readonly IpcMode: 'private';
  readonly CpuShares: number;
  readonly CpuQuota?: number;
  readonly CpuPeriod?: number;
  readonly CpusetCpus?: string;
  readonly Memory: number;
  readonly MemorySwap: number;
  readonly PidsLimit: number;
  readonly OomScoreAdj: number;
  readonly Ulimits: readonly { readonly Name: string; readonly Soft: number; readonly Hard: number }[];
  readonly CapDrop: readonly string[];
  readonly CapAdd: readonly string[];
  readonly SecurityOpt: readonly string[];
  readonly ReadonlyRootfs: boolean;
  readonly UsernsMode: '' | 'host';
  readonly Mounts: readonly {
    readonly Type: 'bind';
    readonly Source: string;
    readonly Target: string;
    readonly ReadOnly: boolean;
    readonly BindOptions: { readonly Propagation: 'rprivate'; readonly NonRecursive: boolean };
  }[];
  readonly Tmpfs: Readonly<Record<string, string>>;
  readonly StorageOpt?: { readonly size: string };
  readonly LogConfig: { readonly Type: 'json-file'; readonly Config: Readonly<Record<string, string>> };
}
