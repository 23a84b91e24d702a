/**
 * Puts an interface into a slot: a spare one if there is one, else a new one. Every step can be the last before a crash:
 * an interface that exists carries the agent's tag and is found as a spare, and one that is attached is found in its
 * slot. So no step is undone when a later one fails; what is left over is used by the next call or collected.
 */
import { AgentError } from '@stowage/protocol';
import { randomUUID } from 'node:crypto';
import { abortable } from './abortable.ts';
import { AwsCallError } from './aws-errors.ts';
import type { Ec2Context } from './ec2-context.ts';
import type { InterfaceView } from './interface-view.ts';
import { CREATED_TAG, isSpare, needed, type OwnInterface, OWNER_TAG, slotOf } from './own-interface.ts';
import { asGroupError, hasGroups, setGroups } from './security-groups.ts';

/** A new interface is not there yet for the service that attaches. */
const NOT_YET = new Set(['InvalidNetworkInterfaceID.NotFound', 'IncorrectState', 'InvalidState']);
/** The view was old: the spare has gone or is in use. */
const NOT_SPARE = new Set(['InvalidNetworkInterfaceID.NotFound', 'InvalidNetworkInterface.InUse']);
/** What a repeated attach gets when the first was carried out. */
const PERHAPS_DONE = new Set(['InvalidNetworkInterface.InUse', 'InvalidParameterValue']);

const NOT_YET_PAUSE_MS = 500;

/** One of them is there. */
interface Choice {
  readonly taken?: OwnInterface;
  readonly spare?: OwnInterface;
  readonly newId?: string;
}

export class InterfaceAttachment {
  readonly #context: Ec2Context;
  readonly #view: InterfaceView;
  readonly #subnetId: string;
  readonly #visibleWithinMs: number;
  readonly #claimed: Set<string> = new Set();
  #last: Promise<void> = Promise.resolve();

  constructor(context: Ec2Context, view: InterfaceView, subnetId: string, visibleWithinMs: number) {
    this.#context = context;
    this.#view = view;
    this.#subnetId = subnetId;
    this.#visibleWithinMs = visibleWithinMs;
  }

  /** Whether an attach in flight uses the interface. */
  isClaimed(id: string): boolean {
    return this.#claimed.has(id);
  }

  /** @param groups sorted, without duplicates */
  async attach(index: number, groups: readonly string[], signal: AbortSignal): Promise<OwnInterface> {
    const choice = await this.#inTurn(signal, () => this.#choose(index, groups, signal));
    if (choice.taken !== undefined) return this.#finish(choice.taken.id, index, groups, signal);
    if (choice.spare !== undefined) {
      const attached = await this.#attachSpare(choice.spare, index, groups, signal);
      if (attached !== undefined) return attached;
    }
    return this.#attachNew(
      choice.newId ?? (await this.#inTurn(signal, () => this.#create(groups, signal))),
      index,
      groups,
      signal,
    );
  }

