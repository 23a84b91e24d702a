/** Actions of EC2 in terms of the fake cloud. */
import type { FakeCloud, FakeInterface } from './fake-cloud.ts';
import { FakeAwsError } from './fake-error.ts';
import type { QueryRequest, XmlValue } from './query-protocol.ts';

type Action = (cloud: FakeCloud, request: QueryRequest) => XmlValue;

const DONE = { return: true };

export const EC2_ACTIONS: Readonly<Record<string, Action>> = {
  DescribeInstances: (cloud, request) => ({
    reservationSet: request.list('InstanceId').map((id) => {
      const instance = cloud.instance(id);
      const attached = cloud.shown().filter(({ attachment }) => attachment?.instanceId === id);
      return {
        instancesSet: [
          {
            instanceId: id,
            instanceType: instance.type,
            instanceState: { code: 16, name: 'running' },
            subnetId: instance.subnetId,
            networkInterfaceSet: attached.map((each) => shownInterface(cloud, each)),
          },
        ],
      };
    }),
  }),

  DescribeInstanceTypes: (cloud, request) => ({
    instanceTypeSet: request.list('InstanceType').map((name) => {
      const type = cloud.types[name];
      if (type === undefined) {
        throw new FakeAwsError(
          'InvalidInstanceType',
          `The following supplied instance types do not exist: [${name}]`,
        );
      }
      return {
        instanceType: name,
        networkInfo: {
          maximumNetworkInterfaces: type.interfaces,
          ipv4AddressesPerInterface: type.addressesPerInterface,
          defaultNetworkCardIndex: 0,
          networkCards: [
            {
              networkCardIndex: 0,
              maximumNetworkInterfaces: type.interfaces,
              baselineBandwidthInGbps: type.baselineGbps,
            },
          ],
        },
      };
    }),
  }),

  DescribeSubnets: (cloud, request) => ({
    subnetSet: request.list('SubnetId').map((id) => ({ subnetId: id, cidrBlock: cloud.subnet(id).cidr })),
  }),

  DescribeSecurityGroups: (cloud, request) => ({
    securityGroupInfo: request.list('GroupId').map((id) => {
      if (!cloud.groups.has(id)) {
        throw new FakeAwsError('InvalidGroup.NotFound', `The security group '${id}' does not exist`);
      }
      return { groupId: id };
    }),
  }),

  DescribeSecurityGroupRules: (cloud, request) => {
    const filters = [...request.filters()];
    const unknown = filters.find(([name]) => name !== 'group-id');
    if (unknown !== undefined)
      throw new FakeAwsError('InvalidParameterValue', `The filter '${unknown[0]}' is invalid`);
    const chosen = cloud.rules.filter(({ groupId }) =>
      filters.every(([, values]) => values.includes(groupId)),
    );
    const start = Number(request.optional('NextToken') ?? 0);
    return {
      securityGroupRuleSet: chosen.slice(start, start + 4).map(({ peer, ...rule }) => ({
        ...rule,
        referencedGroupInfo: peer === undefined ? undefined : { groupId: peer },
      })),
      nextToken: start + 4 < chosen.length ? String(start + 4) : undefined,
    };
  },

  AuthorizeSecurityGroupIngress: (cloud, request) => {
    for (let i = 1; i <= request.count('IpPermissions'); i++) {
      const at = `IpPermissions.${i}`;
      const rule = {
        groupId: request.required('GroupId'),
        isEgress: false,
        ipProtocol: request.required(`${at}.IpProtocol`),
        fromPort: Number(request.optional(`${at}.FromPort`) ?? -1),
        toPort: Number(request.optional(`${at}.ToPort`) ?? -1),
      };
      const range = request.optional(`${at}.IpRanges.1.CidrIp`);
      const peer = request.optional(`${at}.Groups.1.GroupId`);
      cloud.addRule({ ...rule, ...(range && { cidrIpv4: range }), ...(peer && { peer }) });
    }
    return DONE;
  },

  DescribeNetworkInterfaces: (cloud, request) => {
    const ids = request.list('NetworkInterfaceId');
    const shown = cloud.shown();
    const missing = ids.find((id) => !shown.some((each) => each.id === id));
    if (missing !== undefined) {
      throw new FakeAwsError(
        'InvalidNetworkInterfaceID.NotFound',
        `The networkInterface ID '${missing}' does not exist`,
      );
    }
    const filters = [...request.filters()];
    const chosen = shown
      .filter(({ id }) => ids.length === 0 || ids.includes(id))
      .filter((each) => filters.every(([name, values]) => values.includes(property(cloud, each, name))));
    // Small pages, so that clients that forget the rest are found out.
    const start = Number(request.optional('NextToken') ?? 0);
    const page = chosen.slice(start, start + 4);
    return {
      networkInterfaceSet: page.map((each) => shownInterface(cloud, each)),
      nextToken: start + 4 < chosen.length ? String(start + 4) : undefined,
    };
  },

  CreateNetworkInterface: (cloud, request) => {
    const tags: Record<string, string> = {};
    for (let i = 1; i <= request.count('TagSpecification.1.Tag'); i++) {
      const tag = `TagSpecification.1.Tag.${i}`;
      tags[request.required(`${tag}.Key`)] = request.required(`${tag}.Value`);
    }
    const token = request.optional('ClientToken');
    const made = cloud.createInterface({
      subnetId: request.required('SubnetId'),
      groups: request.list('SecurityGroupId'),
      tags,
      ...(token !== undefined && { token }),
    });
    return { networkInterface: shownInterface(cloud, made), clientToken: token };
  },

  AttachNetworkInterface: (cloud, request) => ({
    attachmentId: cloud.attach(
      request.required('NetworkInterfaceId'),
      request.required('InstanceId'),
      Number(request.required('DeviceIndex')),
    ),
  }),

  DetachNetworkInterface: (cloud, request) => {
    cloud.detach(request.required('AttachmentId'));
    return DONE;
  },

  DeleteNetworkInterface: (cloud, request) => {
    cloud.delete(request.required('NetworkInterfaceId'));
    return DONE;
  },

  ModifyNetworkInterfaceAttribute: (cloud, request) => {
    const id = request.required('NetworkInterfaceId');
    const groups = request.list('SecurityGroupId');
    if (groups.length > 0) cloud.setGroups(id, groups);
    else {
      cloud.setDeleteOnTermination(
        id,
        request.required('Attachment.AttachmentId'),
        request.required('Attachment.DeleteOnTermination') === 'true',
      );
    }
    return DONE;
  },

  AssignPrivateIpAddresses: (cloud, request) => {
    const id = request.required('NetworkInterfaceId');
    const added = cloud.assign(id, Number(request.required('SecondaryPrivateIpAddressCount')));
    return {
      networkInterfaceId: id,
      assignedPrivateIpAddressesSet: added.map((privateIpAddress) => ({ privateIpAddress })),
      ...DONE,
    };
  },

  UnassignPrivateIpAddresses: (cloud, request) => {
    cloud.unassign(request.required('NetworkInterfaceId'), request.list('PrivateIpAddress'));
    return DONE;
  },
};

