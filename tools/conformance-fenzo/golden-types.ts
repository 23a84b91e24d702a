/**
 * Recorded runs of Fenzo as data, after they were read and checked. The names are those of the files; a host is
 * what the rest of the repository calls an agent, and stands for Fenzo's record of it.
 */
import type { FitnessName } from './fitness-name.ts';

export interface GoldenAmounts {
  readonly cpu: number;
  readonly memoryMB: number;
  readonly networkMbps: number;
  readonly diskMB: number;
}

/** What a host has, or an offer gives. */
export interface GoldenSupply extends GoldenAmounts {
  readonly host: string;
  /** Inclusive, in the order of the file. */
  readonly ports: readonly (readonly [begin: number, end: number])[];
  readonly scalars: ReadonlyMap<string, number>;
}

export interface GoldenHost extends GoldenSupply {
  readonly attributes: ReadonlyMap<string, string>;
  /** The resource set that the attribute `res` declares. */
  readonly set: GoldenSet | undefined;
}

/** `ResourceSet-<name>-<slots>-<units>`. */
export interface GoldenSet {
  readonly name: string;
  readonly slots: number;
  readonly units: number;
}

export interface GoldenOffer extends GoldenSupply {
  readonly id: string;
}

/** A request on a resource set: `units` of a slot under the name `value`. Fenzo ignores `numSets`. */
export interface GoldenSetRequest {
  readonly value: string;
  readonly units: number;
}

/** Co-tasks are always those of the same job. */
export type GoldenConstraint =
  | { readonly type: 'hostAttrValue'; readonly attribute: string; readonly value: string }
  | { readonly type: 'uniqueHostAttr'; readonly attribute: string }
  | { readonly type: 'balancedHostAttr'; readonly attribute: string; readonly expectedValues: number }
  | { readonly type: 'exclusiveHost' };

export type GoldenSoftConstraint =
  | Extract<GoldenConstraint, { readonly type: 'balancedHostAttr' }>
  | { readonly type: 'asSoft'; readonly of: GoldenConstraint };

export interface GoldenTask extends GoldenAmounts {
  readonly id: string;
  readonly job: string;
  readonly group: string;
  readonly ports: number;
  readonly scalars: ReadonlyMap<string, number>;
  readonly namedResources: ReadonlyMap<string, GoldenSetRequest>;
  readonly hard: readonly GoldenConstraint[];
  readonly soft: readonly GoldenSoftConstraint[];
}

/** What happened between two calls of `scheduleOnce`. */
export type GoldenOperation =
  | { readonly op: 'setActiveVmGroups'; readonly groups: readonly string[] }
  | { readonly op: 'unassign'; readonly taskId: string; readonly host: string }
  | { readonly op: 'expireLease'; readonly leaseId: string }
  | { readonly op: 'disableVM'; readonly host: string; readonly durationMillis: number }
  | { readonly op: 'enableVM'; readonly host: string };

/** The slot of a resource set that an assignment took. */
export interface GoldenSlot {
  readonly attrName: string;
  readonly index: number;
  readonly resName: string;
}

export interface GoldenAssignment {
  readonly taskId: string;
  readonly host: string;
  /** Combined fitness of every host that could take the task; NaN is possible. */
  readonly feasible: ReadonlyMap<string, number>;
  readonly ports: readonly number[];
  readonly portsExact: boolean;
  readonly resourceSets: readonly GoldenSlot[];
}

export interface GoldenShortage {
  readonly resource: string;
  readonly asking: number;
  readonly used: number;
  readonly available: number;
  readonly message: string;
}

/** Why one host refused a task; host '' = refused before any host was asked. */
export interface GoldenRefusal {
  readonly host: string;
  readonly constraint: { readonly name: string; readonly reason: string } | undefined;
  readonly resources: readonly GoldenShortage[];
}

export interface GoldenFailure {
  readonly taskId: string;
  readonly hosts: readonly GoldenRefusal[];
}

export interface GoldenResult {
  readonly assignments: ReadonlyMap<string, GoldenAssignment>;
  readonly failures: ReadonlyMap<string, GoldenFailure>;
  readonly evaluations: number;
  readonly idleVMs: number;
  readonly totalVMs: number;
  readonly rejectedLeases: readonly string[];
}

export interface GoldenIteration {
  readonly before: readonly GoldenOperation[];
  readonly offers: readonly GoldenOffer[];
  readonly tasks: readonly GoldenTask[];
  readonly result: GoldenResult;
}

/** Undefined = not limited. */
export interface GoldenLimit {
  readonly cores: number | undefined;
  readonly memoryMB: number | undefined;
  readonly networkMbps: number | undefined;
  readonly diskMB: number | undefined;
}

export interface GoldenConfig {
  readonly fitness: FitnessName;
  readonly singleOfferPerVM: boolean;
  /** Switches on the check against the greatest resources ever seen in a group. */
  readonly autoScaleByAttributeName: string | undefined;
  readonly taskBatchSize: number;
  /** By group; empty = no limits. */
  readonly resAllocs: ReadonlyMap<string, GoldenLimit>;
  readonly activeVmGroupAttributeName: string | undefined;
}

export interface GoldenScenario {
  readonly file: string;
  readonly id: string;
  readonly config: GoldenConfig;
  readonly hosts: ReadonlyMap<string, GoldenHost>;
  readonly iterations: readonly GoldenIteration[];
}
