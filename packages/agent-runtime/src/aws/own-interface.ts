/**
 * One of the agent's own elastic network interfaces, as EC2 shows it. Whose an interface is stands in a tag that is written
 * in the same call that makes the interface, so there is no moment in which one exists and belongs to nobody.
 */
import { AgentError } from '@stowage/protocol';
import { addressNumber } from '../network/cidr.ts';
import type { Ec2Interface } from './ec2-api.ts';

/** Its value is the id of the instance whose agent made the interface. */
export const OWNER_TAG = 'stowage:instance';
/** Its value is the time at which the interface was made, in ISO 8601. */
export const CREATED_TAG = 'stowage:created';

export interface OwnInterface {
  readonly id: string;
  readonly macAddress: string;
  readonly subnetId: string;
  readonly securityGroups: readonly string[];
  /** The primary one first, the others in the order of their numbers. */
  readonly addresses: readonly string[];
  /** NaN when the tag is missing or is no time. */
  readonly createdMs: number;
  /** EC2's word for what it is doing. */
  readonly status: string;
  /** Undefined when it is attached to nothing. */
  readonly attachment?: {
    readonly id: string;
    readonly instanceId: string;
    readonly index: number;
    readonly status: string;
    readonly deleteOnTermination: boolean;
  };
}

export function toOwnInterface(shown: Ec2Interface): OwnInterface {
  const { Attachment: attached } = shown;
  const addresses = [...(shown.PrivateIpAddresses ?? [])];
  addresses.sort((a, b) => Number(b.Primary ?? false) - Number(a.Primary ?? false) || order(a, b));
  const created = shown.TagSet?.find(({ Key }) => Key === CREATED_TAG)?.Value;
  return {
    id: needed(shown.NetworkInterfaceId, 'NetworkInterfaceId'),
    macAddress: needed(shown.MacAddress, 'MacAddress').toLowerCase(),
    subnetId: needed(shown.SubnetId, 'SubnetId'),
    securityGroups: (shown.Groups ?? []).map(({ GroupId }) => needed(GroupId, 'GroupId')).sort(),
    addresses: addresses.map(({ PrivateIpAddress }) => needed(PrivateIpAddress, 'PrivateIpAddress')),
    createdMs: Date.parse(created ?? ''),
    status: shown.Status ?? '',
    ...(attached?.AttachmentId !== undefined && {
      attachment: {
        id: attached.AttachmentId,
        instanceId: attached.InstanceId ?? '',
        index: needed(attached.DeviceIndex, 'DeviceIndex'),
        status: attached.Status ?? '',
        deleteOnTermination: attached.DeleteOnTermination ?? false,
      },
    }),
  };
}

/** The slot in which an interface sits on the instance; undefined when it is not there, or on its way out. */
export function slotOf(own: OwnInterface, instanceId: string): number | undefined {
  const { attachment } = own;
  if (attachment === undefined || attachment.instanceId !== instanceId) return undefined;
  return attachment.status === 'attached' || attachment.status === 'attaching' ? attachment.index : undefined;
}

/** Attached to nothing and free to be attached. */
export function isSpare(own: OwnInterface): boolean {
  return own.status === 'available' && own.attachment === undefined;
}

/** @throws AgentError `AWS_BAD_ANSWER` when the field is missing */
export function needed<T>(value: T | undefined, field: string): T {
  if (value === undefined) {
    throw new AgentError('AWS_BAD_ANSWER', `An answer of EC2 lacks ${field}. Check the endpoint.`);
  }
  return value;
}

type Shown = NonNullable<Ec2Interface['PrivateIpAddresses']>[number];

function order(a: Shown, b: Shown): number {
  return addressNumber(a.PrivateIpAddress ?? '') - addressNumber(b.PrivateIpAddress ?? '');
}
