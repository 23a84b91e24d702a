/**
 * The launch guard against a model that counts anew: whatever way a task came to its stage, and whatever was rolled
 * back, the next decision sees who is starting now.
 */
import { PlacementEngine } from '@stowage/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asSoft, launchGuard } from '../src/index.ts';

interface ModelTask {
  readonly handle: number;
  readonly row: number;
  readonly stage: 'reserved' | 'assigned' | 'running';
}

const AGENTS = 3;
const index = fc.nat({ max: 9 });
const operation = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('place' as const, 'prefer' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reserve' as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('start' as const, 'start' as const, 'release' as const, 'confirm' as const),
      task: index,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('begin' as const, 'commit' as const, 'rollback' as const) }),
  },
);

test('admits as many starting tasks as it says', () => {
  const decided = { placed: 0, refused: 0 };
  const history = fc.array(operation, { minLength: 5, maxLength: 60, size: 'max' });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), history, (maxStarting, operations) => {
      const engine = new PlacementEngine({ resources: [{ name: 'cpu' }], agentCapacity: 1 });
      for (let row = 0; row < AGENTS; row++) engine.addAgent({ resources: { cpu: 1000 } });
      const guard = launchGuard(maxStarting);
      const hard = engine.defineClass({ resources: { cpu: 1 }, constraints: [guard] });
      const soft = engine.defineClass({ resources: { cpu: 1 }, softConstraints: [asSoft(guard)] });
      let tasks: readonly ModelTask[] = [];
      const saved: (readonly ModelTask[])[] = [];
      const open = () =>
        Array.from({ length: AGENTS }, (_, row) => row).find(
          (row) => tasks.filter((task) => task.row === row && task.stage === 'assigned').length < maxStarting,
        );
      const book = (handle: number, row: number | undefined, stage: ModelTask['stage']) => {
        expect(handle < 0 ? undefined : engine.agentOf(handle)).toBe(row);
        if (row === undefined) decided.refused++;
        else decided.placed++;
        if (row !== undefined) tasks = [...tasks, { handle, row, stage }];
      };
      for (const step of operations) {
        if (step.kind === 'place') book(engine.place(hard), open(), 'assigned');
        else if (step.kind === 'prefer') book(engine.place(soft), open() ?? 0, 'assigned');
        else if (step.kind === 'reserve') book(engine.reserve(hard), open(), 'reserved');
        else if (step.kind === 'begin') {
          engine.begin();
          saved.push(tasks);
        } else if (step.kind === 'commit' || step.kind === 'rollback') {
          const before = saved.pop();
          if (before === undefined) continue;
          engine[step.kind]();
          if (step.kind === 'rollback') tasks = before;
        } else if ('task' in step && tasks.length > 0) {
          const task = tasks[step.task % tasks.length];
          if (step.kind === 'release') {
            engine.release(task.handle);
            tasks = tasks.filter((other) => other !== task);
          } else if ((step.kind === 'confirm') === (task.stage === 'reserved')) {
            engine[step.kind](task.handle);
            const stage = step.kind === 'confirm' ? 'assigned' : 'running';
            tasks = tasks.map((other) => (other === task ? { ...task, stage } : other));
          }
        }
        expect(engine.verify()).toEqual([]);
      }
    }),
    { numRuns: 400 },
  );
  expect(Math.min(decided.placed, decided.refused)).toBeGreaterThan(400);
});
