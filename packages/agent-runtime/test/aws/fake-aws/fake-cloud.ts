/**
 * The state of the fake EC2: instances, subnets, groups and network interfaces, with the limits and the error codes of
 * the real one ("Error codes for the Amazon EC2 API"). Reads may lag behind: every change leaves a picture, and a
 * read shows the newest picture that is old enough. Time comes from outside, so tests need not wait.
 */
import { FakeAwsError } from './fake-error.ts';

export interface FakeInstanceType {
  readonly interfaces: number;
  readonly addressesPerInterface: number;
  readonly baselineGbps: number;
}

export interface FakeInstance {
  readonly id: string;
  readonly type: string;
  readonly subnetId: string;
}

export interface FakeSubnet {
  readonly id: string;
  readonly cidr: string;
}

export interface FakeInterface {
  readonly id: string;
  readonly subnetId: string;
  readonly macAddress: string;
  readonly tags: Record<string, string>;
  /** The first is the primary one. */
  addresses: string[];
  groups: string[];
  attachment?: {
    readonly id: string;
    readonly instanceId: string;
    readonly index: number;
    readonly atMs: number;
    deleteOnTermination: boolean;
  };
}

/** As `DescribeSecurityGroupRules` shows it. */
export interface FakeRule {
  readonly groupId: string;
  readonly isEgress: boolean;
  readonly ipProtocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly cidrIpv4?: string;
  readonly peer?: string;
}

export interface FakeCloudOptions {
  readonly nowMs: () => number;
  readonly types?: Readonly<Record<string, FakeInstanceType>>;
  /** For how long an attachment is `attaching`. */
  readonly attachingMs?: number;
  readonly groupsPerInterface?: number;
}

export class FakeCloud {
  readonly instances: Map<string, FakeInstance> = new Map();
  readonly subnets: Map<string, FakeSubnet> = new Map();
  readonly groups: Set<string> = new Set();
  rules: readonly FakeRule[] = [];
  /** Groups of another VPC. */
  readonly otherGroups: Set<string> = new Set();
  readonly interfaces: Map<string, FakeInterface> = new Map();
  readonly types: Readonly<Record<string, FakeInstanceType>>;
  /** How far reads are behind, asked for at every read. */
  lagMs: () => number = () => 0;
  readonly nowMs: () => number;
  readonly #attachingMs: number;
  readonly #groupsPerInterface: number;
  readonly #tokens: Map<string, { id: string; request: string }> = new Map();
  #pictures: { atMs: number; interfaces: FakeInterface[] }[] = [];
  #lastId = 0;

  constructor(options: FakeCloudOptions) {
    this.nowMs = options.nowMs;
    this.types = options.types ?? {};
    this.#attachingMs = options.attachingMs ?? 0;
    this.#groupsPerInterface = options.groupsPerInterface ?? 5;
    this.#changed();
  }

  // --- set-up by tests

