/**
 * Deletes the agent's own interfaces that are attached to nothing and old: they stem from an `attach` that failed or was
 * cut off, or from an operator who detached one. The rate is bounded, so that a wrong view can do little harm in a short
 * time; and EC2 refuses to delete an interface that is attached, whatever the view said.
 */
import type { Ec2Context } from './ec2-context.ts';
import { AwsCallError } from './aws-errors.ts';
import { deleteWithInstance } from './interface-attachment.ts';
import { isSpare, type OwnInterface, slotOf } from './own-interface.ts';

/** Somebody else deleted it, or it is attached again. */
const NOTHING_TO_DELETE = new Set([
  'InvalidNetworkInterfaceID.NotFound',
  'InvalidNetworkInterface.InUse',
  'InvalidParameterValue',
]);

const MINUTE_MS = 60_000;

export interface CollectorOptions {
  readonly spareAgeMs: number;
  readonly deletesPerMinute: number;
}

export class InterfaceCollector {
  readonly #context: Ec2Context;
  readonly #options: CollectorOptions;
  #deletedAtMs: number[] = [];

  constructor(context: Ec2Context, options: CollectorOptions) {
    this.#context = context;
    this.#options = options;
  }

  /**
   * @param isClaimed asked right before each deletion
   * @returns ids of deleted interfaces
   * @throws AggregateError when something failed; the rest was done
   */
  async collect(
    own: readonly OwnInterface[],
    isClaimed: (id: string) => boolean,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const deleted: string[] = [];
    const errors: unknown[] = [];
    for (const each of own) {
      signal.throwIfAborted();
      try {
        if (slotOf(each, this.#context.instanceId) !== undefined) {
          await deleteWithInstance(this.#context, each, signal);
        } else if (this.#isOldSpare(each) && !isClaimed(each.id) && this.#mayDelete()) {
          if (await this.#delete(each.id, signal)) deleted.push(each.id);
        }
      } catch (error) {
        errors.push(error);
      }
    }
    signal.throwIfAborted();
    if (errors.length > 0) throw new AggregateError(errors, 'Some interfaces could not be cleaned up.');
    return deleted;
  }

  #isOldSpare(own: OwnInterface): boolean {
    const ageMs = this.#context.caller.timing.nowMs() - own.createdMs;
    return isSpare(own) && ageMs >= this.#options.spareAgeMs;
  }

  #mayDelete(): boolean {
    const nowMs = this.#context.caller.timing.nowMs();
    this.#deletedAtMs = this.#deletedAtMs.filter((atMs) => nowMs - atMs < MINUTE_MS);
    if (this.#deletedAtMs.length >= this.#options.deletesPerMinute) return false;
    this.#deletedAtMs.push(nowMs);
    return true;
  }

  async #delete(id: string, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#context.repeatable('DeleteNetworkInterface', signal, (ec2, options) =>
        ec2.deleteNetworkInterface({ NetworkInterfaceId: id }, options),
      );
      return true;
    } catch (error) {
      if (error instanceof AwsCallError && NOTHING_TO_DELETE.has(error.awsCode)) return false;
      throw error;
    }
  }
}
