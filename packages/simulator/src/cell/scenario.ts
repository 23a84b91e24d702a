/**
 * A cell and what happens to it, as plain data: agent pools, capacity groups, jobs that arrive, how containers behave,
 * what operators and accidents do, and how fast everything is. All times are milliseconds since the beginning of the
 * scenario, which is a Monday at 00:00 UTC; equal scenarios with equal seeds run alike, event by event.
 */
import type { PoolRule } from '@stowage/autoscale';
import type { Capacity, JobPolicy } from '@stowage/jobs';
import type { Amounts } from '@stowage/queues';
import type { SeededRandom } from '../seeded-random.ts';
import type { LifeCycleRule } from './life-cycle-script.ts';

/** Monday, 5 January 2026, 00:00 UTC: where virtual time begins. @public */
export const CELL_EPOCH_MS: number = Date.UTC(2026, 0, 5);

/** @public */
export interface CellScenario {
  /** In kebab case. */
  readonly name: string;
  /** One line. */
  readonly title: string;
  /** What it shows, for a report: a paragraph. */
  readonly description: string;
  readonly durationMs: number;
  readonly pools: readonly CellPool[];
  /** Groups that jobs name and that are not here belong to the flexible tier and have no guarantee. Default: none. */
  readonly capacityGroups?: readonly CellCapacityGroup[];
  readonly arrivals: readonly JobArrival[];
  /** The first that fits a task says how it lives; see `LifeCycleRule` for what holds else. Default: none. */
  readonly lifeCycles?: readonly LifeCycleRule[];
  readonly actions?: readonly CellAction[];
  readonly milestones?: readonly Milestone[];
  /** At the beginning. Default `spreading`. */
  readonly placement?: PlacementPolicy;
  readonly paces?: Partial<CellPaces>;
  readonly costs?: Partial<AgentCosts>;
  readonly faults?: Partial<MessageFaults>;
  readonly jobPolicy?: Partial<JobPolicy>;
  /** What the platform lets be evicted, all jobs together. Default: 50 a second, up to 500 at once. */
  readonly systemEvictions?: { readonly perSecond: number; readonly burst: number };
}

/** Tasks of a capacity group of a tier run in the pools of this tier only. @public */
export type CellTier = 'critical' | 'flexible';

/**
 * `spreading`: Titus in normal hours, critical services spread over agents. `packing`: Titus during a failover, onto
 * agents that have the image and an interface for the security groups. Others are packed by both.
 * @public
 */
export type PlacementPolicy = 'spreading' | 'packing';

/** What an agent has. @public */
export interface CellAgentShape {
  /** Cores. */
  readonly cpu: number;
  readonly memoryMiB: number;
  readonly diskMiB: number;
  readonly networkMbps: number;
  /** Default 0. */
  readonly gpu?: number;
  /** Default 7 interfaces with 29 addresses each, those of r4.8xlarge that the host leaves. */
  readonly interfaces?: { readonly slots: number; readonly addresses: number };
}

/** @public */
export interface CellPool {
  readonly name: string;
  readonly tier: CellTier;
  /** At the beginning, all running. */
  readonly agents: number;
  readonly shape: CellAgentShape;
  /** Given to agents in turn. Default `a`, `b`, `c`. */
  readonly zones?: readonly string[];
  /** Default: only actions change the number of agents. */
  readonly autoscale?: Omit<PoolRule, 'pool' | 'template' | 'isTooSmall' | 'adjustShortfall'>;
  /** From the order to an agent that takes tasks. Default 180,000. */
  readonly bootMs?: number;
}

/** @public */
export interface CellCapacityGroup {
  readonly name: string;
  readonly tier: CellTier;
  /** Amounts of `cpu` (cores), `memory` (MiB), `disk` (MiB) and `network` (Mbps). Default: none. */
  readonly guarantee?: Amounts;
}

/**
 * Jobs of one kind. The ids are `name` for the only job of an `atMs`, else `name-1`, `name-2` and so on.
 * @public
 */
export interface JobArrival {
  readonly name: string;
  readonly when: ArrivalTimes;
  /** What `sanitizeJobSpec` takes; a function gets the number of the job, from 1, and a source of chance of its own. */
  readonly spec:
    | Readonly<Record<string, unknown>>
    | ((n: number, random: SeededRandom) => Readonly<Record<string, unknown>>);
}

