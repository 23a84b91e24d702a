/**
 * Elastic network interfaces of EC2 as the slots of the address pool. `connectEc2Vpc` makes the driver.
 *
 * EC2 shows a change late, so every change is looked for until it shows or a deadline passes. A call that may have been
 * carried out is repeated only where twice is the same as once; otherwise the error goes up and the pool looks again.
 * The design is that of Titus's VPC tool of 2018 (titus-executor, `vpc/`), with tags of EC2 in the place of local locks.
 */
import type { SecurityGroup } from '../network/security-groups.ts';
import type { GroupHolders, VpcDriver, VpcInterface, VpcLimits } from '../network/vpc-driver.ts';
import { UnavailableError } from '../contract/container-backend.ts';
import { AwsCallError, isUsedUp } from './aws-errors.ts';
import type { Ec2Context } from './ec2-context.ts';
import { groupAmong, readRules } from './group-rules.ts';
import { InterfaceAttachment } from './interface-attachment.ts';
import { type CollectorOptions, InterfaceCollector } from './interface-collector.ts';
import { InterfaceView } from './interface-view.ts';
import { needed, type OwnInterface, slotOf } from './own-interface.ts';
import { groupSet, hasGroups, setGroups } from './security-groups.ts';
import { SubnetCache } from './subnet-cache.ts';

export interface Ec2VpcDriverParts extends CollectorOptions {
  readonly context: Ec2Context;
  /** For new interfaces. */
  readonly subnetId: string;
  readonly limits: VpcLimits;
  /** How long EC2 may take to show a change, in milliseconds. */
  readonly visibleWithinMs: number;
}

/** @public */
export class Ec2VpcDriver implements VpcDriver {
  readonly name = 'aws';
  readonly #context: Ec2Context;
  readonly #limits: VpcLimits;
  readonly #view: InterfaceView;
  readonly #subnets: SubnetCache;
  readonly #attachment: InterfaceAttachment;
  readonly #collector: InterfaceCollector;

  /** @internal */
  constructor(parts: Ec2VpcDriverParts) {
    const { context, subnetId, visibleWithinMs } = parts;
    this.#context = context;
    this.#limits = parts.limits;
    this.#view = new InterfaceView(context, visibleWithinMs);
    this.#subnets = new SubnetCache(context);
    this.#attachment = new InterfaceAttachment(context, this.#view, subnetId, visibleWithinMs);
    this.#collector = new InterfaceCollector(context, parts);
  }

  limits(): VpcLimits {
    return this.#limits;
  }

