/**
 * Checks the claim that a fitness is an additive load: on agents with equal totals, scores of one task class are
 * ordered as Σ used/total is, in one direction, with the same ties.
 */
import type { AdditiveLoad, ClusterView } from '@stowage/core';
import { addFractions, compareFractions, type Fraction, fraction } from '../oracle/fraction.ts';

interface Sighting {
  readonly load: Fraction;
  readonly score: number;
}

export class LoadOrder {
  readonly #claim: AdditiveLoad;
  readonly #sightings = new Map<string, Sighting[]>();

  constructor(claim: AdditiveLoad) {
    this.#claim = claim;
  }

  /** Forgets what was seen: scores before and after a rebinding need not be comparable. */
  clear(): void {
    this.#sightings.clear();
  }

  /** @returns what contradicts the claim, undefined if nothing does */
  see(cluster: ClusterView, row: number, score: number): string | undefined {
    const totals = this.#claim.resources.map((resource) => cluster.total(resource)[row]);
    const load = this.#claim.resources
      .map((resource, r) => fraction(totals[r] - cluster.free(resource)[row], Math.max(1, totals[r])))
      .reduce(addFractions, fraction(0));
    const known = this.#sightings.get(totals.join()) ?? [];
    this.#sightings.set(totals.join(), known);
    const direction = this.#claim.prefer === 'greater' ? 1 : -1;
    for (const other of known) {
      const byLoad = direction * compareFractions(load, other.load);
      if (Math.sign(score - other.score) === byLoad) continue;
      return (
        `declares that a ${this.#claim.prefer} load of ${this.#claim.resources.join(', ')} is better, but agents with ` +
        `totals ${totals.join(', ')} score ${score} at load ${text(load)} and ${other.score} at load ${text(other.load)}`
      );
    }
    known.push({ load, score });
    return undefined;
  }
}

function text({ numerator, denominator }: Fraction): string {
  return `${numerator}/${denominator}`;
}
