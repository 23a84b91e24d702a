/**
 * Tournaments, settled by JavaScript and by vectors, against a plain list of scores: the same winner and the same ties in
 * every group, and no wrong entry after any step, whatever is entered together. Cells of one memory are used in turn, so
 * that one that wrote beyond its own would be found.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AgentTable } from '../src/agents/agent-table.ts';
import { ResourceSchema } from '../src/resources/schema.ts';
import { Tournament, type TournamentRegisters } from '../src/structures/tournament.ts';
import { BLOCK, TournamentLayout } from '../src/structures/tournament-layout.ts';
import { MemoryCell, TournamentMemory } from '../src/structures/tournament-memory.ts';

/** A step gives scores to some rows of one of the tournaments, and takes others out; few distinct scores make ties. */
interface Step {
  readonly which: number;
  readonly changes: readonly { readonly row: number; readonly score: number }[];
  readonly refill: boolean;
}

/** A tournament, what enters its changes, and what it must hold. */
interface Tested {
  readonly tournament: Tournament;
  readonly registers: TournamentRegisters;
  readonly model: Float64Array;
}

const TOURNAMENTS = 3;

const score = fc.oneof(fc.constant(-Infinity), fc.integer({ min: -3, max: 3 }), fc.integer());

function stepOn(rows: number): fc.Arbitrary<Step> {
  return fc.record({
    which: fc.nat(TOURNAMENTS - 1),
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
      const registers = {
        changed: new Int32Array(rows),
        rows: new Int32Array(rows),
        scores: new Float64Array(rows),
      };
      follow(
        steps,
        Array.from({ length: TOURNAMENTS }, () => tested(new Tournament(layout), registers)),
      );
    }),
    { numRuns: 300 },
  );
});

test('so they are in a memory of WebAssembly, also in a cell that was given back', () => {
  fc.assert(
    fc.property(history, history, ({ rows, steps }, { steps: later }) => {
      const layout = layoutOf(rows, 1);
      const memory = TournamentMemory.of(layout, TOURNAMENTS)!;
      const take = (): Tested[] =>
        Array.from({ length: TOURNAMENTS }, () => tested(new Tournament(layout, memory.take()), memory));
      const all = take();
      expect(memory.take()).toBeUndefined();
      follow(steps, all);
      for (const { tournament } of all) {
        expect(tournament.cell).toBeInstanceOf(MemoryCell);
        memory.giveBack(tournament.cell as MemoryCell);
      }
      const fitting = later.map((step) => ({
        ...step,
        changes: step.changes.filter(({ row }) => row < rows),
      }));
      follow(fitting, take());
    }),
    { numRuns: 300 },
  );
});

test('there is no memory where it would be larger than addresses reach', () => {
  expect(TournamentMemory.of(layoutOf(100, 1), 1e7)).toBeUndefined();
});

function tested(tournament: Tournament, registers: TournamentRegisters): Tested {
  const { scores } = tournament.cell;
  scores.fill(1);
  tournament.fill(registers, 0);
  return {
    tournament,
    registers,
    model: new Float64Array(tournament.layout.placeOf.length).fill(-Infinity),
  };
}

function follow(steps: readonly Step[], all: readonly Tested[]): void {
  for (const step of steps) {
    enter(step, all[step.which]);
    all.forEach(check);
  }
}

function enter({ changes, refill }: Step, { tournament, registers, model }: Tested): void {
  if (refill) model.fill(-Infinity);
  for (const change of changes) model[change.row] = change.score;
  const accepted = changes.filter((change) => change.score > -Infinity);
  registers.changed.set(changes.map(({ row }) => row));
  registers.rows.set(accepted.map(({ row }) => row));
  registers.scores.set(accepted.map((change) => change.score));
  if (refill) tournament.fill(registers, accepted.length);
  else tournament.settle(registers, changes.length, accepted.length);
}

function check({ tournament, model }: Tested): void {
  const { layout } = tournament;
  const found = new Int32Array(model.length);
  expect(tournament.isConsistent()).toBe(true);
  expect(model.every((known, row) => tournament.scoreOf(row) === known)).toBe(true);
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

/** Rows of a group with its greatest score, in order; none if nothing is feasible. */
function bestRows(model: Float64Array, { groupOf }: TournamentLayout, group: number): number[] {
  const own = [...model.keys()].filter((row) => groupOf[row] === group && model[row] > -Infinity);
  const best = Math.max(...own.map((row) => model[row]));
  return own.filter((row) => model[row] === best);
}
