/**
 * What a user asks for: a job as plain, complete data. `sanitizeJobSpec` makes one from what came from outside, with
 * defaults filled in and every limit held; nothing in it is ever evaluated. The vocabulary is that of Titus' v3
 * JobDescriptor.
 */

/** @public */
export type JobSpec = BatchJobSpec | ServiceJobSpec;

/** @public */
export interface JobSpecBase {
  readonly owner: { readonly teamEmail: string };
  readonly applicationName: string;
  readonly capacityGroup: string;
  /** With a sequence, `application-stack-detail-sequence` is unique among active jobs. Empty = none. */
  readonly jobGroup: { readonly stack: string; readonly detail: string; readonly sequence: string };
  readonly attributes: Readonly<Record<string, string>>;
  readonly container: ContainerSpec;
  readonly disruptionBudget: DisruptionBudget;
}

/** Runs a fixed number of tasks to their end. @public */
export interface BatchJobSpec extends JobSpecBase {
  readonly kind: 'batch';
  /** Number of tasks. */
  readonly size: number;
  /** How long a task may be started. */
  readonly runtimeLimitMs: number;
  readonly retryOnRuntimeLimit: boolean;
  readonly retryPolicy: RetryPolicy;
}

/** Keeps a number of tasks running until it is killed. @public */
export interface ServiceJobSpec extends JobSpecBase {
  readonly kind: 'service';
  readonly capacity: Capacity;
  /** In service. What scales it and what routes to it heeds this; the manager does not. */
  readonly enabled: boolean;
  readonly processes: ServiceProcesses;
  /** Delays only: a task of a service is always replaced. */
  readonly retryPolicy: RetryPolicy;
}

/** 0 ≤ min ≤ desired ≤ max. @public */
export interface Capacity {
  readonly min: number;
  readonly desired: number;
  readonly max: number;
}

/** @public */
export interface ServiceProcesses {
  readonly disableIncreaseDesired: boolean;
  readonly disableDecreaseDesired: boolean;
}

/**
 * How long after its end a task is replaced, and for batch jobs how often. Failures that are not the user's doing are
 * not counted.
 * @public
 */
export type RetryPolicy =
  | { readonly kind: 'immediate'; readonly retries: number }
  /** The first replacement waits for `initialDelayMs`, later ones for `delayMs`. */
  | {
      readonly kind: 'delayed';
      readonly initialDelayMs: number;
      readonly delayMs: number;
      readonly retries: number;
    }
  /** Doubles from `initialDelayMs` to `maxDelayMs`; begins anew when a task has been started for long enough. */
  | {
      readonly kind: 'exponential';
      readonly initialDelayMs: number;
      readonly maxDelayMs: number;
      readonly retries: number;
    };

/** One container; all tasks of a job are equal. @public */
export interface ContainerSpec {
  readonly image: ContainerImage;
  readonly resources: ContainerResources;
  /** Replaces the image's; `[]` clears it; undefined leaves it. */
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, string>>;
  readonly securityGroups: readonly string[];
  /** Empty = none. */
  readonly iamRole: string;
  /** Constraint name → argument, such as `{ uniqueHost: 'true', zoneBalance: 'true' }`. */
  readonly hardConstraints: Readonly<Record<string, string>>;
  readonly softConstraints: Readonly<Record<string, string>>;
  /** Between the signal to stop and the one that kills. */
  readonly graceMs: number;
}

/** With a tag, a digest, or both; the digest counts. @public */
export interface ContainerImage {
  readonly name: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** @public */
export interface ContainerResources {
  readonly cpuMilli: number;
  readonly gpu: number;
  readonly memoryMiB: number;
  readonly diskMiB: number;
  readonly networkMbps: number;
  readonly shmMiB: number;
}

/** What a job's owner allows to be disturbed for the operator's purposes. @public */
export interface DisruptionBudget {
  readonly policy: DisruptionPolicy;
  readonly rate: DisruptionRate;
  /** Evictions happen inside one of the windows only. Empty = always. */
  readonly timeWindows: readonly TimeWindow[];
  /** Names of health providers; a task counts as healthy when all call it so. Empty = started is healthy. */
  readonly healthProviders: readonly string[];
}

/** @public */
export type DisruptionPolicy =
  /** The owner moves its tasks itself; what still runs after this time is evicted. */
  | { readonly kind: 'selfManaged'; readonly relocationTimeMs: number }
  /** This share of the desired tasks stays healthy, 0 to 100. */
  | { readonly kind: 'availabilityPercentage'; readonly percentageOfHealthy: number }
  /** At most so many of the desired tasks are unhealthy, at least 1. */
  | { readonly kind: 'unhealthyTasks'; readonly limit: number }
  /** A task, followed over its replacements, is evicted at most so often, at least 1. */
  | { readonly kind: 'relocations'; readonly limit: number };

/** @public */
export type DisruptionRate =
  | { readonly kind: 'unlimited' }
  /** Of the desired tasks, 0 to 100; at least one task. */
  | { readonly kind: 'percentagePerHour'; readonly percentage: number }
  /** `intervalMs` 1 to 3,600,000. */
  | { readonly kind: 'perInterval'; readonly intervalMs: number; readonly limit: number }
  | {
      readonly kind: 'percentagePerInterval';
      readonly intervalMs: number;
      readonly percentage: number;
    };

/** @public */
export type Weekday = 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday';

/** @public */
export interface TimeWindow {
  /** Empty = every day. */
  readonly days: readonly Weekday[];
  /** Whole hours, 0 ≤ start < end ≤ 24. Empty = the whole day. */
  readonly hours: readonly { readonly startHour: number; readonly endHour: number }[];
  /** IANA name, such as `America/Los_Angeles`. */
  readonly timeZone: string;
}
