/**
 * `OfferPool` with a `Scheduler` beside a model that knows offers and tasks as plain lists and recomputes everything
 * from them. Cores and ports, each reserved for `web` or not; both lanes feed one resource of the engine. Tasks are
 * pinned, so that the model knows where they go.
 */
import { expect } from 'vitest';
import { AgentGates, type GivenBack, type Offer, OfferPool, Scheduler } from '../../src/index.ts';
import {
  ascending,
  type Lane,
  LANES,
  type ModelOffer,
  type ModelTask,
  NOTHING,
  OfferModel,
  sum,
} from './offer-pool-model.ts';
import type { Step } from './offer-pool-steps.ts';

const MAX_AGE_MS = 60;
const WINDOW_MS = 70;
const MEMORY_MS = 150;

export class OfferPoolRun {
  readonly tally: Record<string, number> = {};
  readonly #single: boolean;
  readonly #maxAgents: number;
  readonly #scheduler = new Scheduler({
    resources: [{ name: 'cpu', unitsPerWhole: 10 }, { name: 'ports' }],
  });
  readonly #gates = new AgentGates();
  readonly #pool: OfferPool;
  #nowMs = 1000;
  #nextId = 0;
  readonly #model: OfferModel;
  readonly #rescinded = new Map<string, number>();
  readonly #closedUntil = new Map<string, number>();
  readonly #givenBackAt: number[] = [];
  #latestExpireMs = 0;
  #shown = 0;

  constructor(single: boolean, maxAgents: number) {
    this.#single = single;
    this.#model = new OfferModel(single);
    this.#maxAgents = maxAgents;
    this.#pool = new OfferPool(this.#scheduler, {
      roles: ['web'],
      resourceFor: ({ name }) => name,
      gates: this.#gates,
      maxAgeMs: MAX_AGE_MS,
      windowMs: WINDOW_MS,
      maxAgentsPerWindow: maxAgents,
      rescindMemoryMs: MEMORY_MS,
      singleOffer: single,
    });
  }

  apply(step: Step): void {
    this.#count(step.kind);
    switch (step.kind) {
      case 'add':
        this.#add(step);
        break;
      case 'bad':
        this.#addBad(step.what, step.agent);
        break;
      case 'rescind':
        this.#rescind(step.offer, step.isFuture);
        break;
      case 'schedule':
        this.#schedule(step.agent, step.cpu, step.count);
        break;
      case 'handOver':
        this.#handOver(step.agents, step.leaveOut, step.wish);
        break;
      case 'release':
        this.#release(step.task);
        break;
      case 'adopt':
        this.#adopt(step.agent, step.cpu, step.ports);
        break;
      case 'wait':
        this.#nowMs += step.byMs;
        break;
      case 'expire':
        this.#expire();
        break;
      case 'expireAgent':
        this.#expireAgent(step.agent);
        break;
      case 'expireAll':
        this.#expireAll();
        break;
      case 'disable':
        this.#disable(step.agent, step.forMs);
        break;
      case 'purge':
        this.#purge();
        break;
    }
    this.#compare();
  }

  // What happens.

  #add({ agent, atMs, cpu, ports }: Extract<Step, { kind: 'add' }>): void {
    const offer: ModelOffer = { id: `offer-${this.#nextId++}`, agent, atMs: this.#nowMs + atMs, cpu, ports };
    const { accepted, refused, givenBack, takenBack } = this.#pool.add([this.#real(offer)], this.#nowMs);
    this.#shown++;
    expect(takenBack).toEqual([]);
    this.#forgetRescinded();
    if (this.#rescinded.has(offer.id)) {
      expect(refused.map(({ error }) => error.code)).toEqual(['OFFER_RESCINDED']);
      this.#model.counts.refused++;
      this.#count('refused rescinded');
    } else if (this.#single && this.#model.heldOf(agent).length > 0) {
      expect(refused.map(({ error }) => error.code)).toEqual(['SECOND_OFFER']);
      this.#model.counts.refused++;
    } else if ((this.#closedUntil.get(agent) ?? 0) > this.#nowMs) {
      expect(givenBack.map(({ reason, offers }) => [reason, offers.length])).toEqual([['disabled', 1]]);
      this.#model.counts.givenBack++;
      this.#count('turned away');
    } else {
      expect(accepted).toHaveLength(1);
      this.#model.hold(offer);
    }
  }

  #addBad(what: 'duplicate' | 'role' | 'amount' | 'range', agent: string): void {
    const held = this.#model.offers.at(this.#nextId % Math.max(1, this.#model.offers.length));
    const cpu = { name: 'cpu', kind: 'scalar', amount: 1 } as const;
    const base: Offer = { id: `offer-${this.#nextId++}`, agent, offeredAtMs: this.#nowMs, resources: [cpu] };
    let code = 'INVALID_OFFER';
    let offer: Offer;
    if (what === 'duplicate' && held !== undefined) {
      offer = { ...base, id: held.id };
      code = 'DUPLICATE_OFFER';
    } else if (what === 'role') {
      offer = { ...base, resources: [cpu, { ...cpu, role: 'ads' }] };
      code = 'UNKNOWN_ROLE';
    } else if (what === 'amount') {
      offer = { ...base, resources: [{ ...cpu, amount: Number.NaN }] };
    } else {
      offer = { ...base, resources: [cpu, { name: 'ports', kind: 'ranges', ranges: [[4, 3]] }] };
    }
    expect(this.#pool.add([offer], this.#nowMs).refused.map(({ error }) => error.code)).toEqual([code]);
    this.#shown++;
    this.#model.counts.refused++;
  }

  #rescind(index: number, isFuture: boolean): void {
    const held = this.#model.offers.at(index % Math.max(1, this.#model.offers.length));
    const id = isFuture || held === undefined ? `offer-${this.#nextId + (index % 2)}` : held.id;
    const { offer, takenBack } = this.#pool.rescind(id, this.#nowMs);
    this.#rescinded.set(id, this.#nowMs + MEMORY_MS);
    this.#forgetRescinded();
    const gone = this.#model.offers.find((one) => one.id === id);
    expect(offer?.id).toBe(gone?.id);
    if (gone === undefined) {
      expect(takenBack).toEqual([]);
      return;
    }
    this.#model.drop([gone], 'rescinded');
    this.#takeBack(gone.agent, takenBack);
  }

  #forgetRescinded(): void {
    for (const [id, untilMs] of this.#rescinded) if (untilMs <= this.#nowMs) this.#rescinded.delete(id);
  }

  #schedule(agent: string, cpu: number, count: number): void {
    if (!this.#model.agents.includes(agent)) return;
    const id = `task-${this.#nextId++}`;
    const fits = cpu <= this.#model.freeCpu(agent) && count <= this.#model.freePorts(agent);
    const result = this.#scheduler.schedule([{ id, agent, resources: { cpu: cpu / 10, ports: count } }]);
    expect(result.placements.map((placement) => placement.agent)).toEqual(fits ? [agent] : []);
    if (fits) this.#model.tasks.push({ id, agent, cpu, count, launched: false, ports: [], taken: NOTHING });
    this.#count(fits ? 'placed' : 'not placed');
  }

  #handOver(agents: readonly string[], leaveOut: boolean, wish: number): void {
    const fresh = this.#model.tasks.filter(({ launched, agent }) => !launched && agents.includes(agent));
    if (fresh.length === 0) return;
    if (leaveOut && fresh.some(({ cpu, count }) => cpu + count > 0)) {
      const missing = fresh.find(({ cpu, count }) => cpu + count > 0)!;
      const given = fresh.filter((task) => task !== missing);
      if (given.some(({ agent }) => agent === missing.agent)) {
        const launched = this.#model.tasks.find((task) => task.launched && agents.includes(task.agent));
        expect(() => this.#pool.handOver(placementsOf(given))).toThrow('INCOMPLETE_HAND_OVER');
        if (launched !== undefined)
          expect(() => this.#pool.handOver(placementsOf([...fresh, launched]))).toThrow(
            'ALREADY_HANDED_OVER',
          );
        this.#count('hand-over refused');
      }
      return;
    }
    const [first] = fresh;
    const wished = this.#model.portsFree(first.agent).at(wish);
    const values = first.count > 0 && wished !== undefined ? { [first.id]: { ports: [wished] } } : {};
    const claimed = first.count > 0 && wished !== undefined ? [wished] : [];
    const handed = this.#pool.handOver(placementsOf(fresh), values);
    expect(handed.map(({ agent }) => agent)).toEqual([...new Set(fresh.map(({ agent }) => agent))]);
    for (const { agent, offers, tasks } of handed) {
      const held = this.#model.heldOf(agent);
      expect(offers.map(({ id }) => id)).toEqual(held.map(({ id }) => id));
      const own = fresh.filter((task) => task.agent === agent);
      expect(tasks.map(({ task }) => task)).toEqual(own.map(({ id }) => id));
      for (const task of own) task.ports = task === first ? claimed : [];
      const before: Record<Lane, number> = { web: 0, '*': 0 };
      for (const task of own) {
        this.#model.launch(task);
        const taken = this.#model.attribute(task, before);
        const { parts, values: listed } = tasks.find((one) => one.task === task.id)!;
        for (const lane of LANES) {
          before[lane] += taken[lane];
          const cores = parts.filter(({ name, role }) => name === 'cpu' && role === lane);
          expect(sum(cores.map(({ amount }) => amount))).toBe(taken[lane] / 10);
          const ports = parts.filter(({ name, role }) => name === 'ports' && role === lane);
          expect(sum(ports.map(({ amount }) => amount))).toBe(
            task.ports.filter((port) => this.#model.laneOfPort(agent, port) === lane).length,
          );
        }
        expect(listed).toEqual(task.ports.length === 0 ? {} : { ports: task.ports });
        expect(task.ports).toHaveLength(task.count);
      }
      if (!this.#single) this.#model.drop(held, 'handedOver');
      this.#count('handed over');
    }
  }

  #release(index: number): void {
    if (this.#model.tasks.length === 0) return;
    const [task] = this.#model.tasks.splice(index % this.#model.tasks.length, 1);
    this.#pool.release(task.id);
    this.#count(task.launched ? 'released launched' : 'released new');
  }

  #adopt(agent: string, cpu: number, ports: readonly number[]): void {
    const id = `task-${this.#nextId++}`;
    const holding = ports.length === 0 ? {} : { values: { ports } };
    const spec = { id, resources: { cpu: cpu / 10, ports: ports.length } };
    if (ports.some((port) => this.#model.launchedOn(agent).some((task) => task.ports.includes(port)))) {
      expect(() => this.#pool.adopt(spec, agent, holding)).toThrow('UNAVAILABLE_VALUES');
      this.#count('adoption refused');
      return;
    }
    const { takenBack } = this.#pool.adopt(spec, agent, holding);
    this.#model.know(agent);
    const task: ModelTask = {
      ...{ id, agent, cpu, count: ports.length, launched: true },
      ports: ascending(ports),
      taken: NOTHING,
    };
    // New tasks are not in anybody's way when it is decided what the adopted one uses.
    if (this.#single) this.#model.attribute(task);
    this.#model.tasks.push(task);
    this.#takeBack(agent, takenBack);
  }

  #expire(): void {
    const expected: string[] = [];
    // The limit's clock stands still where time goes back.
    this.#latestExpireMs = Math.max(this.#latestExpireMs, this.#nowMs);
    const candidates = this.#model.agents
      .filter((agent) => this.#model.heldOf(agent).length > 0 && !this.#model.isWaiting(agent))
      .map((agent) => ({ agent, oldest: this.#model.oldestOf(agent) }))
      .filter(({ oldest }) => this.#nowMs - oldest.atMs >= MAX_AGE_MS)
      .sort((a, b) => a.oldest.atMs - b.oldest.atMs || numberOf(a.oldest.id) - numberOf(b.oldest.id));
    for (const { agent } of this.#single ? [] : candidates) {
      const recent = this.#givenBackAt.filter((atMs) => this.#latestExpireMs - atMs < WINDOW_MS);
      if (recent.length >= this.#maxAgents) break;
      this.#givenBackAt.push(this.#latestExpireMs);
      expected.push(agent);
    }
    const expired = this.#pool.expire(this.#nowMs);
    expect(expired.map(({ agent }) => agent)).toEqual(expected);
    for (const one of expired) this.#noteGivenBack(one, 'expired');
    if (candidates.length > expired.length) this.#count('expiry limited');
  }

  #expireAgent(agent: string): void {
    const given = this.#pool.expireAgent(agent);
    expect(given === undefined).toBe(this.#model.heldOf(agent).length === 0);
    if (given !== undefined) this.#noteGivenBack(given, 'requested');
  }

  #expireAll(): void {
    for (const given of this.#pool.expireAll()) this.#noteGivenBack(given, 'requested');
    expect(this.#model.offers).toEqual([]);
  }

  #disable(agent: string, forMs: number): void {
    this.#gates.disable(agent, this.#nowMs + forMs);
    this.#closedUntil.set(agent, this.#nowMs + forMs);
    const closed = this.#model.agents.filter(
      (one) => (this.#closedUntil.get(one) ?? 0) > this.#nowMs && this.#model.heldOf(one).length > 0,
    );
    const given = this.#pool.expireClosed(this.#nowMs);
    expect(given.map((one) => one.agent).sort()).toEqual(closed.sort());
    for (const one of given) this.#noteGivenBack(one, 'disabled');
  }

  #purge(): void {
    const idle = this.#model.agents.filter(
      (agent) =>
        this.#model.heldOf(agent).length === 0 && !this.#model.tasks.some((task) => task.agent === agent),
    );
    expect(this.#pool.purge().sort()).toEqual([...idle].sort());
    for (const agent of idle) this.#model.agents.splice(this.#model.agents.indexOf(agent), 1);
  }

  // The model's books.

  #noteGivenBack({ agent, offers, reason, takenBack }: GivenBack, expected: GivenBack['reason']): void {
    const held = this.#model.heldOf(agent);
    expect(reason).toBe(expected);
    expect(offers.map(({ id }) => id)).toEqual(held.map(({ id }) => id));
    this.#model.drop(held, 'givenBack');
    this.#takeBack(agent, takenBack);
    this.#count(`given back: ${reason}`);
  }

  /** Only what must go may go: without the last one taken back, there would still not be enough. */
  #takeBack(agent: string, ids: readonly string[]): void {
    const isShort = () => this.#model.freeCpu(agent) < 0 || this.#model.freePorts(agent) < 0;
    expect(isShort()).toBe(ids.length > 0);
    ids.forEach((id) => {
      expect(isShort()).toBe(true);
      const task = this.#model.tasks.find((one) => one.id === id)!;
      expect([task.agent, task.launched]).toEqual([agent, false]);
      this.#model.tasks.splice(this.#model.tasks.indexOf(task), 1);
      this.#count('taken back');
    });
    expect(isShort()).toBe(false);
  }

  // What must agree.

  #compare(): void {
    expect(this.#pool.counts).toEqual(this.#model.counts);
    expect(sum(Object.values(this.#pool.counts))).toBe(this.#shown);
    expect(this.#scheduler.verify()).toEqual([]);
    expect(this.#scheduler.agents().sort()).toEqual([...this.#model.agents].sort());
    expect(this.#scheduler.engine.taskCount).toBe(this.#model.tasks.length);
    for (const agent of this.#model.agents) {
      const own = this.#model.tasks.filter((task) => task.agent === agent);
      const used = { cpu: sum(own.map(({ cpu }) => cpu)) / 10, ports: sum(own.map(({ count }) => count)) };
      expect(this.#scheduler.usageOn(agent)).toEqual(used);
      expect(this.#freeInEngine(agent)).toEqual([this.#model.freeCpu(agent), this.#model.freePorts(agent)]);
      expect(expand(this.#pool.freeValues(agent, 'ports').ranges)).toEqual(this.#model.portsFree(agent));
      for (const { id, ports, launched } of own) {
        expect(this.#pool.valuesOf(id).ports ?? []).toEqual(launched ? ports : []);
      }
      const all = own.flatMap(({ ports }) => ports);
      expect(new Set(all).size).toBe(all.length);
      expect(this.#pool.offersOf(agent).map(({ id }) => id)).toEqual(
        this.#model.heldOf(agent).map(({ id }) => id),
      );
    }
  }

  #freeInEngine(agent: string): number[] {
    const { engine } = this.#scheduler;
    const rows = Array.from({ length: engine.rowCount }, (_, row) => row).filter((row) =>
      engine.hasAgent(row),
    );
    const row = rows[this.#scheduler.agents().indexOf(agent)];
    return engine.schema.scalars.map(({ name }) => engine.cluster.free(name)[row]);
  }

  #real({ id, agent, atMs, cpu, ports }: ModelOffer): Offer {
    const single = (list: readonly number[]) => list.map((port) => [port, port] as const);
    return {
      id,
      agent,
      offeredAtMs: atMs,
      attributes: { name: agent },
      resources: LANES.flatMap((role) => [
        { name: 'cpu', kind: 'scalar' as const, amount: cpu[role] / 10, role },
        { name: 'ports', kind: 'ranges' as const, ranges: single(ports[role]), role },
      ]),
    };
  }

  #count(what: string): void {
    this.tally[what] = (this.tally[what] ?? 0) + 1;
  }
}

const numberOf = (id: string): number => Number(id.split('-')[1]);
const placementsOf = (tasks: readonly ModelTask[]) => tasks.map(({ id, agent }) => ({ task: id, agent }));
const expand = (ranges: readonly (readonly [number, number])[]): number[] =>
  ranges.flatMap(([begin, end]) => Array.from({ length: end - begin + 1 }, (_, i) => begin + i));
