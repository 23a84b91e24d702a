/**
 * Replays one recorded run: before every call the operations and offers of the file, then task by task our decision
 * beside Fenzo's. What Fenzo did is booked, whatever we would have done, so that both decide from equal states. Where
 * a quirk lies between calls (a disable that Fenzo loses), the replay notes it and follows Fenzo.
 */
import { StowageError } from '@stowage/core';
import { decide } from './decision.ts';
import { FenzoMemory } from './fenzo-memory.ts';
import { FenzoWorld } from './fenzo-world.ts';
import { InputError } from './field-reader.ts';
import { Findings } from './findings.ts';
import type {
  GoldenAssignment,
  GoldenFailure,
  GoldenIteration,
  GoldenScenario,
  GoldenTask,
} from './golden-types.ts';
import { CallPreparation } from './call-preparation.ts';
import { groupVerdict } from './group-comparison.ts';
import { type Comparison, comparePlacement } from './placement-comparison.ts';
import { PortComparison } from './port-comparison.ts';
import { isPortMaximum } from './quirks.ts';
import { compareRefusals } from './refusal-comparison.ts';
import { builtInAmounts, setName } from './resource-units.ts';

/** @throws InputError UNSUPPORTED_AMOUNT for amounts that the engine cannot count */
export function replayScenario(scenario: GoldenScenario): Findings {
  const findings = new Findings(scenario.id);
  try {
    const world = new FenzoWorld(scenario);
    const replay = new ScenarioReplay({ scenario, findings, world, memory: new FenzoMemory(scenario) });
    for (const [i, iteration] of scenario.iterations.entries()) {
      findings.iteration = i;
      if (!replay.call(iteration)) break;
    }
  } catch (error) {
    if (!(error instanceof StowageError && error.code === 'QUANTITY_OVERFLOW')) throw error;
    throw new InputError('UNSUPPORTED_AMOUNT', scenario.file, `${scenario.id}: ${error.message}`);
  }
  return findings;
}

class ScenarioReplay {
  readonly #comparison: Comparison;
  readonly #preparation: CallPreparation;
  /** Evaluations of hosts in this call. */
  #evaluations = 0;

  constructor(comparison: Comparison) {
    this.#comparison = comparison;
    this.#preparation = new CallPreparation(comparison);
  }

  /** @returns false when the engine cannot follow */
  call(iteration: GoldenIteration): boolean {
    const { scenario, findings, memory } = this.#comparison;
    const { result, tasks } = iteration;
    this.#evaluations = 0;
    this.#preparation.prepare(iteration);
    const placed: GoldenAssignment[] = [];
    for (const task of tasks) {
      findings.task = task.id;
      const assignment = result.assignments.get(task.id);
      const failure = result.failures.get(task.id);
      if (placed.length >= scenario.config.taskBatchSize) {
        const isSilent = assignment === undefined && failure === undefined;
        findings.compare('outcome', isSilent, () => 'tried by Fenzo after the batch was full');
        if (assignment === undefined) continue;
      } else {
        this.#compare(task, assignment, failure);
      }
      if (assignment === undefined) continue;
      if (!this.#book(task, assignment)) return false;
      memory.assign(task, assignment);
      placed.push(assignment);
    }
    findings.task = undefined;
    return this.#finish(iteration, placed);
  }

  /** Compares our decision with what Fenzo says about the task. */
  #compare(
    task: GoldenTask,
    assignment: GoldenAssignment | undefined,
    failure: GoldenFailure | undefined,
  ): void {
    const { scenario, world, memory, findings } = this.#comparison;
    if (world.openHosts.length === 0) {
      const isSilent = assignment === undefined && failure === undefined;
      if (isSilent) findings.explain('outcome', 'noHosts', 'we report a failure');
      else findings.differs('outcome', 'Fenzo had hosts to ask, we have none');
      return;
    }
    if (groupVerdict(this.#comparison, task, assignment, failure) === 'decided') return;
    const decision = decide(world, task);
    if (assignment !== undefined) {
      this.#evaluations += world.openHosts.length;
      findings.assignments++;
      comparePlacement(this.#comparison, decision, assignment);
      return;
    }
    findings.failures++;
    if (failure?.hosts.some(({ host }) => host !== '') === true) {
      this.#evaluations += world.openHosts.length;
      compareRefusals(this.#comparison, decision, failure);
      return;
    }
    // Refused for the greatest resources ever seen; the engine asks all agents.
    if (scenario.config.autoScaleByAttributeName === undefined)
      return findings.differs(
        'outcome',
        'refused by Fenzo before any host was asked, without a reason for it',
      );
    if (decision.chosen === undefined) return findings.compare('outcome', true, String);
    const quirk = isPortMaximum(task, memory) ? 'portMaximum' : undefined;
    findings.explain(
      'outcome',
      quirk,
      `refused by Fenzo for the maxima of the groups, we take ${decision.chosen}`,
    );
  }

  /** Books what Fenzo did. */
  #book(task: GoldenTask, { host, resourceSets }: GoldenAssignment): boolean {
    const { world, findings } = this.#comparison;
    const slots = resourceSets.map(({ attrName, index }) => [setName(attrName), [index]] as const);
    try {
      world.scheduler.adopt(world.specOf(task), host, Object.fromEntries(slots));
    } catch (error) {
      if (!(error instanceof StowageError)) throw error;
      findings.cannotFollow(`cannot be booked on ${host}: ${error.message}`);
      return false;
    }
    findings.compare('booking', true, String);
    world.limits.take(task.group, builtInAmounts(task));
    return true;
  }

  #finish({ result }: GoldenIteration, placed: readonly GoldenAssignment[]): boolean {
    const { world, memory, findings } = this.#comparison;
    findings.compare(
      'evaluations',
      this.#evaluations === result.evaluations,
      () => `Fenzo made ${result.evaluations} evaluations, ours would be ${this.#evaluations}`,
    );
    const idle = world.openHosts.filter((host) => world.scheduler.tasksOn(host).length === 0);
    findings.compare(
      'counts',
      idle.length === result.idleVMs,
      () => `Fenzo has ${result.idleVMs} idle hosts, we ${idle.length}`,
    );
    findings.compare(
      'counts',
      memory.knownHosts.size === result.totalVMs,
      () => `Fenzo knows ${result.totalVMs} hosts, we ${memory.knownHosts.size}`,
    );
    return new PortComparison(this.#comparison).launch(placed);
  }
}