  addSubnet(cidr: string): FakeSubnet {
    const subnet = { id: this.#newId('subnet'), cidr };
    this.subnets.set(subnet.id, subnet);
    return subnet;
  }

  /** With the rule that EC2 gives every new group: everything may go out. */
  addGroup(): string {
    const id = this.#newId('sg');
    this.groups.add(id);
    this.addRule({ groupId: id, isEgress: true, ipProtocol: '-1', cidrIpv4: '0.0.0.0/0' });
    return id;
  }

  /** Without ports: all of them. */
  addRule(rule: Omit<FakeRule, 'fromPort' | 'toPort'> & Partial<FakeRule>): void {
    this.rules = [...this.rules, { fromPort: -1, toPort: -1, ...rule }];
  }

  runInstance(type: string, subnetId: string, group: string): FakeInstance {
    const instance = { id: this.#newId('i'), type, subnetId };
    this.instances.set(instance.id, instance);
    const { id } = this.createInterface({ subnetId, groups: [group], tags: {} });
    this.attach(id, instance.id, 0);
    this.interfaces.get(id)!.attachment!.deleteOnTermination = true;
    this.#changed();
    return instance;
  }

  /** Ends an instance: interfaces with `deleteOnTermination` go with it, the others are detached. */
  terminate(instanceId: string): void {
    this.instances.delete(instanceId);
    for (const each of this.interfaces.values()) {
      if (each.attachment?.instanceId !== instanceId) continue;
      if (each.attachment.deleteOnTermination) this.interfaces.delete(each.id);
      else delete each.attachment;
    }
    this.#changed();
  }

  // --- reads

  /** Interfaces as a read shows them, which may be behind. */
  shown(): readonly FakeInterface[] {
    const asOfMs = this.nowMs() - this.lagMs();
    const picture = this.#pictures.findLast(({ atMs }) => atMs <= asOfMs) ?? this.#pictures[0];
    return picture.interfaces;
  }

  attachmentStatus({ atMs }: NonNullable<FakeInterface['attachment']>): 'attaching' | 'attached' {
    return this.nowMs() - atMs < this.#attachingMs ? 'attaching' : 'attached';
  }

  subnet(id: string): FakeSubnet {
    const subnet = this.subnets.get(id);
    if (subnet === undefined) {
      throw new FakeAwsError('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`);
    }
    return subnet;
  }

  instance(id: string): FakeInstance {
    const instance = this.instances.get(id);
    if (instance === undefined) {
      throw new FakeAwsError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
    }
    return instance;
  }

  interface(id: string): FakeInterface {
    const found = this.interfaces.get(id);
    if (found === undefined) {
      throw new FakeAwsError(
        'InvalidNetworkInterfaceID.NotFound',
        `The networkInterface ID '${id}' does not exist`,
      );
    }
    return found;
  }

  // --- changes

  createInterface(request: {
    readonly subnetId: string;
    readonly groups: readonly string[];
    readonly tags: Readonly<Record<string, string>>;
    readonly token?: string;
  }): FakeInterface {
    const text = JSON.stringify(request);
    const earlier = request.token === undefined ? undefined : this.#tokens.get(request.token);
    if (earlier !== undefined) {
      if (earlier.request !== text) {
        throw new FakeAwsError('IdempotentParameterMismatch', 'The request differs from the one before.');
      }
      return this.interface(earlier.id);
    }
    const subnet = this.subnet(request.subnetId);
    this.#checkGroups(request.groups);
    const addresses = this.#freeAddresses(subnet, 1);
    const id = this.#newId('eni');
    const made: FakeInterface = {
      id,
      subnetId: subnet.id,
      macAddress: `02:00:${this.#lastId.toString(16).padStart(8, '0').match(/../g)!.join(':')}`,
      tags: { ...request.tags },
      addresses,
      groups: [...request.groups],
    };
    this.interfaces.set(id, made);
    if (request.token !== undefined) this.#tokens.set(request.token, { id, request: text });
    this.#changed();
    return made;
  }

  attach(id: string, instanceId: string, index: number): string {
    const chosen = this.interface(id);
    const instance = this.instance(instanceId);
    if (chosen.attachment !== undefined) {
      throw new FakeAwsError('InvalidNetworkInterface.InUse', `Interface: [${id}] in use.`);
    }
    const there = [...this.interfaces.values()].filter((each) => each.attachment?.instanceId === instanceId);
    if (there.some((each) => each.attachment?.index === index)) {
      throw new FakeAwsError(
        'InvalidParameterValue',
        `Instance '${instanceId}' already has an interface attached at device index '${index}'.`,
      );
    }
    if (there.length >= this.#type(instance).interfaces) {
      throw new FakeAwsError(
        'AttachmentLimitExceeded',
        `Interface count ${there.length + 1} exceeds the limit for ${instance.type}`,
      );
    }
    const attachmentId = this.#newId('eni-attach');
    chosen.attachment = {
      id: attachmentId,
      instanceId,
      index,
      atMs: this.nowMs(),
      deleteOnTermination: false,
    };
    this.#changed();
    return attachmentId;
  }

  detach(attachmentId: string): void {
    const chosen = [...this.interfaces.values()].find((each) => each.attachment?.id === attachmentId);
    if (chosen === undefined) {
      throw new FakeAwsError(
        'InvalidAttachmentID.NotFound',
        `The attachment '${attachmentId}' does not exist`,
      );
    }
    if (chosen.attachment!.index === 0) {
      throw new FakeAwsError(
        'OperationNotPermitted',
        'The network interface at device index 0 cannot be detached.',
      );
    }
    delete chosen.attachment;
    this.#changed();
  }

  delete(id: string): void {
    if (this.interface(id).attachment !== undefined) {
      throw new FakeAwsError('InvalidParameterValue', `Network interface '${id}' is currently in use.`);
    }
    this.interfaces.delete(id);
    this.#changed();
  }

  setGroups(id: string, groups: readonly string[]): void {
    const chosen = this.interface(id);
    this.#checkGroups(groups);
    chosen.groups = [...groups];
    this.#changed();
  }

  setDeleteOnTermination(id: string, attachmentId: string, value: boolean): void {
    const { attachment } = this.interface(id);
    if (attachment?.id !== attachmentId) {
      throw new FakeAwsError(
        'InvalidAttachmentID.NotFound',
        `The attachment '${attachmentId}' does not exist`,
      );
    }
    attachment.deleteOnTermination = value;
    this.#changed();
  }

  assign(id: string, count: number): string[] {
    const chosen = this.interface(id);
    const limit = this.#addressLimit(chosen);
    if (chosen.addresses.length + count > limit) {
      throw new FakeAwsError(
        'PrivateIpAddressLimitExceeded',
        `Number of private addresses will exceed limit of ${limit}.`,
      );
    }
    const added = this.#freeAddresses(this.subnet(chosen.subnetId), count);
    chosen.addresses = [...chosen.addresses, ...added];
    this.#changed();
    return added;
  }

  unassign(id: string, addresses: readonly string[]): void {
    const chosen = this.interface(id);
    const missing = addresses.filter((each) => !chosen.addresses.includes(each));
    if (missing.length > 0) {
      throw new FakeAwsError(
        'InvalidParameterValue',
        `Some of [${missing.join(', ')}] addresses are not assigned to interface ${id}`,
      );
    }
    if (addresses.includes(chosen.addresses[0])) {
      throw new FakeAwsError('InvalidParameterValue', 'The primary address cannot be unassigned.');
    }
    chosen.addresses = chosen.addresses.filter((each) => !addresses.includes(each));
    this.#changed();
  }

  #changed(): void {
    const nowMs = this.nowMs();
    const interfaces = structuredClone([...this.interfaces.values()]);
    this.#pictures.push({ atMs: nowMs, interfaces });
    if (this.#pictures.length > 200) this.#pictures = this.#pictures.slice(-100);
  }

  #newId(kind: string): string {
    this.#lastId += 1;
    return `${kind}-${this.#lastId.toString(16).padStart(17, '0')}`;
  }

  #type(instance: FakeInstance): FakeInstanceType {
    const type = this.types[instance.type];
    if (type === undefined) throw new Error(`The fake has no instance type ${instance.type}.`);
    return type;
  }

  #addressLimit({ attachment }: FakeInterface): number {
    // A detached interface takes as many as the largest type would.
    return attachment === undefined
      ? 50
      : this.#type(this.instance(attachment.instanceId)).addressesPerInterface;
  }

