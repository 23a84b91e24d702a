/**
 * How EC2 shows the agent's own interfaces now, and waiting until it shows a change. Callers at the same time share one
 * describe. EC2 is eventually consistent: what one describe shows, the next may not show yet.
 */
import { AgentError } from '@stowage/protocol';
import type { Ec2Context } from './ec2-context.ts';
import { type OwnInterface, OWNER_TAG, toOwnInterface } from './own-interface.ts';
import { SharedRead } from './shared-read.ts';

const FIRST_POLL_MS = 250;
const LAST_POLL_MS = 2_000;

export class InterfaceView {
  readonly #context: Ec2Context;
  readonly #visibleWithinMs: number;
  readonly #own: SharedRead<readonly OwnInterface[]>;

  /** @param visibleWithinMs how long EC2 may take to show a change */
  constructor(context: Ec2Context, visibleWithinMs: number) {
    this.#context = context;
    this.#visibleWithinMs = visibleWithinMs;
    this.#own = new SharedRead((signal) => this.#describe(signal));
  }

  /** All interfaces with this instance's tag, attached or not. */
  read(signal: AbortSignal): Promise<readonly OwnInterface[]> {
    return this.#own.read(signal);
  }

  async find(id: string, signal: AbortSignal): Promise<OwnInterface | undefined> {
    return (await this.read(signal)).find((own) => own.id === id);
  }

  /**
   * Looks until the interface is as it should be.
   * @param what for the error message
   * @throws AgentError `AWS_NOT_VISIBLE` when that takes too long
   */
  async until(
    id: string,
    what: string,
    isSo: (own: OwnInterface) => boolean,
    signal: AbortSignal,
  ): Promise<OwnInterface> {
    const { timing } = this.#context.caller;
    const deadlineMs = timing.nowMs() + this.#visibleWithinMs;
    for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(2 * pollMs, LAST_POLL_MS)) {
      const own = await this.find(id, signal);
      if (own !== undefined && isSo(own)) return own;
      if (timing.nowMs() >= deadlineMs) {
        throw new AgentError(
          'AWS_NOT_VISIBLE',
          `EC2 did not show ${what} of ${id} within ${this.#visibleWithinMs} ms. Look at the interfaces again.`,
        );
      }
      // Some jitter, so that agents that began together do not ask together.
      await timing.sleep(pollMs * (0.5 + 0.5 * timing.random()), signal);
    }
  }

  async #describe(signal: AbortSignal): Promise<readonly OwnInterface[]> {
    const filters = [{ Name: `tag:${OWNER_TAG}`, Values: [this.#context.instanceId] }];
    const found: OwnInterface[] = [];
    let token: string | undefined;
    do {
      const input = { Filters: filters, ...(token !== undefined && { NextToken: token }) };
      const page = await this.#context.repeatable('DescribeNetworkInterfaces', signal, (ec2, options) =>
        ec2.describeNetworkInterfaces(input, options),
      );
      found.push(...(page.NetworkInterfaces ?? []).map(toOwnInterface));
      token = page.NextToken === '' ? undefined : page.NextToken;
    } while (token !== undefined);
    return found;
  }
}