/** @public */
export type ArrivalTimes =
  /** With `count`, so many at that moment. */
  | { readonly atMs: number; readonly count?: number }
  | {
      readonly everyMs: number;
      /** Default 0. */
      readonly fromMs?: number;
      /** Not at or after it. Default: the end. */
      readonly toMs?: number;
      readonly count?: number;
    }
  /** By chance (Poisson). */
  | {
      readonly ratePerHour: number;
      /** A factor for each of the 24 hours of a day. Default: all 1. */
      readonly profile?: readonly number[];
      readonly fromMs?: number;
      readonly toMs?: number;
    };

/** Some agents; of those that fit, chosen by chance. @public */
export interface AgentChoice {
  readonly pool?: string;
  readonly zone?: string;
  /** Of the agent's id, with `*`. */
  readonly id?: string;
  /** How many of those that fit; `share` from 0 to 1. Default: all. */
  readonly count?: number;
  readonly share?: number;
}

/** Something that is done to the cell. Every action is a mark in the result. @public */
export type CellAction = {
  readonly atMs: number;
  /** For the report. Default: the action in words. */
  readonly label?: string;
} &
  /** They vanish with all that runs on them. */
  (
    | { readonly kind: 'lose-agents'; readonly agents: AgentChoice }
    /** They take no new tasks; theirs are relocated under the jobs' budgets, and empty agents leave. */
    | { readonly kind: 'drain-agents'; readonly agents: AgentChoice }
    /**
     * The agents of a pool are exchanged, `batch` at a time: so many new ones boot, as many old ones are drained, and
     * when these are empty and gone, the next batch begins.
     */
    | {
        readonly kind: 'replace-pool';
        readonly pool: string;
        readonly batch: number;
        /** Of the new agents. Default: that of the pool. */
        readonly shape?: CellAgentShape;
      }
    | { readonly kind: 'switch-placement'; readonly placement: PlacementPolicy }
    /** Of all service jobs whose ids fit; `factor` multiplies what they desire, rounded up. */
    | {
        readonly kind: 'update-capacity';
        readonly job: string;
        readonly capacity: Partial<Capacity> | { readonly factor: number };
      }
    | { readonly kind: 'kill-job'; readonly job: string }
    /** Everything in memory of the control plane is lost, and built again from the store and what the agents run. */
    | { readonly kind: 'restart-master'; readonly downMs?: number }
    | { readonly kind: 'note'; readonly label: string }
  );

/** @public */
export interface Milestone {
  readonly name: string;
  /** Of the jobs' ids, with `*`. */
  readonly jobs: string;
  readonly state: 'launched' | 'started' | 'finished';
  /** Reached when so many of their tasks have come to the state at or after `fromMs`. */
  readonly count: number;
  readonly fromMs: number;
}

/** How often things are looked at, in ms. @public */
export interface CellPaces {
  /** Scheduling, while there is something to place. Default 500. */
  readonly cycleMs: number;
  /** What each task that found no agent delays the next cycle by: trying them all takes time. Default 0.2. */
  readonly failureMs: number;
  /** Default 10,000. */
  readonly autoscaleMs: number;
  /** Relocation, while agents are drained. Default 30,000. */
  readonly relocationMs: number;
  /** Of the timeline. Default 60,000. */
  readonly sampleMs: number;
}

/** What a launch costs an agent. @public */
export interface AgentCosts {
  /** Of an image that the agent has not. Default 20,000. */
  readonly imagePullMs: number;
  /** Images that an agent keeps; the one that was used least recently goes first. Default 50. */
  readonly cachedImages: number;
  /** An interface gets its first security groups. Default 2,000. */
  readonly interfaceSetUpMs: number;
  /** An idle interface gets other security groups. Default 8,000. */
  readonly interfaceRebindMs: number;
  /** An address on an interface that is set up alike. Default 200. */
  readonly addressMs: number;
  /** Calls to set up or re-bind interfaces, of all agents together, a second; more wait in line. Default 50. */
  readonly interfaceCallsPerSecond: number;
  /** Tasks that an agent prepares at a time; more wait. Default 4. */
  readonly launchesAtATime: number;
  /** From the loss of an agent to the word that its tasks are lost. Default 60,000. */
  readonly lossDetectionMs: number;
}

/** What goes wrong with what agents say, each 0 to 1. Default 0. @public */
export interface MessageFaults {
  /** Said twice, the second time a little later. */
  readonly duplicate: number;
  /** Said up to `lateMs` later than it happened, so after what follows. */
  readonly late: number;
  /** Followed by something that is not so: a state that the task has left, or word of a task that never was. */
  readonly wrong: number;
  /** Default 5,000. */
  readonly lateMs: number;
}