  #checkGroups(groups: readonly string[]): void {
    const other = groups.find((id) => this.otherGroups.has(id));
    if (other !== undefined) {
      throw new FakeAwsError(
        'InvalidParameter',
        `Security group ${other} and subnet belong to different networks.`,
      );
    }
    const missing = groups.filter((id) => !this.groups.has(id));
    if (missing.length > 0) {
      throw new FakeAwsError('InvalidGroup.NotFound', `The security group '${missing[0]}' does not exist`);
    }
    if (groups.length > this.#groupsPerInterface) {
      throw new FakeAwsError(
        'SecurityGroupsPerInterfaceLimitExceeded',
        'You have exceeded the number of security groups that you can assign to an interface.',
      );
    }
  }

  #freeAddresses({ id, cidr }: FakeSubnet, count: number): string[] {
    const [base = '', bits] = cidr.split('/');
    const first = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    const used = new Set([...this.interfaces.values()].flatMap(({ addresses }) => addresses));
    const free: string[] = [];
    // The first four and the last address of a subnet are reserved.
    const last = first + 2 ** (32 - Number(bits)) - 2;
    for (let number = first + 4; number <= last && free.length < count; number++) {
      const address = [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
      if (!used.has(address)) free.push(address);
    }
    if (free.length < count) {
      throw new FakeAwsError(
        'InsufficientFreeAddressesInSubnet',
        `The specified subnet ${id} does not have enough free addresses to satisfy the request.`,
      );
    }
    return free;
  }
}
