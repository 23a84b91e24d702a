/**
 * Compares the ports of tasks and hands their offers over. Ours are the lowest free ones, in the order of the tasks;
 * Fenzo's are those of the offered ranges in order, which is the same for one offer with ascending ranges. Ports are
 * compared as sets.
 */
import { StowageError } from '@stowage/core';
import type { GoldenAssignment } from './golden-types.ts';
import type { Comparison } from './placement-comparison.ts';
import { portQuirk } from './quirks.ts';

export class PortComparison {
  readonly #comparison: Comparison;
  /** Ports that tasks must get so that the engine follows Fenzo, by task. */
  readonly #forced = new Map<string, readonly number[]>();

  constructor(comparison: Comparison) {
    this.#comparison = comparison;
  }

  /**
   * Launches all tasks of a call.
   * @param placed - in the order of placement
   * @returns false when the engine cannot give the ports that Fenzo gave
   */
  launch(placed: readonly GoldenAssignment[]): boolean {
    const { world, findings } = this.#comparison;
    const byHost = new Map<string, GoldenAssignment[]>();
    for (const one of placed) byHost.set(one.host, [...(byHost.get(one.host) ?? []), one]);
    for (const [host, assignments] of byHost) this.#compareHost(host, assignments);
    const tasks = placed.map(({ taskId, host }) => ({ task: taskId, agent: host }));
    findings.task = undefined;
    let given: ReadonlyMap<string, readonly number[]>;
    try {
      given = world.launch(tasks, this.#forced);
    } catch (error) {
      if (!(error instanceof StowageError)) throw error;
      findings.cannotFollow(`the ports cannot be given: ${error.message}`);
      return false;
    }
    for (const { taskId, ports } of placed) {
      findings.task = taskId;
      const got = given.get(taskId) ?? [];
      findings.compare(
        'ports',
        isSame(got, ports),
        () => `we give ${got.join(', ')}, Fenzo ${ports.join(', ')}`,
      );
    }
    return true;
  }

  /** Leaves the ports of a host to the engine if it is going to choose as Fenzo did. */
  #compareHost(host: string, assignments: readonly GoldenAssignment[]): void {
    const { scenario, world, memory, findings } = this.#comparison;
    const free = world.freePorts(host);
    let isAlike = true;
    for (const { taskId, ports, portsExact } of assignments) {
      const lowest = free.splice(0, ports.length);
      if (isSame(lowest, ports)) continue;
      isAlike = false;
      if (!portsExact) continue;
      findings.task = taskId;
      const one = { config: scenario.config, host: scenario.hosts.get(host)!, memory, world };
      findings.explain(
        'ports',
        portQuirk(one),
        `we give ${lowest.join(', ')} of ${host}, Fenzo ${ports.join(', ')}`,
      );
    }
    if (!isAlike) for (const { taskId, ports } of assignments) this.#forced.set(taskId, ports);
  }
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && new Set([...a, ...b]).size === a.length;
}
