/**
 * How long the runs still to come will take. Policies differ tenfold in cost, so each is judged by its own runs so
 * far, one that has none yet by the mean of the others.
 */

/** The first decisions pay for loading and compiling, so less than this tells nothing about the rest. */
const LEAST_SHARE = 0.1;

export class RemainingTime {
  readonly #spent = new Map<string, { milliseconds: number; runs: number }>();

  /** A run of a policy has ended. */
  add(policy: string, milliseconds: number): void {
    const spent = this.#spent.get(policy) ?? { milliseconds: 0, runs: 0 };
    this.#spent.set(policy, { milliseconds: spent.milliseconds + milliseconds, runs: spent.runs + 1 });
  }

  /**
   * Milliseconds for the rest of the current run and all runs after it; undefined while there is nothing to go by.
   * @param current - policy of the current run, share of it that is done, and milliseconds since it began
   * @param following - policies of the runs after it
   */
  estimate(
    current: { readonly policy: string; readonly share: number; readonly milliseconds: number },
    following: readonly string[],
  ): number | undefined {
    const projected = current.share >= LEAST_SHARE ? current.milliseconds / current.share : undefined;
    const others = this.#meanOfAll() ?? projected;
    if (others === undefined) return undefined;
    const own = this.#meanOf(current.policy) ?? projected ?? others;
    const rest = following.map((policy) =>
      policy === current.policy ? own : (this.#meanOf(policy) ?? others),
    );
    return own * (1 - current.share) + rest.reduce((sum, milliseconds) => sum + milliseconds, 0);
  }

  #meanOf(policy: string): number | undefined {
    const spent = this.#spent.get(policy);
    return spent === undefined ? undefined : spent.milliseconds / spent.runs;
  }

  #meanOfAll(): number | undefined {
    const means = [...this.#spent.values()].map(({ milliseconds, runs }) => milliseconds / runs);
    return means.length === 0 ? undefined : means.reduce((sum, mean) => sum + mean, 0) / means.length;
  }
}