  /** Those that carry this agent's tag, by index. */
  async interfaces(signal: AbortSignal): Promise<readonly VpcInterface[]> {
    const found: VpcInterface[] = [];
    for (const own of await this.#view.read(signal)) {
      const index = slotOf(own, this.#context.instanceId);
      if (index !== undefined && index > 0) found.push(await this.#toVpcInterface(own, index, signal));
    }
    return found.sort((a, b) => a.index - b.index);
  }

  /**
   * @throws InvalidContainerError when a group does not exist; UnavailableError when the instance can have no further
   *   interface or the subnet has no address left; AgentError `AWS_SLOT_TAKEN` when the slot holds an
   *   interface with other groups, `AWS_NOT_VISIBLE` when EC2 does not show it in time; AwsCallError otherwise
   */
  async attach(index: number, securityGroups: readonly string[], signal: AbortSignal): Promise<VpcInterface> {
    const own = await this.#attachment
      .attach(index, groupSet(securityGroups), signal)
      .catch((error: unknown) => {
        throw isUsedUp(error) ? new UnavailableError(error.message, { cause: error }) : error;
      });
    return this.#toVpcInterface(own, index, signal);
  }

  async setSecurityGroups(
    interfaceId: string,
    securityGroups: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    const groups = groupSet(securityGroups);
    await setGroups(this.#context, interfaceId, groups, signal);
    await this.#view.until(interfaceId, 'the groups', (own) => hasGroups(own, groups), signal);
  }

  async assignAddresses(interfaceId: string, count: number, signal: AbortSignal): Promise<readonly string[]> {
    const before = (await this.#view.find(interfaceId, signal))?.addresses ?? [];
    // EC2 gives all addresses or none; when it refuses, fewer are asked for.
    for (let wanted = count; wanted >= 1;) {
      const answered = await this.#assign(interfaceId, wanted, signal);
      if (answered !== undefined) {
        // The documentation leaves open whether the answer has the new addresses alone; some emulators give all.
        const assigned = answered.filter((each) => !before.includes(each));
        const isShown = (own: OwnInterface): boolean =>
          assigned.every((each) => own.addresses.includes(each));
        await this.#view.until(interfaceId, 'new addresses', isShown, signal);
        return assigned;
      }
      const have = (await this.#view.find(interfaceId, signal))?.addresses.length ?? 0;
      const room = this.#limits.addressesPerInterface - have;
      if (room > 0 && room < wanted) wanted = room;
      else wanted = wanted === 1 ? 0 : Math.ceil(wanted / 2);
    }
    return [];
  }

  async unassignAddresses(
    interfaceId: string,
    addresses: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    let rest = [...addresses];
    while (rest.length > 0) {
      try {
        await this.#unassign(interfaceId, rest, signal);
        break;
      } catch (error) {
        // EC2 refuses the whole call when one address is not assigned (any more), as after an answer that was lost.
        if (!isCode(error, 'InvalidParameterValue')) throw error;
        const own = await this.#view.find(interfaceId, signal);
        const left = rest.filter((each) => own?.addresses.includes(each));
        if (left.length === rest.length) throw error;
        rest = left;
      }
    }
    const isGone = (own: OwnInterface): boolean => !addresses.some((each) => own.addresses.includes(each));
    await this.#view.until(interfaceId, 'the end of addresses', isGone, signal);
  }

  /**
   * Deletes interfaces of this agent that are attached to nothing and are old, at a bounded rate, and has EC2 delete
   * attached ones together with the instance where a crash left that out. To be called every few minutes.
   * @returns ids of deleted interfaces
   * @throws AggregateError when some could not be cleaned up; the others were
   */
  async collectGarbage(signal: AbortSignal): Promise<readonly string[]> {
    const own = await this.#view.read(signal);
    return this.#collector.collect(own, (id) => this.#attachment.isClaimed(id), signal);
  }

  async rulesAmong(holders: readonly GroupHolders[], signal: AbortSignal): Promise<readonly SecurityGroup[]> {
    const groups = holders.flatMap(({ securityGroups }) => securityGroups);
    const rules = await readRules(this.#context, groups, signal);
    return holders.map((each) => groupAmong(each, rules));
  }

  /** @returns undefined when EC2 has not as many */
  async #assign(
    interfaceId: string,
    count: number,
    signal: AbortSignal,
  ): Promise<readonly string[] | undefined> {
    const input = {
      NetworkInterfaceId: interfaceId,
      SecondaryPrivateIpAddressCount: count,
      AllowReassignment: false as const,
    };
    try {
      const answer = await this.#context.once('AssignPrivateIpAddresses', signal, (ec2, options) =>
        ec2.assignPrivateIpAddresses(input, options),
      );
      return (answer.AssignedPrivateIpAddresses ?? []).map(({ PrivateIpAddress }) =>
        needed(PrivateIpAddress, 'PrivateIpAddress'),
      );
    } catch (error) {
      if (isUsedUp(error)) return undefined;
      throw error;
    }
  }

  async #unassign(interfaceId: string, addresses: string[], signal: AbortSignal): Promise<void> {
    const input = { NetworkInterfaceId: interfaceId, PrivateIpAddresses: addresses };
    await this.#context.repeatable('UnassignPrivateIpAddresses', signal, (ec2, options) =>
      ec2.unassignPrivateIpAddresses(input, options),
    );
  }

  async #toVpcInterface(own: OwnInterface, index: number, signal: AbortSignal): Promise<VpcInterface> {
    const { id, macAddress, securityGroups, addresses } = own;
    const subnet = await this.#subnets.get(own.subnetId, signal);
    return { id, index, macAddress, subnet, securityGroups, addresses };
  }
}

function isCode(error: unknown, awsCode: string): boolean {
  return error instanceof AwsCallError && error.awsCode === awsCode;
}
