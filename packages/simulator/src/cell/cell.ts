/**
 * A whole cell on a virtual clock: jobs arrive, the real job managers, queue, engine and scheduling service do their work,
 * simulated agents run containers, operators and accidents interfere. Discrete events, one thread, no real time: a run is
 * a function of scenario and seed, byte by byte.
 */
import { defaultJobPolicy } from '@stowage/jobs';
import { AgentFleet } from './agent-fleet.ts';
import { AgentMessages } from './agent-messages.ts';
import { AgentPools } from './agent-pools.ts';
import { carryOutAction, markOf } from './cell-actions.ts';
import { contradictions } from './cell-check.ts';
import { CellRecorder } from './cell-recorder.ts';
import type { CellOptions, CellProgress, CellRun } from './cell-run.ts';
import { CellSamples } from './cell-samples.ts';
import { chanceOf } from './chance.ts';
import { scheduleArrivals } from './job-arrivals.ts';
import { LifeCycles } from './life-cycles.ts';
import { Master } from './master.ts';
import type { MasterWorld } from './master-world.ts';
import type { PoolReplacement } from './pool-replacement.ts';
import { PoolScaling } from './pool-scaling.ts';
import { RelocationLoop } from './relocation-loop.ts';
import { CELL_EPOCH_MS, type CellScenario } from './scenario.ts';
import { type ScenarioSettings, scenarioSettings } from './scenario-settings.ts';
import { orderedEnds } from './task-tally.ts';
import { TaskRequests } from './task-requests.ts';
import { TaskStore } from './task-store.ts';
import { VirtualClock } from './virtual-clock.ts';

const SEED = 42;
const PROGRESS_MS = 600_000;
const CHECK_EVERY = 1_000;

/**
 * Runs a scenario to its end.
 * @throws StowageError INVALID_OPTION for a scenario that contradicts itself or has a job that is refused; with `check`
 * an Error that names what does not agree
 * @public
 */
export function runCell(scenario: CellScenario, options: CellOptions = {}): CellRun {
  const steps = cellSteps(scenario, options);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    options.onProgress?.(value);
  }
}

/**
 * The same step by step, for callers that do something else in between; yields about every virtual `progressMs`.
 * @throws StowageError as `runCell`
 * @public
 */
export function* cellSteps(
  scenario: CellScenario,
  options: CellOptions = {},
): Generator<CellProgress, CellRun> {
  const startedAt = performance.now();
  const cell = new Cell(scenario, options);
  const { durationMs } = scenario;
  const { progressMs = PROGRESS_MS } = options;
  for (let atMs = 0; atMs < durationMs;) {
    atMs = Math.min(atMs + progressMs, durationMs);
    cell.runTo(atMs);
    yield { atMs, durationMs, events: cell.events };
  }
  return { ...cell.result(), wallMs: performance.now() - startedAt };
}

class Cell {
  readonly #scenario: CellScenario;
  readonly #settings: ScenarioSettings;
  readonly #seed: number;
  readonly #checkEvery: number;
  readonly #clock = new VirtualClock(CELL_EPOCH_MS);
  readonly #recorder: CellRecorder;
  readonly #messages: AgentMessages;
  readonly #world: MasterWorld;
  readonly #agentPools: AgentPools;
  readonly #scaling: PoolScaling;
  readonly #relocation: RelocationLoop;
  readonly #replacements: PoolReplacement[] = [];
  readonly #samples: CellSamples;
  /** Undefined while it is down; what needs it waits. */
  #master: Master | undefined;
  #lastMaster: Master;
  readonly #forMaster: ((master: Master) => void)[] = [];

