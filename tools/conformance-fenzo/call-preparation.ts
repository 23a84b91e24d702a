/**
 * What happens before a call, in Fenzo's order: disables, offers that were rescinded, offers of inactive groups, new
 * offers, tasks that ended. Fenzo keeps offers of inactive groups until the next call and gives them back then.
 */
import type { GoldenIteration, GoldenOffer, GoldenOperation } from './golden-types.ts';
import type { Comparison } from './placement-comparison.ts';

export class CallPreparation {
  readonly #comparison: Comparison;
  /** Ids of all offers that came so far. */
  readonly #arrived = new Set<string>();
  /** Ids that were rescinded and did not come yet. */
  readonly #rescindedEarly = new Set<string>();
  /** Offers that came in the last call although they had been rescinded before it. */
  #usableOnce: string[] = [];

  constructor(comparison: Comparison) {
    this.#comparison = comparison;
  }

  /** Brings both sides to where Fenzo looks at the first task. */
  prepare({ before, offers, result }: GoldenIteration): void {
    const { world, memory, findings } = this.#comparison;
    memory.beginCall();
    const expired = [...this.#usableOnce, ...before.flatMap((operation) => this.#apply(operation))];
    this.#disable(before);
    const disabled = world.giveBack([]);
    const inactive = world.hosts.filter((host) => world.isInactive(host)).map(({ host }) => host);
    const declined = this.#rescind(expired, inactive);
    for (const host of inactive) memory.deactivate(host);
    const leaving = world.giveBack(inactive);
    const turnedAway = this.#add(offers, before);
    for (const operation of before) {
      if (operation.op === 'unassign') world.release(memory.unassign(operation.taskId));
    }
    world.open();
    for (const { host } of world.hosts) memory.noteMaxima(host, world.heldBy(host));
    const ours = [...disabled, ...declined, ...leaving, ...turnedAway].sort();
    const theirs = [...result.rejectedLeases].sort();
    findings.compare(
      'givenBack',
      ours.join() === theirs.join(),
      () => `we give back ${ours.join(', ') || 'none'}, Fenzo ${theirs.join(', ') || 'none'}`,
    );
  }

  /** What takes effect at once. @returns offers that are to be rescinded */
  #apply(operation: GoldenOperation): string[] {
    const { world } = this.#comparison;
    switch (operation.op) {
      case 'setActiveVmGroups':
        world.setActiveGroups(operation.groups);
        return [];
      case 'enableVM':
        world.enable(operation.host);
        return [];
      case 'expireLease':
        if (!this.#arrived.has(operation.leaseId)) this.#rescindedEarly.add(operation.leaseId);
        return [operation.leaseId];
      case 'disableVM':
      case 'unassign':
        return [];
    }
  }

  #disable(before: readonly GoldenOperation[]): void {
    const { world, memory, findings } = this.#comparison;
    before.forEach((operation, i) => {
      if (operation.op !== 'disableVM') return;
      const { host, durationMillis } = operation;
      if (!memory.knownHosts.has(host))
        return findings.quirk('disableBeforeKnown', `${host} is disabled by us`);
      world.disable(host, durationMillis);
      const isEnabled = before.slice(i).some((later) => later.op === 'enableVM' && later.host === host);
      if (isEnabled) findings.quirk('lateDisable', `${host} is enabled by us`);
    });
  }

  /** @returns ids of the offers that Fenzo gives back all the same */
  #rescind(offers: readonly string[], inactive: readonly string[]): string[] {
    const { world, findings } = this.#comparison;
    const declined: string[] = [];
    for (const id of offers) {
      const host = world.holderOf(id);
      if (host === undefined) continue;
      if (inactive.includes(host)) {
        findings.quirk('declinesRescinded', `${id} of ${host} is not given back by us`);
        declined.push(id);
      }
      world.rescind(id);
    }
    return declined;
  }

  /** @returns ids of the offers given back at once */
  #add(offers: readonly GoldenOffer[], before: readonly GoldenOperation[]): string[] {
    const { world, memory, findings } = this.#comparison;
    this.#usableOnce = [];
    for (const { id } of offers) {
      this.#arrived.add(id);
      if (!this.#rescindedEarly.delete(id)) continue;
      findings.quirk('rescindBeforeArrival', `${id} is refused by us`);
      // Fenzo looks an unknown offer up once more, after the offers of the next call have come.
      if (before.some((operation) => operation.op === 'expireLease' && operation.leaseId === id))
        this.#usableOnce.push(id);
    }
    const { givenBack, refused } = world.add(offers.map((offer) => this.#asFenzoTakesIt(offer)));
    for (const offer of offers) memory.noteOffer(offer);
    // In single-offer mode both pass over an offer for a host that has one.
    for (const { offer, error } of refused) {
      if (error.code === 'QUANTITY_OVERFLOW') throw error;
      const isExpected = error.code === 'SECOND_OFFER';
      findings.compare('givenBack', isExpected, () => `${offer.id} refused by us: ${error.message}`);
    }
    return givenBack;
  }

  /** In single-offer mode the first offer of a host says what the host has. */
  #asFenzoTakesIt(offer: GoldenOffer): GoldenOffer {
    const { scenario, world, memory, findings } = this.#comparison;
    const first = memory.firstOfferOf(offer.host);
    if (!scenario.config.singleOfferPerVM || first === undefined) return offer;
    const effective = { ...first, id: offer.id };
    const isOther = JSON.stringify(comparable(effective)) !== JSON.stringify(comparable(offer));
    if (world.heldBy(offer.host).length === 0 && isOther)
      findings.quirk('firstOfferForever', `${offer.id} is taken at its word by us`);
    return effective;
  }
}

function comparable({ scalars, ...offer }: GoldenOffer): unknown {
  return { ...offer, scalars: [...scalars].sort() };
}
