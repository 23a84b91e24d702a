/**
 * Tournaments against a plain list of scores: the same winner and the same ties in every group, and no wrong entry after
 * any step, whatever is written together.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AgentTable } from '../src/agents/agent-table.ts';
import { ResourceSchema } from '../src/resources/schema.ts';
import { Tournament } from '../src/structures/tournament.ts';
import { BLOCK, TournamentLayout } from '../src/structures/tournament-layout.ts';

/** A step gives scores to some rows, and takes others out; few distinct scores make ties. */
interface Step {
  readonly changes: readonly { readonly row: number; readonly score: number }[];
  readonly refill: boolean;
}

const score = fc.oneof(fc.constant(-Infinity), fc.integer({ min: -3, max: 3 }), fc.integer());

function stepOn(rows: number): fc.Arbitrary<Step> {
  return fc.record({
    changes: fc.uniqueArray(fc.record({ row: fc.nat(rows - 1), score }), {
      selector: ({ row }) => row,
      maxLength: 30,
    }),
    refill: fc.boolean(),
  });
}

const history = fc
  .record({
    rows: fc.oneof(fc.integer({ min: 1, max: 3 * BLOCK }), fc.integer({ min: 1, max: BLOCK ** 2 * 3 })),
    zones: fc.integer({ min: 1, max: 4 }),
  })
  .chain((shape) =>
    fc.record({ ...constants(shape), steps: fc.array(stepOn(shape.rows), { minLength: 1, maxLength: 12 }) }),
  );

function constants<T extends object>(values: T): { [K in keyof T]: fc.Arbitrary<T[K]> } {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, fc.constant(value)])) as never;
}

/** Agents of which every seventh stands in the first zone, the others in turn in the rest, so that zones differ in size. */
function layoutOf(rows: number, zones: number): TournamentLayout {
  const agents = new AgentTable(new ResourceSchema([{ name: 'cpu' }]), rows);
  for (let row = 0; row < rows; row++) {
    const zone = row % 7 === 0 ? 0 : row % zones;
    agents.add({ scalars: Int32Array.of(10), slots: [], attributes: { zone: `zone-${zone}` } });
  }
  return new TournamentLayout(agents, zones === 1 ? [] : ['zone'], 0);
}

test('the best row, all that tie with it, and every entry, are those of a plain list', () => {
  fc.assert(
    fc.property(history, ({ rows, zones, steps }) => {
      const layout = layoutOf(rows, zones);
      const tournament = new Tournament(layout);
      const model = new Float64Array(rows).fill(-Infinity);
      const found = new Int32Array(rows);
      tournament.clear();
      tournament.settleAll();
      for (const { changes, refill } of steps) {
        if (refill) {
          model.fill(-Infinity);
          tournament.clear();
        }
        for (const change of changes) model[change.row] = change.score;
        const changed = Int32Array.from(changes, (change) => change.row);
        const feasible = changes.filter((change) => change.score > -Infinity);
        if (!refill) tournament.withdraw(changed, changed.length);
        tournament.write(
          Int32Array.from(feasible, (change) => change.row),
          feasible.length,
          Float64Array.from(feasible, (change) => change.score),
        );
        if (refill) tournament.settleAll();
        else tournament.settle(changed, changed.length);
        expect(tournament.isConsistent()).toBe(true);
        for (let row = 0; row < rows; row++) expect(tournament.scoreOf(row)).toBe(model[row]);
        for (let group = 0; group < layout.groupCount; group++) {
          const ties = bestRows(model, layout, group);
          expect(tournament.isFeasible(group)).toBe(ties.length > 0);
          if (ties.length === 0) continue;
          expect(tournament.bestRowOf(group)).toBe(ties[0]);
          const best = new Float64Array(1);
          tournament.bestScoreInto(group, best, 0);
          expect(best[0]).toBe(model[ties[0]]);
          expect([...found.subarray(0, tournament.bestRowsInto(group, found, 0))]).toEqual(ties);
        }
      }
    }),
    { numRuns: 300 },
  );
});

/** Rows of a group with its greatest score, in order; none if nothing is feasible. */
function bestRows(model: Float64Array, { groupOf }: TournamentLayout, group: number): number[] {
  const own = [...model.keys()].filter((row) => groupOf[row] === group && model[row] > -Infinity);
  const best = Math.max(...own.map((row) => model[row]));
  return own.filter((row) => model[row] === best);
}
