/**
 * Subnets by id. Their ranges never change, so each is asked for once. EC2 reserves the first address after the
 * network's own for the router (VPC user guide, "Subnet sizing").
 */
import { AgentError } from '@stowage/protocol';
import { addressText, parseCidr } from '../network/cidr.ts';
import type { VpcSubnet } from '../network/vpc-driver.ts';
import type { Ec2Context } from './ec2-context.ts';
import { needed } from './own-interface.ts';

export class SubnetCache {
  readonly #context: Ec2Context;
  readonly #subnets: Map<string, VpcSubnet> = new Map();

  constructor(context: Ec2Context) {
    this.#context = context;
  }

  async get(id: string, signal: AbortSignal): Promise<VpcSubnet> {
    const known = this.#subnets.get(id);
    if (known !== undefined) return known;
    const { Subnets: shown } = await this.#context.repeatable('DescribeSubnets', signal, (ec2, options) =>
      ec2.describeSubnets({ SubnetIds: [id] }, options),
    );
    const cidr = needed(shown?.find(({ SubnetId }) => SubnetId === id)?.CidrBlock, `CidrBlock of ${id}`);
    const subnet = { id, cidr, gateway: routerOf(cidr) };
    this.#subnets.set(id, subnet);
    return subnet;
  }
}

function routerOf(text: string): string {
  const cidr = parseCidr(text);
  if (cidr === undefined) {
    throw new AgentError(
      'AWS_BAD_ANSWER',
      `The subnet's range "${text}" is no IPv4 range. Use another subnet.`,
    );
  }
  return addressText(cidr.base + 1);
}
