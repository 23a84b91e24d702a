/**
 * Affinity, anti-affinity and skew against brute force: after every step of a random history the engine must accept each
 * kind of task on the agents on which going through all pairs of tasks and agents allows it.
 */
import { type AgentShape, type HardConstraint, PlacementEngine } from '@stowage/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { affinity, antiAffinity, maxSkew } from '../src/index.ts';

const KINDS = ['near', 'apart', 'even'] as const;
const JOBS = ['web', 'batch'];
const ZONES = ['a', 'b', 'c', undefined];

/** What a rule says: tasks of a job, near or apart by zone or by agent, or even over zones. */
interface Rule {
  readonly kind: (typeof KINDS)[number];
  readonly job: string;
  readonly byZone: boolean;
  readonly limit: number;
}

interface TaskKind {
  readonly job: string | undefined;
  readonly rules: readonly Rule[];
}

function constraintOf({ kind, job, byZone, limit }: Rule): HardConstraint {
  const selector = { matchLabels: { job } };
  const domain = byZone ? { attribute: 'zone' } : {};
  if (kind === 'near') return affinity(selector, domain);
  if (kind === 'apart') return antiAffinity(selector, domain);
  return maxSkew('zone', limit, { selector });
}

/** Zones of agents by row, and tasks with the row that they are on. */
class Model {
  readonly zones = new Map<number, string | undefined>();
  readonly tasks: { readonly kind: TaskKind; readonly row: number; readonly handle: number }[] = [];

  accepts(task: TaskKind, row: number): boolean {
    const isRepelled = this.tasks.some((other) =>
      other.kind.rules.some(
        (rule) => rule.kind === 'apart' && rule.job === task.job && this.#areNear(rule, other.row, row),
      ),
    );
    return !isRepelled && task.rules.every((rule) => this.#allows(rule, task, row));
  }

  #allows(rule: Rule, task: TaskKind, row: number): boolean {
    const selected = this.tasks.filter(({ kind }) => kind.job === rule.job);
    const isThere = selected.some((other) => this.#areNear(rule, other.row, row));
    if (rule.kind === 'apart') return !isThere;
    const zone = this.zones.get(row);
    if ((rule.byZone || rule.kind === 'even') && zone === undefined) return false;
    if (rule.kind === 'near') {
      const areSomewhere = selected.some((other) => this.#areNear(rule, other.row, other.row));
      return isThere || (task.job === rule.job && !areSomewhere);
    }
    const zones = [...this.zones.values()].filter((other) => other !== undefined);
    const countIn = (wanted: string | undefined) =>
      selected.filter((other) => this.zones.get(other.row) === wanted).length;
    const afterwards = countIn(zone) + (task.job === rule.job ? 1 : 0);
    return zones.every((other) => afterwards - countIn(other) <= rule.limit);
  }

  /** Whether two rows are one domain for a rule; a row without a zone is not even one with itself. */
  #areNear({ byZone }: Rule, row: number, other: number): boolean {
    if (!byZone) return row === other;
    const zone = this.zones.get(row);
    return zone !== undefined && zone === this.zones.get(other);
  }
}

type Step =
  | { readonly do: 'place'; readonly kind: number; readonly row: number }
  | { readonly do: 'choose'; readonly kind: number }
  | { readonly do: 'release'; readonly task: number }
  | { readonly do: 'add' | 'move'; readonly row: number; readonly zone: string | undefined }
  | { readonly do: 'remove'; readonly row: number };

const nat = fc.nat({ max: 11 });
const rule = fc.record({
  kind: fc.constantFrom(...KINDS),
  job: fc.constantFrom(...JOBS),
  byZone: fc.boolean(),
  limit: fc.integer({ min: 1, max: 2 }),
});
const taskKind = fc.record({
  job: fc.constantFrom(...JOBS, undefined),
  rules: fc.array(rule, { maxLength: 2 }),
});
const zone = fc.constantFrom(...ZONES);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('place' as const), kind: nat, row: nat }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('choose' as const), kind: nat }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('release' as const), task: nat }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('add' as const, 'move' as const), row: nat, zone }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), row: nat }) },
);

test('the engine accepts what going through all pairs allows', () => {
  const seen = { accepted: 0, refused: 0, chosen: 0 };
  fc.assert(
    fc.property(
      fc.array(taskKind, { minLength: 1, maxLength: 4 }),
      fc.array(zone, { minLength: 1, maxLength: 5 }),
      fc.array(step, { maxLength: 40, size: 'max' }),
      (kinds, zones, steps) => {
        const engine = new PlacementEngine({ agentCapacity: 1 });
        const model = new Model();
        const shapeIn = (value: string | undefined): AgentShape => ({
          resources: {},
          attributes: value === undefined ? {} : { zone: value },
        });
        for (const value of zones) model.zones.set(engine.addAgent(shapeIn(value)), value);
        const classes = kinds.map(({ job, rules }) =>
          engine.defineClass({
            resources: {},
            ...(job !== undefined && { job }),
            constraints: rules.map(constraintOf),
          }),
        );
        const note = (kind: TaskKind, handle: number) => {
          if (handle >= 0) model.tasks.push({ kind, row: engine.agentOf(handle), handle });
        };
        for (const current of steps) {
          const rows = [...model.zones.keys()];
          const row = 'row' in current ? rows[current.row % rows.length] : -1;
          const kind = 'kind' in current ? current.kind % kinds.length : -1;
          switch (current.do) {
            case 'place':
              if (rows.length > 0) note(kinds[kind], engine.placeOn(classes[kind], row));
              break;
            case 'choose':
              note(kinds[kind], engine.place(classes[kind]));
              seen.chosen++;
              break;
            case 'release': {
              const [task] = model.tasks.splice(current.task % Math.max(1, model.tasks.length), 1);
              if (task !== undefined) engine.release(task.handle);
              break;
            }
            case 'add':
              model.zones.set(engine.addAgent(shapeIn(current.zone)), current.zone);
              break;
            case 'move':
              if (rows.length === 0) break;
              engine.updateAgent(row, shapeIn(current.zone));
              model.zones.set(row, current.zone);
              break;
            case 'remove':
              if (rows.length === 0 || model.tasks.some((task) => task.row === row)) break;
              engine.removeAgent(row);
              model.zones.delete(row);
          }
          kinds.forEach((one, index) => {
            const expected = [...model.zones.keys()]
              .filter((agent) => model.accepts(one, agent))
              .sort((a, b) => a - b);
            const actual = [...model.zones.keys()]
              .filter((agent) => engine.explain(classes[index], agent).feasible === 1)
              .sort((a, b) => a - b);
            expect(actual).toEqual(expected);
            expect(engine.find(classes[index])).toBe(expected[0] ?? -1);
            seen.accepted += expected.length;
            seen.refused += model.zones.size - expected.length;
          });
          expect(engine.verify()).toEqual([]);
        }
      },
    ),
    { numRuns: 1500 },
  );
  // Both answers have to be frequent, or the agreement above says little.
  for (const [event, count] of Object.entries(seen)) expect(count, event).toBeGreaterThan(5000);
});