  constructor(scenario: CellScenario, { seed = SEED, check = false, traceSink }: CellOptions) {
    const settings = scenarioSettings(scenario);
    const clock = this.#clock;
    this.#scenario = scenario;
    this.#settings = settings;
    this.#seed = seed;
    this.#checkEvery = check === true ? CHECK_EVERY : check === false ? Infinity : check;
    const { crashLoopFailures } = defaultJobPolicy(scenario.jobPolicy);
    const recorder = new CellRecorder(clock, crashLoopFailures, scenario.milestones ?? [], traceSink);
    this.#recorder = recorder;
    this.#samples = new CellSamples(recorder);
    this.#messages = new AgentMessages(clock, settings.faults, seed, (taskId, status) => {
      recorder.note('said', 'task', taskId, 'state', status.state, 'reason', status.reason);
      this.#master!.taskStatus(taskId, status);
    });
    const fleet = new AgentFleet(clock, settings.costs, {
      said: (taskId, _, status, taken) => this.#messages.send(taskId, status, taken),
      changed: (agent) => this.#master?.reportAgent(agent),
      pulledImage(agent, image) {
        recorder.counts.imagePulls++;
        recorder.note('pull', 'agent', agent.id, 'image', image);
      },
      calledForInterface(agent, isRebound) {
        if (isRebound) recorder.counts.interfaceRebinds++;
        else recorder.counts.interfaceSetUps++;
        recorder.note('interface', 'agent', agent.id, 'rebound', isRebound);
      },
    });
    const { pools, capacityGroups = [], lifeCycles = [] } = scenario;
    const zones = new Set(pools.flatMap((pool) => pool.zones ?? ['a', 'b', 'c']));
    this.#world = {
      clock,
      scenario,
      settings,
      store: new TaskStore(),
      fleet,
      requests: new TaskRequests(capacityGroups, pools, zones.size),
      lifeCycles: new LifeCycles(lifeCycles, seed),
      recorder,
      placement: settings.placement,
    };
    const master = (): Master | undefined => this.#master;
    this.#agentPools = new AgentPools({
      clock,
      fleet,
      recorder,
      get master() {
        return master();
      },
    });
    this.#scaling = new PoolScaling(pools, this.#agentPools);
    this.#relocation = new RelocationLoop(recorder);
    for (const pool of pools) for (let i = 0; i < pool.agents; i++) this.#agentPools.add(pool);
    this.#lastMaster = this.#master = new Master(this.#world);
    this.#schedule();
  }

  get events(): number {
    return this.#recorder.trace.events;
  }

  /** @param atMs - since the beginning */
  runTo(atMs: number): void {
    while (this.#clock.step(CELL_EPOCH_MS + atMs))
      if (this.#clock.happened % this.#checkEvery === 0) this.#check();
  }

  result(): Omit<CellRun, 'wallMs'> {
    const { name, title, durationMs, actions = [] } = this.#scenario;
    const { counts, rejections, tally, milestones, trace } = this.#recorder;
    if (this.#checkEvery < Infinity) this.#check();
    const { created, launches, starts, ends } = tally.totals;
    return {
      scenario: { name, title, durationMs },
      seed: this.#seed,
      samples: this.#samples.samples,
      totals: {
        ...counts,
        tasksCreated: created,
        launches,
        starts,
        ends: orderedEnds(ends),
        rejections: Object.fromEntries(Object.entries(rejections).sort(([a], [b]) => (a < b ? -1 : 1))),
      },
      outcomes: this.#lastMaster.manager.outcomes.read(this.#clock.nowMs()),
      milestones: milestones.read(),
      marks: actions.filter(({ atMs }) => atMs < durationMs).map(markOf),
      trace: { events: trace.events, hash: trace.hash() },
    };
  }

  #schedule(): void {
    const { paces, costs } = this.#settings;
    const { clock, scenario, fleet } = this.#world;
    scheduleArrivals(scenario, this.#seed, clock, (jobId, spec) =>
      this.#withMaster((master) => master.submit(jobId, spec)),
    );
    const actionWorld = {
      agentPools: this.#agentPools,
      fleet,
      pools: scenario.pools,
      scaling: this.#scaling,
      replacements: this.#replacements,
      chance: chanceOf(this.#seed, 'actions'),
      lossDetectionMs: costs.lossDetectionMs,
      withMaster: (action: (master: Master) => void) => this.#withMaster(action),
      usePlacement: (policy: MasterWorld['placement']) => {
        this.#world.placement = policy;
        this.#master?.usePlacement(policy);
      },
      restartMaster: (downMs: number) => this.#restartMaster(downMs),
    };
    for (const action of scenario.actions ?? []) {
      clock.at(CELL_EPOCH_MS + action.atMs, () => {
        this.#recorder.note('action', 'kind', action.kind);
        carryOutAction(actionWorld, action);
      });
    }
    if (this.#scaling.isNeeded) this.#every(paces.autoscaleMs, () => this.#scale());
    this.#every(paces.relocationMs, () => this.#relocate());
    this.#every(paces.sampleMs, () => this.#sample());
  }

  #every(paceMs: number, action: () => void): void {
    this.#clock.after(paceMs, () => {
      action();
      this.#every(paceMs, action);
    });
  }

  #scale(): void {
    if (this.#master === undefined) return;
    const { fleet, clock } = this.#world;
    const isFrozen = (pool: string): boolean =>
      this.#replacements.some((replacement) => replacement.pool.name === pool && replacement.left > 0);
    this.#scaling.evaluate(this.#master, fleet.agents, isFrozen, clock.nowMs());
  }

  #relocate(): void {
    if (this.#master === undefined) return;
    const { fleet, clock } = this.#world;
    this.#relocation.run(this.#master, fleet.agents, clock.nowMs());
    this.#agentPools.removeEmpty();
    for (const replacement of this.#replacements) replacement.advance(fleet.agents);
  }

  #sample(): void {
    const { fleet, store, scenario } = this.#world;
    this.#samples.take(scenario.pools, fleet, this.#agentPools, store, this.#master);
  }

  #withMaster(action: (master: Master) => void): void {
    if (this.#master === undefined) this.#forMaster.push(action);
    else action(this.#master);
  }

  #restartMaster(downMs: number): void {
    if (this.#master === undefined) return;
    this.#recorder.counts.masterRestarts++;
    this.#master.shutDown();
    this.#master = undefined;
    this.#messages.hold();
    this.#clock.after(downMs, () => {
      const master = new Master(this.#world);
      this.#lastMaster = this.#master = master;
      this.#relocation.reset();
      master.restore();
      this.#recorder.note('master', 'state', 'up');
      this.#agentPools.reportLost();
      this.#messages.release();
      for (const action of this.#forMaster.splice(0)) action(master);
    });
  }

  #check(): void {
    if (this.#master === undefined) return;
    const { store, fleet, requests } = this.#world;
    const problems = contradictions(this.#master, store, fleet, requests);
    if (problems.length > 0)
      throw new Error(`at ${this.#recorder.atMs} ms of the scenario: ${problems.slice(0, 5).join('; ')}`);
  }
}
