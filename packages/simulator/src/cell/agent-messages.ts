/**
 * The way from agents to the control plane, on which messages can come twice, late, and so in another order than they
 * were said, and with things that are not so. While the control plane is down they wait, as an agent says again what nobody has taken.
 */
import type { AgentStatus } from './agent-fleet.ts';
import { chanceOf, unit } from './chance.ts';
import type { MessageFaults } from './scenario.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Longest time between a message and its double, in ms. */
const DOUBLE_MS = 2_000;

export class AgentMessages {
  readonly #clock: VirtualClock;
  readonly #faults: MessageFaults;
  readonly #chance;
  readonly #deliver: (taskId: string, status: AgentStatus) => void;
  readonly #held: (() => void)[] = [];
  #isUp = true;

  constructor(
    clock: VirtualClock,
    faults: MessageFaults,
    seed: number,
    deliver: (taskId: string, status: AgentStatus) => void,
  ) {
    this.#clock = clock;
    this.#faults = faults;
    this.#chance = chanceOf(seed, 'messages');
    this.#deliver = deliver;
  }

  /** @param taken - called when the control plane has got it */
  send(taskId: string, status: AgentStatus, taken: () => void): void {
    const { duplicate, late, wrong, lateMs } = this.#faults;
    if (this.#happens(wrong)) this.#sayWrong(taskId);
    if (this.#happens(duplicate)) {
      const delayMs = this.#chance.below(DOUBLE_MS);
      this.#clock.after(delayMs, () => this.#arrive(taskId, status, () => undefined));
    }
    if (this.#happens(late))
      this.#clock.after(this.#chance.below(lateMs + 1), () => this.#arrive(taskId, status, taken));
    else this.#arrive(taskId, status, taken);
  }

  /** The control plane is down: what arrives waits. */
  hold(): void {
    this.#isUp = false;
  }

  /** The control plane is up again and gets what has waited. */
  release(): void {
    this.#isUp = true;
    for (const arrive of this.#held.splice(0)) arrive();
  }

  #arrive(taskId: string, status: AgentStatus, taken: () => void): void {
    if (!this.#isUp) {
      this.#held.push(() => this.#arrive(taskId, status, taken));
      return;
    }
    taken();
    this.#deliver(taskId, status);
  }

  #sayWrong(taskId: string): void {
    const isUnknown = this.#chance.below(2) === 0;
    const delayMs = this.#chance.below(DOUBLE_MS);
    this.#clock.after(delayMs, () =>
      this.#arrive(isUnknown ? `${taskId}-never` : taskId, { state: 'start-initiated' }, () => undefined),
    );
  }

  #happens(probability: number): boolean {
    return probability > 0 && unit(this.#chance) < probability;
  }
}
