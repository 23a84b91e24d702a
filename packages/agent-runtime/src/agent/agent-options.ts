/** What an agent is made of. Everything but the folder and the backend has a default. */
import type { AgentFeature } from '@stowage/protocol';
import type { ContainerBackend } from '../contract/container-backend.ts';
import type { Facility } from '../contract/facility.ts';
import type { HostFacts } from '../features/host-facts.ts';
import type { Clock } from '../host/clock.ts';
import type { AgentObserver } from './agent-observer.ts';
import type { ReaperLimits } from './reaper.ts';
import type { StateFiles } from './state-files.ts';
import type { StateLock } from './state-lock.ts';
import type { StepLimits } from './step-limits.ts';

/** @public */
export interface AgentOptions {
  /** Of this agent alone; made if missing. Journals and identity lie in it, so it must survive a restart. */
  readonly stateFolder: string;
  /** Made for `agentId(stateFolder)`, so that it lists this agent's containers and no others. */
  readonly backend: ContainerBackend;
  /** In the order of preparation; names differ. Default: none. */
  readonly facilities?: readonly Facility[];
  /** Default: `probeHost()`. */
  readonly host?: HostFacts;
  /** What this agent must not offer although it could, each with the reason. Default: nothing. */
  readonly withheld?: Readonly<Partial<Record<AgentFeature, string>>>;
  /** Variables for every container. Default: none. */
  readonly hostEnvironment?: Readonly<Record<string, string>>;
  readonly observer?: AgentObserver;
  /** Most tasks between `accepted` and `started` that are worked on at once. Default 8. */
  readonly maxStarting?: number;
  readonly limits?: Partial<StepLimits>;
  readonly reaper?: Partial<ReaperLimits>;
  /** Default: the host's. */
  readonly clock?: Clock;
  /** Default: the disk. */
  readonly files?: StateFiles;
  /** Keeps other agents from the folder. Default: a lock file with the process's identity. */
  readonly lock?: (stateFolder: string) => Promise<StateLock>;
}
