/**
 * Makes the EC2 driver for one instance: finds its type, its limits and its subnet. Refuses an instance with a further
 * interface that does not carry the agent's tag: the driver would neither see it nor know that its slot is taken.
 */
import { AgentError } from '@stowage/protocol';
import type { VpcLimits } from '../network/vpc-driver.ts';
import { AwsCaller, type AwsRetryOptions, type AwsTiming } from './aws-caller.ts';
import { AwsCallError } from './aws-errors.ts';
import type { Ec2Api, Ec2Instance } from './ec2-api.ts';
import { Ec2Context } from './ec2-context.ts';
import { Ec2VpcDriver } from './ec2-vpc-driver.ts';
import { knownLimits } from './instance-network.ts';
import { OWNER_TAG, needed } from './own-interface.ts';

/** @public */
export interface Ec2VpcOptions extends AwsRetryOptions {
  /** A client whose own retries are off, as {@link loadEc2} makes one. */
  readonly ec2: Ec2Api;
  /** This host's. */
  readonly instanceId: string;
  /** For new interfaces. Default: that of the instance. */
  readonly subnetId?: string;
  /** Default: what EC2 says of the instance type; when the agent may not ask, a table of common types. */
  readonly limits?: VpcLimits;
  /** How long EC2 may take to show a change. Default 30,000 ms. */
  readonly visibleWithinMs?: number;
  /** Age from which on a detached interface is deleted. Default 300,000 ms. */
  readonly spareAgeMs?: number;
  /** Default 10. */
  readonly deletesPerMinute?: number;
  readonly timing?: AwsTiming;
}

/**
 * @throws AgentError `AWS_UNKNOWN_INSTANCE`, `AWS_FOREIGN_INTERFACE` or `AWS_LIMITS_UNKNOWN`; AwsCallError
 * @public
 */
export async function connectEc2Vpc(options: Ec2VpcOptions, signal: AbortSignal): Promise<Ec2VpcDriver> {
  return ec2VpcOf(options, await readEc2Facts(options, signal));
}

/** What the driver must know of an instance; it does not change while the instance runs. */
export interface Ec2Facts {
  readonly subnetId: string;
  readonly limits: VpcLimits;
}

/** @throws as {@link connectEc2Vpc} */
export async function readEc2Facts(options: Ec2VpcOptions, signal: AbortSignal): Promise<Ec2Facts> {
  const context = contextOf(options);
  const instance = await describeInstance(context, signal);
  await refuseForeign(context, instance, signal);
  return {
    subnetId: options.subnetId ?? needed(instance.SubnetId, 'SubnetId'),
    limits:
      options.limits ?? (await typeLimits(context, needed(instance.InstanceType, 'InstanceType'), signal)),
  };
}

/** Asks nothing of EC2, so that an agent can go on with its tasks while EC2 does not answer. */
export function ec2VpcOf(options: Ec2VpcOptions, facts: Ec2Facts): Ec2VpcDriver {
  return new Ec2VpcDriver({
    context: contextOf(options),
    subnetId: options.subnetId ?? facts.subnetId,
    limits: options.limits ?? facts.limits,
    visibleWithinMs: options.visibleWithinMs ?? 30_000,
    spareAgeMs: options.spareAgeMs ?? 300_000,
    deletesPerMinute: options.deletesPerMinute ?? 10,
  });
}

function contextOf(options: Ec2VpcOptions): Ec2Context {
  return new Ec2Context(options.ec2, new AwsCaller(options, options.timing), options.instanceId);
}

async function describeInstance(context: Ec2Context, signal: AbortSignal): Promise<Ec2Instance> {
  const { instanceId } = context;
  const unknown = (cause?: unknown): AgentError =>
    new AgentError(
      'AWS_UNKNOWN_INSTANCE',
      `EC2 knows no instance ${instanceId}. Check the id, the region and the account of the credentials.`,
      cause,
    );
  const answer = await context
    .repeatable('DescribeInstances', signal, (client, call) =>
      client.describeInstances({ InstanceIds: [instanceId] }, call),
    )
    .catch((error: unknown) => {
      const isUnknown = error instanceof AwsCallError && error.awsCode.startsWith('InvalidInstanceID');
      throw isUnknown ? unknown(error) : error;
    });
  const instance = answer.Reservations?.[0]?.Instances?.[0];
  if (instance === undefined) throw unknown();
  return instance;
}

async function refuseForeign(context: Ec2Context, instance: Ec2Instance, signal: AbortSignal): Promise<void> {
  const further = (instance.NetworkInterfaces ?? []).filter(
    ({ Attachment }) => (Attachment?.DeviceIndex ?? 0) > 0 || (Attachment?.NetworkCardIndex ?? 0) > 0,
  );
  if (further.length === 0) return;
  const filters = [{ Name: 'attachment.instance-id', Values: [context.instanceId] }];
  const { NetworkInterfaces: shown } = await context.repeatable(
    'DescribeNetworkInterfaces',
    signal,
    (client, call) => client.describeNetworkInterfaces({ Filters: filters }, call),
  );
  const foreign = further
    .map(({ NetworkInterfaceId }) => shown?.find((each) => each.NetworkInterfaceId === NetworkInterfaceId))
    .filter((each) => each !== undefined)
    .filter(
      ({ TagSet }) => !TagSet?.some(({ Key, Value }) => Key === OWNER_TAG && Value === context.instanceId),
    )
    .map(({ NetworkInterfaceId }) => NetworkInterfaceId);
  if (foreign.length > 0) {
    throw new AgentError(
      'AWS_FOREIGN_INTERFACE',
      `${context.instanceId} has ${foreign.join(', ')}, which the agent did not attach. Detach them, or give them ` +
        `the tag ${OWNER_TAG} = ${context.instanceId} so that tasks may use them.`,
    );
  }
}

async function typeLimits(
  context: Ec2Context,
  instanceType: string,
  signal: AbortSignal,
): Promise<VpcLimits> {
  let refusal: unknown;
  try {
    const { InstanceTypes: types } = await context.repeatable(
      'DescribeInstanceTypes',
      signal,
      (client, call) =>
        // The SDK's type lists the instance types of its day; new ones are as good.
        client.describeInstanceTypes({ InstanceTypes: [instanceType as never] }, call),
    );
    const { NetworkInfo: network } = types?.[0] ?? {};
    const cardIndex = network?.DefaultNetworkCardIndex ?? 0;
    const card = network?.NetworkCards?.find(({ NetworkCardIndex }) => (NetworkCardIndex ?? 0) === cardIndex);
    // Types with several cards count the interfaces of all; the driver attaches to the first alone.
    const interfaces = card?.MaximumNetworkInterfaces ?? network?.MaximumNetworkInterfaces;
    const addressesPerInterface = network?.Ipv4AddressesPerInterface;
    const networkGbps = card?.BaselineBandwidthInGbps;
    if (interfaces !== undefined && addressesPerInterface !== undefined && networkGbps !== undefined) {
      return {
        interfaces: interfaces - 1,
        addressesPerInterface,
        networkMbps: Math.round(networkGbps * 1000),
      };
    }
  } catch (error) {
    if (!(error instanceof AwsCallError) || error.kind !== 'refused') throw error;
    refusal = error;
  }
  const known = knownLimits(instanceType);
  if (known !== undefined) return known;
  throw new AgentError(
    'AWS_LIMITS_UNKNOWN',
    `The network limits of ${instanceType} are not known. Allow ec2:DescribeInstanceTypes or give the limits.`,
    refusal,
  );
}
