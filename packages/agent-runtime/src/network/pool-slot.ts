/**
 * One interface as the pool knows it: the slot of the two-level resource, with its groups as label and its addresses as
 * units. The pool is the only writer of the cloud's state, so what it did itself counts for more than what it reads: a
 * read may be old.
 */
import { groupsKey, sortedGroups } from './address-assignment.ts';
import type { VpcInterface, VpcSubnet } from './vpc-driver.ts';

/** Reads in a row that do not show an address before the pool believes that it is gone. */
const ABSENT_READS = 3;

export interface PoolAddress {
  readonly address: string;
  /** An adopted address shows only by a read whether it is the primary one. */
  primary: boolean;
  ownerTaskId: string | undefined;
  /** When a task last had it, or when it became known. */
  idleSinceMs: number;
  /** False while it is known from reads alone that may be old; it is given to no task then. */
  trusted: boolean;
  /** It was given back, or the attempt was made; it is given to no task any more. */
  leaving: boolean;
  /** Of the last operation that concerned it, or of the first read that showed it. */
  changedMs: number;
  absentReads: number;
}

export type SlotIdentity = Pick<VpcInterface, 'id' | 'index' | 'macAddress' | 'subnet'>;

export class PoolSlot {
  readonly id: string;
  readonly index: number;
  readonly macAddress: string;
  readonly subnet: VpcSubnet;
  readonly addresses: Map<string, PoolAddress> = new Map();
  /** At most one operation on the cloud at a time: the key that the interface serves after it, '' if none. */
  operation: string | undefined;
  /** The operation takes the leaving addresses away, which makes room. */
  givingBack = false;
  /** The cloud gave fewer addresses than asked for: not asked again before. */
  exhaustedUntilMs: number = -Infinity;
  absentReads = 0;
  changedMs: number;
  #groups: readonly string[] = [];
  #key: string | undefined;

  constructor(identity: SlotIdentity, nowMs: number) {
    this.id = identity.id;
    this.index = identity.index;
    this.macAddress = identity.macAddress;
    this.subnet = identity.subnet;
    this.changedMs = nowMs;
  }

  get securityGroups(): readonly string[] {
    return this.#groups;
  }

  /** True when this pool itself has set or adopted these groups. */
  serves(key: string): boolean {
    return this.#key === key;
  }

  get key(): string | undefined {
    return this.#key;
  }

  bind(securityGroups: readonly string[]): void {
    this.#groups = sortedGroups(securityGroups);
    this.#key = groupsKey(securityGroups);
  }

  /** From now on nobody knows which groups it has. */
  unbind(): void {
    this.#key = undefined;
  }

  /** What a read says of an interface that this pool has not set itself. */
  suppose(securityGroups: readonly string[]): void {
    if (this.#key === undefined) this.#groups = sortedGroups(securityGroups);
  }

  get used(): number {
    let used = 0;
    for (const { ownerTaskId } of this.addresses.values()) if (ownerTaskId !== undefined) used += 1;
    return used;
  }

  /** How many more tasks there can be on it. */
  capacity(addressesPerInterface: number): number {
    const spoken = this.count(
      (known) => (known.leaving && !this.givingBack) || known.ownerTaskId !== undefined,
    );
    return Math.max(0, addressesPerInterface - spoken);
  }

  /** Longest unused first, so that an address rests before another task has it. */
  free(): PoolAddress | undefined {
    let best: PoolAddress | undefined;
    for (const candidate of this.addresses.values())
      if (isFree(candidate) && (best === undefined || candidate.idleSinceMs < best.idleSinceMs))
        best = candidate;
    return best;
  }

  count(test: (address: PoolAddress) => boolean): number {
    return [...this.addresses.values()].filter(test).length;
  }

  /** An address that an operation of this pool brought, or that an adopted task has. */
  learn(address: string, primary: boolean, nowMs: number): PoolAddress {
    const known = this.addresses.get(address);
    if (known?.ownerTaskId !== undefined) return known;
    return this.#put(address, primary, nowMs, true);
  }

  /**
   * @param startedMs when the read began: what changed later it cannot show
   * @returns the addresses that are gone for good
   */
  observe(
    shown: VpcInterface,
    startedMs: number,
    settleMs: number,
    ignored: (address: string) => boolean,
  ): readonly string[] {
    this.absentReads = 0;
    this.suppose(shown.securityGroups);
    shown.addresses.forEach((address, position) => {
      const known = this.addresses.get(address);
      if (known === undefined) {
        if (!ignored(address))
          this.#put(address, position === 0, startedMs, position === 0 || settleMs === 0);
        return;
      }
      known.primary = position === 0;
      known.absentReads = 0;
      if (startedMs >= known.changedMs + settleMs) known.trusted = true;
    });
    const gone: string[] = [];
    const present = new Set(shown.addresses);
    for (const known of this.addresses.values()) {
      if (present.has(known.address) || startedMs <= known.changedMs) continue;
      known.absentReads += 1;
      const settled = startedMs >= known.changedMs + settleMs && known.absentReads >= ABSENT_READS;
      if (settled && known.ownerTaskId === undefined && !known.primary) gone.push(known.address);
    }
    for (const address of gone) this.addresses.delete(address);
    return gone;
  }

  /** @returns true when the interface itself is gone: no read shows it, and no task is on it */
  missing(startedMs: number, settleMs: number): boolean {
    if (startedMs <= this.changedMs) return false;
    this.absentReads += 1;
    const settled = startedMs >= this.changedMs + settleMs && this.absentReads >= ABSENT_READS;
    return settled && this.used === 0 && this.operation === undefined;
  }

  /** The idle time of an address begins anew while a task has it. */
  keepUsed(nowMs: number): void {
    for (const used of this.addresses.values()) if (used.ownerTaskId !== undefined) used.idleSinceMs = nowMs;
  }

  /** Marks what nobody has used since `idleBeforeMs` as leaving. @returns all that is to be given back now */
  takeBack(idleBeforeMs: number, nowMs: number): readonly string[] {
    const addresses: string[] = [];
    for (const candidate of this.addresses.values()) {
      const again = candidate.leaving && candidate.absentReads === 0;
      const idle = isFree(candidate) && !candidate.primary && candidate.idleSinceMs <= idleBeforeMs;
      if (!again && !idle) continue;
      candidate.leaving = true;
      candidate.changedMs = nowMs;
      addresses.push(candidate.address);
    }
    return addresses;
  }

  #put(address: string, primary: boolean, nowMs: number, trusted: boolean): PoolAddress {
    const added: PoolAddress = {
      address,
      primary,
      ownerTaskId: undefined,
      idleSinceMs: nowMs,
      trusted,
      leaving: false,
      changedMs: nowMs,
      absentReads: 0,
    };
    this.addresses.set(address, added);
    return added;
  }
}

export function isFree(address: PoolAddress): boolean {
  return address.ownerTaskId === undefined && address.trusted && !address.leaving;
}

/** Known from a read that may be old; a later read will tell. */
export function isDoubtful(address: PoolAddress): boolean {
  return address.ownerTaskId === undefined && !address.trusted && !address.leaving;
}
