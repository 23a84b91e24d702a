/**
 * The simple way to write a plug-in: a function of a task and an agent. The agent handed in is one object per
 * plug-in that is moved from row to row, so it must not be kept.
 */
import { fail } from '../errors.ts';
import type { ClusterView } from './cluster-view.ts';
import type { Dependency, FitnessCalculator, HardConstraint } from './plugin.ts';
import type { TaskClassView } from './task-class-view.ts';

/**
 * One agent, in units (milli-cores, MiB).
 * @public
 */
export interface AgentView {
  readonly row: number;
  /** Placed tasks. */
  readonly taskCount: number;
  /** @throws StowageError UNKNOWN_RESOURCE */
  free(resource: string): number;
  /** @throws StowageError UNKNOWN_RESOURCE */
  total(resource: string): number;
  /** Undefined where the agent lacks the attribute. */
  attribute(key: string): string | undefined;
  /** Placed tasks on this agent with the same value of a label as the task at hand; 0 if it has none. */
  tasksWithSame(label: string): number;
}

class MovingAgent implements AgentView {
  row = 0;
  readonly #cluster: ClusterView;
  readonly #task: TaskClassView;
  readonly #taskCount: Int32Array;

  constructor(cluster: ClusterView, task: TaskClassView) {
    this.#cluster = cluster;
    this.#task = task;
    this.#taskCount = cluster.taskCount;
  }

  get taskCount(): number {
    return this.#taskCount[this.row];
  }

  free(resource: string): number {
    return this.#cluster.free(resource)[this.row];
  }

  total(resource: string): number {
    return this.#cluster.total(resource)[this.row];
  }

  attribute(key: string): string | undefined {
    const column = this.#cluster.attribute(key);
    return column.valueOf(column.ids[this.row]);
  }

  tasksWithSame(label: string): number {
    const labelId = this.#task.labelId(label);
    return labelId === 0 ? 0 : this.#cluster.tasksByAgent(label).get(labelId, this.row);
  }
}

/**
 * A hard constraint from a function.
 *
 * @example
 * ```ts
 * constraint('big enough', (task, agent) => agent.total('memory') >= 65536 || 'smaller than 64 GiB')
 * ```
 * @param test - true, or the reason why not
 * @param dependsOn - default `anything`; `agent` is true of every function that looks at its agent only
 * @public
 */
export function constraint(
  name: string,
  test: (task: TaskClassView, agent: AgentView) => true | string,
  dependsOn: Dependency = 'anything',
): HardConstraint {
  return {
    name,
    dependsOn,
    bind(cluster, task) {
      const agent = new MovingAgent(cluster, task);
      const at = (row: number): true | string => {
        agent.row = row;
        const verdict: unknown = test(task, agent);
        if (verdict === true || typeof verdict === 'string') return verdict;
        return fail(
          'INVALID_VERDICT',
          `constraint "${name}" gave ${String(verdict)} for row ${row}; return true or the reason as a string.`,
        );
      };
      return {
        test: (row) => (at(row) === true ? 0 : 1),
        explain: (row) => String(at(row)),
      };
    },
  };
}

/**
 * A fitness calculator from a function.
 *
 * @param score - a safe integer, greater is better
 * @param dependsOn - default `anything`; `agent` is true of every function that looks at its agent only
 * @public
 */
export function fitness(
  name: string,
  score: (task: TaskClassView, agent: AgentView) => number,
  dependsOn: Dependency = 'anything',
): FitnessCalculator {
  return {
    name,
    dependsOn,
    bind(cluster, task) {
      const agent = new MovingAgent(cluster, task);
      return {
        scoreInto(rows, count, scores) {
          for (let i = 0; i < count; i++) {
            agent.row = rows[i];
            scores[i] = score(task, agent);
          }
        },
      };
    },
  };
}
