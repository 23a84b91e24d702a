/**
 * The calls of EC2 that the agent makes, and of each only the fields it uses. The `EC2` class of `@aws-sdk/client-ec2`
 * fits this interface as it is; a test in `test/aws` holds the two together.
 */
import type { AwsCallOptions } from './aws-caller.ts';
import { type AwsClientOptions, loadSdk } from './sdk-loading.ts';

type Maybe<T> = { readonly [Key in keyof T]?: T[Key] | undefined };

export interface Ec2Filter {
  Name: string;
  Values: string[];
}

export type Ec2Tag = Maybe<{ Key: string; Value: string }>;

export type Ec2Interface = Maybe<{
  NetworkInterfaceId: string;
  MacAddress: string;
  SubnetId: string;
  /** `available`, `associated`, `attaching`, `in-use`, `detaching` or `pending`. */
  Status: string;
  Groups: readonly Maybe<{ GroupId: string }>[];
  PrivateIpAddresses: readonly Maybe<{ PrivateIpAddress: string; Primary: boolean }>[];
  Attachment: Maybe<{
    AttachmentId: string;
    InstanceId: string;
    DeviceIndex: number;
    NetworkCardIndex: number;
    DeleteOnTermination: boolean;
    /** `attaching`, `attached`, `detaching` or `detached`. */
    Status: string;
  }>;
  TagSet: readonly Ec2Tag[];
}>;

export type Ec2Instance = Maybe<{
  InstanceId: string;
  InstanceType: string;
  SubnetId: string;
  NetworkInterfaces: readonly Maybe<{
    NetworkInterfaceId: string;
    Attachment: Maybe<{ DeviceIndex: number; NetworkCardIndex: number }>;
  }>[];
}>;

export type Ec2InstanceType = Maybe<{
  InstanceType: string;
  NetworkInfo: Maybe<{
    MaximumNetworkInterfaces: number;
    Ipv4AddressesPerInterface: number;
    DefaultNetworkCardIndex: number;
    NetworkCards: readonly Maybe<{
      NetworkCardIndex: number;
      MaximumNetworkInterfaces: number;
      BaselineBandwidthInGbps: number;
    }>[];
  }>;
}>;

export type Ec2Rule = Maybe<{
  GroupId: string;
  IsEgress: boolean;
  /** `tcp`, `udp`, `icmp`, a number, or `-1` for all. */
  IpProtocol: string;
  /** For ICMP a type; -1 = all. */
  FromPort: number;
  ToPort: number;
  CidrIpv4: string;
  ReferencedGroupInfo: Maybe<{ GroupId: string }>;
}>;

/** @public */
export interface Ec2Api {
  describeInstances(
    input: { InstanceIds: string[] },
    options: AwsCallOptions,
  ): Promise<Maybe<{ Reservations: readonly Maybe<{ Instances: readonly Ec2Instance[] }>[] }>>;
  describeInstanceTypes(
    input: { InstanceTypes: never[] },
    options: AwsCallOptions,
  ): Promise<Maybe<{ InstanceTypes: readonly Ec2InstanceType[] }>>;
  describeSubnets(
    input: { SubnetIds: string[] },
    options: AwsCallOptions,
  ): Promise<Maybe<{ Subnets: readonly Maybe<{ SubnetId: string; CidrBlock: string }>[] }>>;
  describeNetworkInterfaces(
    input: { Filters: Ec2Filter[]; NextToken?: string },
    options: AwsCallOptions,
  ): Promise<Maybe<{ NetworkInterfaces: readonly Ec2Interface[]; NextToken: string }>>;
  describeSecurityGroupRules(
    input: { Filters: Ec2Filter[]; NextToken?: string },
    options: AwsCallOptions,
  ): Promise<Maybe<{ SecurityGroupRules: readonly Ec2Rule[]; NextToken: string }>>;
  createNetworkInterface(
    input: {
      ClientToken: string;
      Description: string;
      SubnetId: string;
      Groups: string[];
      TagSpecifications: { ResourceType: 'network-interface'; Tags: { Key: string; Value: string }[] }[];
    },
    options: AwsCallOptions,
  ): Promise<Maybe<{ NetworkInterface: Ec2Interface }>>;
  attachNetworkInterface(
    input: { NetworkInterfaceId: string; InstanceId: string; DeviceIndex: number },
    options: AwsCallOptions,
  ): Promise<Maybe<{ AttachmentId: string }>>;
  modifyNetworkInterfaceAttribute(
    input: {
      NetworkInterfaceId: string;
      Groups?: string[];
      Attachment?: { AttachmentId: string; DeleteOnTermination: boolean };
    },
    options: AwsCallOptions,
  ): Promise<unknown>;
  deleteNetworkInterface(input: { NetworkInterfaceId: string }, options: AwsCallOptions): Promise<unknown>;
  assignPrivateIpAddresses(
    input: { NetworkInterfaceId: string; SecondaryPrivateIpAddressCount: number; AllowReassignment: false },
    options: AwsCallOptions,
  ): Promise<
    Maybe<{
      AssignedPrivateIpAddresses: readonly Maybe<{ PrivateIpAddress: string }>[];
    }>
  >;
  unassignPrivateIpAddresses(
    input: { NetworkInterfaceId: string; PrivateIpAddresses: string[] },
    options: AwsCallOptions,
  ): Promise<unknown>;
}

/**
 * Makes the SDK's client, with the SDK's own retries off: the driver counts tries itself.
 * @throws AgentError `AWS_SDK_MISSING` when `@aws-sdk/client-ec2` is not installed
 * @public
 */
export async function loadEc2(options: AwsClientOptions = {}): Promise<Ec2Api> {
  const { EC2 } = await loadSdk('@aws-sdk/client-ec2', () => import('@aws-sdk/client-ec2'));
  return new EC2({ ...options, maxAttempts: 1 });
}
