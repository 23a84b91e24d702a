/**
 * From job specs to what queue and engine are asked for. All tasks of a job ask for the same, so that is made once per
 * job; and a label of the job is given only where a policy looks at it, so that small jobs that ask for the same share
 * a task class and what the engine knows of it.
 */
import {
  activeHost,
  asSoft,
  attributeEquals,
  availabilityZone,
  exclusiveHost,
  machineType,
  uniqueHost,
  zoneBalance,
  zoneBalanceSoft,
} from '@stowage/constraints';
import type { ServiceTask } from '@stowage/control-plane';
import type { HardConstraint, SoftConstraint } from '@stowage/core';
import type { ContainerSpec, JobSpec } from '@stowage/jobs';
import type { CellCapacityGroup, CellPool, CellTier } from './scenario.ts';

/** What a task asks for, but for its id. */
export type TaskRequest = Omit<ServiceTask, 'id'>;

export const TIERS: readonly CellTier[] = ['critical', 'flexible'];

/** Agents of a tier have this attribute with the tier as value. */
export const TIER_ATTRIBUTE = 'tier';

/** Constraints of jobs by name in lower case; the type of a machine is its pool. */
const HARD: Readonly<Record<string, (argument: string, zones: number) => HardConstraint>> = {
  uniquehost: () => uniqueHost(),
  exclusivehost: () => exclusiveHost(),
  zonebalance: (_, expectedZones) => zoneBalance({ expectedZones }),
  availabilityzone: (zone) => availabilityZone(zone),
  machinetype: (pool) => machineType(pool),
  activehost: () => activeHost(),
};

const TIER_CONSTRAINTS = TIERS.map((tier) => attributeEquals(TIER_ATTRIBUTE, tier));

export class TaskRequests {
  readonly #groups: ReadonlyMap<string, CellCapacityGroup>;
  readonly #poolsByTier: readonly (readonly string[])[];
  readonly #zones: number;
  readonly #byJob = new Map<string, TaskRequest>();

  constructor(groups: readonly CellCapacityGroup[], pools: readonly CellPool[], zones: number) {
    this.#groups = new Map(groups.map((group) => [group.name, group]));
    this.#poolsByTier = TIERS.map((tier) =>
      pools.filter((pool) => pool.tier === tier).map(({ name }) => name),
    );
    this.#zones = zones;
  }

  of(jobId: string, spec: JobSpec): TaskRequest {
    let request = this.#byJob.get(jobId);
    if (request === undefined) this.#byJob.set(jobId, (request = this.#make(jobId, spec)));
    return request;
  }

  /** To be called when a job has ended. */
  forget(jobId: string): void {
    this.#byJob.delete(jobId);
  }

  #make(jobId: string, { kind, capacityGroup, container }: JobSpec): TaskRequest {
    const tierName = this.#groups.get(capacityGroup)?.tier ?? 'flexible';
    const tier = TIERS.indexOf(tierName);
    const constraints = [TIER_CONSTRAINTS[tier], ...this.#hard(container)];
    const softConstraints = this.#soft(container);
    const isSpread = tierName === 'critical' && kind === 'service';
    const { machineId } = container.hardConstraints as Partial<Record<string, string>>;
    const { cpuMilli, memoryMiB, diskMiB, networkMbps, gpu } = container.resources;
    const securityGroup = securityGroupsOf(container);
    return {
      tier,
      bucket: capacityGroup,
      pools: this.#poolsByTier[tier],
      resources: {
        cpu: cpuMilli / 1000,
        memory: memoryMiB,
        disk: diskMiB,
        network: networkMbps,
        gpu,
        eni: { units: 1, label: securityGroup },
      },
      labels: { jobType: kind, tier: tierName, image: imageOf(container), securityGroup },
      constraints,
      softConstraints,
      ...(machineId === undefined ? {} : { agent: machineId }),
      ...(isSpread || constraints.length > 1 || softConstraints.length > 0 ? { job: jobId } : {}),
    };
  }

  #hard({ hardConstraints }: ContainerSpec): HardConstraint[] {
    return Object.entries(hardConstraints).flatMap(([name, argument]) => {
      const make = HARD[name.toLowerCase()] as (typeof HARD)[string] | undefined;
      return make === undefined ? [] : [make(argument, this.#zones)];
    });
  }

  #soft({ softConstraints }: ContainerSpec): SoftConstraint[] {
    return Object.entries(softConstraints).flatMap(([name, argument]) => {
      if (name.toLowerCase() === 'zonebalance') return [zoneBalanceSoft({ expectedZones: this.#zones })];
      const make = HARD[name.toLowerCase()] as (typeof HARD)[string] | undefined;
      return make === undefined ? [] : [asSoft(make(argument, this.#zones))];
    });
  }
}

/** What an agent knows an image by. */
export function imageOf({ image: { name, tag, digest } }: ContainerSpec): string {
  return `${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** What an interface is set up for: the groups in a fixed order. */
export function securityGroupsOf({ securityGroups }: ContainerSpec): string {
  return [...securityGroups].sort().join(':') || 'none';
}