function status(cloud: FakeCloud, { attachment }: FakeInterface): string {
  if (attachment === undefined) return 'available';
  return cloud.attachmentStatus(attachment) === 'attached' ? 'in-use' : 'attaching';
}

function property(cloud: FakeCloud, each: FakeInterface, name: string): string {
  if (name.startsWith('tag:')) return each.tags[name.slice(4)] ?? '';
  if (name === 'attachment.instance-id') return each.attachment?.instanceId ?? '';
  if (name === 'status') return status(cloud, each);
  throw new FakeAwsError('InvalidParameterValue', `The filter '${name}' is invalid`);
}

function shownInterface(cloud: FakeCloud, each: FakeInterface): XmlValue {
  const { attachment } = each;
  return {
    networkInterfaceId: each.id,
    subnetId: each.subnetId,
    status: status(cloud, each),
    macAddress: each.macAddress,
    privateIpAddress: each.addresses[0],
    groupSet: each.groups.map((groupId) => ({ groupId })),
    attachment: attachment && {
      attachmentId: attachment.id,
      instanceId: attachment.instanceId,
      deviceIndex: attachment.index,
      networkCardIndex: 0,
      status: cloud.attachmentStatus(attachment),
      deleteOnTermination: attachment.deleteOnTermination,
    },
    tagSet: Object.entries(each.tags).map(([key, value]) => ({ key, value })),
    privateIpAddressesSet: each.addresses.map((privateIpAddress, i) => ({
      privateIpAddress,
      primary: i === 0,
    })),
  };
}
