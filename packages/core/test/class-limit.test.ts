import { expect, test } from 'vitest';
import { PlacementEngine } from '../src/index.ts';

test('far more classes than tasks are refused, until some are dropped', () => {
  const engine = new PlacementEngine({ resources: [{ name: 'cpu' }] });
  for (let i = 0; i < 2 ** 20; i++) engine.defineClass({ resources: {} });
  expect(() => engine.defineClass({ resources: {} })).toThrow('QUANTITY_OVERFLOW');
  engine.dropClass(77);
  expect(engine.defineClass({ resources: {} })).toBe(77);
});