  /** What it claims is the caller's to release. */
  async #choose(index: number, groups: readonly string[], signal: AbortSignal): Promise<Choice> {
    const own = await this.#view.read(signal);
    const taken = own.find((each) => slotOf(each, this.#context.instanceId) === index);
    if (taken !== undefined) {
      if (hasGroups(taken, groups)) return { taken };
      throw new AgentError(
        'AWS_SLOT_TAKEN',
        `Slot ${index} already holds ${taken.id} with the groups ${taken.securityGroups.join(', ')}. ` +
          'Look at the interfaces again and change the groups of this one.',
      );
    }
    const spare = own.find(
      (each) => isSpare(each) && each.subnetId === this.#subnetId && !this.#claimed.has(each.id),
    );
    if (spare === undefined) return { newId: await this.#create(groups, signal) };
    this.#claimed.add(spare.id);
    return { spare };
  }

  /**
   * Looking for a spare and making an interface happen one at a time: an interface of another call that is just being
   * made would look like a spare.
   */
  async #inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    let end: () => void = () => undefined;
    const mine = new Promise<void>((resolve) => (end = resolve));
    this.#last = before.then(() => mine);
    try {
      await abortable(before, signal);
      return await work();
    } finally {
      end();
    }
  }

  async #create(groups: readonly string[], signal: AbortSignal): Promise<string> {
    const createdAt = new Date(this.#context.caller.timing.nowMs()).toISOString();
    const input = {
      // The same for every try, so that a try whose answer was lost makes no second interface.
      ClientToken: randomUUID(),
      Description: `Stowage agent on ${this.#context.instanceId}`,
      SubnetId: this.#subnetId,
      Groups: [...groups],
      TagSpecifications: [
        {
          ResourceType: 'network-interface' as const,
          Tags: [
            { Key: OWNER_TAG, Value: this.#context.instanceId },
            { Key: CREATED_TAG, Value: createdAt },
          ],
        },
      ],
    };
    const { NetworkInterface: made } = await this.#context
      .repeatable('CreateNetworkInterface', signal, (ec2, options) =>
        ec2.createNetworkInterface(input, options),
      )
      .catch(asGroupError);
    const id = needed(made?.NetworkInterfaceId, 'NetworkInterfaceId');
    this.#claimed.add(id);
    return id;
  }

  /** @returns undefined when it turns out to be no spare */
  async #attachSpare(
    spare: OwnInterface,
    index: number,
    groups: readonly string[],
    signal: AbortSignal,
  ): Promise<OwnInterface | undefined> {
    try {
      try {
        if (!hasGroups(spare, groups)) await setGroups(this.#context, spare.id, groups, signal);
        await this.#attachOnce(spare.id, index, signal);
      } catch (error) {
        if (error instanceof AwsCallError && NOT_SPARE.has(error.awsCode)) return undefined;
        throw error;
      }
      return await this.#finish(spare.id, index, groups, signal);
    } finally {
      this.#claimed.delete(spare.id);
    }
  }

  async #attachNew(
    id: string,
    index: number,
    groups: readonly string[],
    signal: AbortSignal,
  ): Promise<OwnInterface> {
    const { timing } = this.#context.caller;
    const deadlineMs = timing.nowMs() + this.#visibleWithinMs;
    try {
      for (;;) {
        try {
          await this.#attachOnce(id, index, signal);
          return await this.#finish(id, index, groups, signal);
        } catch (error) {
          const notYet = error instanceof AwsCallError && NOT_YET.has(error.awsCode);
          if (!notYet || timing.nowMs() >= deadlineMs) throw error;
        }
        await timing.sleep(NOT_YET_PAUSE_MS, signal);
      }
    } finally {
      this.#claimed.delete(id);
    }
  }

  /** Repeatable although EC2 has no token for it: an interface can be attached but once. */
  async #attachOnce(id: string, index: number, signal: AbortSignal): Promise<void> {
    const { instanceId } = this.#context;
    const input = { NetworkInterfaceId: id, InstanceId: instanceId, DeviceIndex: index };
    try {
      await this.#context.repeatable('AttachNetworkInterface', signal, (ec2, options) =>
        ec2.attachNetworkInterface(input, options),
      );
    } catch (error) {
      const perhapsDone = error instanceof AwsCallError && error.mayBeDone && PERHAPS_DONE.has(error.awsCode);
      if (!perhapsDone) throw error;
      await this.#view.until(id, `slot ${index}`, (own) => slotOf(own, instanceId) === index, signal);
    }
  }

  async #finish(
    id: string,
    index: number,
    groups: readonly string[],
    signal: AbortSignal,
  ): Promise<OwnInterface> {
    const own = await this.#view.until(
      id,
      `slot ${index} and the groups`,
      (seen) =>
        slotOf(seen, this.#context.instanceId) === index &&
        seen.attachment?.status === 'attached' &&
        hasGroups(seen, groups),
      signal,
    );
    await deleteWithInstance(this.#context, own, signal);
    return own;
  }
}

/** Has EC2 delete an attached interface when the instance ends, so that an instance leaves none behind. */
export async function deleteWithInstance(
  context: Ec2Context,
  own: OwnInterface,
  signal: AbortSignal,
): Promise<void> {
  const { attachment } = own;
  if (attachment === undefined || attachment.deleteOnTermination) return;
  const input = {
    NetworkInterfaceId: own.id,
    Attachment: { AttachmentId: attachment.id, DeleteOnTermination: true },
  };
  await context.repeatable('ModifyNetworkInterfaceAttribute', signal, (ec2, options) =>
    ec2.modifyNetworkInterfaceAttribute(input, options),
  );
}
