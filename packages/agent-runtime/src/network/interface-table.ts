/**
 * What is known of the interfaces of this host and of the tasks on them; no input or output.
 * Invariants: an address has at most one task; the groups of an interface with tasks are those of every task on it.
 */
import { type AddressAssignment, groupsKey } from './address-assignment.ts';
import { networkError } from './errors.ts';
import { type PoolAddress, PoolSlot } from './pool-slot.ts';
import type { VpcInterface } from './vpc-driver.ts';

export class InterfaceTable {
  readonly slots: Map<string, PoolSlot> = new Map();
  readonly #settleMs: number;
  readonly #owned = new Map<string, { readonly slot: PoolSlot; readonly address: PoolAddress }>();
  /** Addresses that were given back, and until when a read may still show them. */
  readonly #gone = new Map<string, number>();

  constructor(settleMs: number) {
    this.#settleMs = settleMs;
  }

  /** Adds what an old or new read shows. @param startedMs when the read began */
  merge(shown: readonly VpcInterface[], startedMs: number): void {
    for (const [address, untilMs] of this.#gone) if (untilMs < startedMs) this.#gone.delete(address);
    for (const one of shown) {
      const slot = this.slots.get(one.id) ?? new PoolSlot(one, startedMs);
      this.slots.set(one.id, slot);
      const gone = slot.observe(one, startedMs, this.#settleMs, (address) => this.#gone.has(address));
      for (const address of gone) this.#gone.set(address, startedMs + this.#settleMs);
    }
    const present = new Set(shown.map(({ id }) => id));
    for (const slot of [...this.slots.values()])
      if (!present.has(slot.id) && slot.missing(startedMs, this.#settleMs)) this.slots.delete(slot.id);
  }

  /** An interface that the cloud has attached on request of this pool. */
  attached(shown: VpcInterface, securityGroups: readonly string[], nowMs: number): void {
    const slot = this.slots.get(shown.id) ?? new PoolSlot(shown, nowMs);
    this.slots.set(slot.id, slot);
    slot.bind(securityGroups);
    shown.addresses.forEach((address, position) => slot.learn(address, position === 0, nowMs));
  }

  /** Addresses that the cloud has assigned on request of this pool. */
  assigned(slot: PoolSlot, addresses: readonly string[], nowMs: number): void {
    for (const address of addresses) {
      this.#gone.delete(address);
      slot.learn(address, false, nowMs);
    }
  }

  /** Addresses that the cloud has taken back: there is room for others at once. */
  returned(slot: PoolSlot, addresses: readonly string[], nowMs: number): void {
    for (const address of addresses) {
      slot.addresses.delete(address);
      this.#gone.set(address, nowMs + this.#settleMs);
    }
  }

  /** Takes a free address of the most used interface with these groups. */
  take(taskId: string, key: string): AddressAssignment | undefined {
    const best = this.#inOrder().find((slot) => slot.serves(key) && slot.free() !== undefined);
    return best === undefined ? undefined : this.#give(taskId, best, best.free()!);
  }

  /** @throws AgentError `ADDRESS_CONFLICT` */
  adopt(taskId: string, assignment: AddressAssignment, nowMs: number): void {
    const key = groupsKey(assignment.securityGroups);
    const { interfaceId, interfaceIndex: index, macAddress, subnet } = assignment;
    const slot =
      this.slots.get(interfaceId) ?? new PoolSlot({ id: interfaceId, index, macAddress, subnet }, nowMs);
    const known = slot.addresses.get(assignment.address);
    const held = this.#owned.get(taskId)?.address;
    const conflict =
      (slot.used > 0 && !slot.serves(key)) ||
      slot.operation !== undefined ||
      known?.leaving === true ||
      (known?.ownerTaskId !== undefined && known.ownerTaskId !== taskId) ||
      (held !== undefined && held !== known);
    if (conflict)
      throw networkError(
        'ADDRESS_CONFLICT',
        `Task ${taskId} cannot keep ${assignment.address} on ${interfaceId}: another task has it, or the interface ` +
          'serves other security groups; end one of the tasks.',
      );
    this.slots.set(interfaceId, slot);
    slot.bind(assignment.securityGroups);
    this.#give(taskId, slot, slot.learn(assignment.address, known?.primary ?? false, nowMs));
  }

  assignmentOf(taskId: string): AddressAssignment | undefined {
    const owned = this.#owned.get(taskId);
    if (owned === undefined) return undefined;
    const { id, index, macAddress, subnet, securityGroups } = owned.slot;
    const { address } = owned.address;
    return { interfaceId: id, interfaceIndex: index, macAddress, subnet, address, securityGroups };
  }

  /** @returns false when the task had no address */
  release(taskId: string, nowMs: number): boolean {
    const owned = this.#owned.get(taskId);
    if (owned === undefined) return false;
    this.#owned.delete(taskId);
    owned.address.ownerTaskId = undefined;
    owned.address.idleSinceMs = nowMs;
    return true;
  }

  /** Interfaces without an operation under way, the most used first. */
  ready(): readonly PoolSlot[] {
    return this.#inOrder().filter((slot) => slot.operation === undefined);
  }

  /** Why nobody can have an address with these groups, for people. */
  explain(key: string): string {
    const slots = this.#inOrder();
    const uses = slots.map(
      (slot) =>
        `slot ${slot.index} [${slot.securityGroups.join(', ')}] has ${slot.used} tasks, ${slot.addresses.size} addresses`,
    );
    const why = slots.some((slot) => slot.serves(key))
      ? 'all addresses of the interfaces with these security groups are in use'
      : 'the interfaces are in use by other security groups';
    return `No address for [${(JSON.parse(key) as string[]).join(', ')}]: ${why}: ${uses.join('; ')}.`;
  }

  #inOrder(): readonly PoolSlot[] {
    return [...this.slots.values()].sort((a, b) => b.used - a.used || a.index - b.index);
  }

  #give(taskId: string, slot: PoolSlot, address: PoolAddress): AddressAssignment {
    address.ownerTaskId = taskId;
    this.#owned.set(taskId, { slot, address });
    return this.assignmentOf(taskId)!;
  }
}
