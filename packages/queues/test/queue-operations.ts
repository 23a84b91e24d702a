/**
 * Random histories of a queue: operations as data, so that they can be shortened. Operations name tasks by any
 * natural number, taken modulo what exists.
 */
import fc from 'fast-check';
import type { Bound, ModelBucketSettings, ModelTierSettings } from './queue-model.ts';

export const TIERS = 3;
const BUCKETS = ['a', 'b', 'c', 'd'];
export const RESOURCES = [
  { name: 'cpu', unitsPerWhole: 10 },
  { name: 'memory' },
  { name: 'gpu', unitsPerWhole: 1000 },
];

/** A number is a failure with a back-off in milliseconds. */
export type Answer = 'placed' | 'failed' | 'left' | number;

export type Operation =
  | {
      kind: 'add';
      tier: number;
      bucket: string;
      asks: number[];
      delayMs: number | undefined;
      launched: boolean;
    }
  | { kind: 'add-again' | 'remove' | 'requeue'; task: number }
  | { kind: 'set-ready'; task: number; delayMs: number }
  | { kind: 'set-tier'; tier: number; settings: ModelTierSettings | undefined }
  | { kind: 'set-capacity'; tier: number; capacity: Bound | undefined }
  | { kind: 'set-bucket'; tier: number; bucket: string; settings: ModelBucketSettings | undefined }
  | { kind: 'wait'; ms: number }
  | { kind: 'open' | 'end' }
  /** Opens a cycle unless one is open, and ends it after the answers. */
  | { kind: 'cycle'; answers: Answer[] }
  /** As many offers as there are answers. */
  | { kind: 'offers'; answers: Answer[] };

const index = fc.nat({ max: 99 });
const tier = fc.nat({ max: TIERS - 1 });
const bucket = fc.constantFrom(...BUCKETS);
const delayMs = fc.constantFrom(-5, 0, 1, 5, 20);
const kind = <K extends string>(name: K): fc.Arbitrary<K> => fc.constant(name);
const asks = fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 4 }), fc.constantFrom(0, 0, 0, 1, 2));
const bound = (greatest: number): fc.Arbitrary<Bound> =>
  fc.tuple(...RESOURCES.map(() => fc.option(fc.nat({ max: greatest }), { nil: undefined, freq: 2 })));
const bucketSettings: fc.Arbitrary<ModelBucketSettings> = fc.record(
  {
    guarantee: fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 6 }), fc.constantFrom(0, 0, 1)),
    limit: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, bound(12)),
    weight: fc.constantFrom(0.1, 0.3, 1, 3, 1000),
  },
  { requiredKeys: ['guarantee', 'limit'] },
);
const capacity = fc.option(bound(60), { nil: undefined });
const tierSettings: fc.Arbitrary<ModelTierSettings> = fc.record({
  capacity,
  buckets: fc.array(fc.tuple(bucket, bucketSettings), { maxLength: 3 }).map((entries) => new Map(entries)),
});
const answer: fc.Arbitrary<Answer> = fc.oneof(
  { weight: 30, arbitrary: fc.constant('placed' as const) },
  { weight: 24, arbitrary: fc.constant('failed' as const) },
  { weight: 6, arbitrary: delayMs },
  { weight: 1, arbitrary: fc.constant('left' as const) },
);
const answers = (maxLength: number): fc.Arbitrary<Answer[]> => fc.array(answer, { maxLength, size: 'max' });

const addition: fc.Arbitrary<Operation> = fc.record({
  kind: kind('add'),
  tier,
  bucket,
  asks,
  delayMs: fc.option(delayMs, { nil: undefined, freq: 1 }),
  launched: fc.constantFrom(...Array<boolean>(9).fill(false), true),
});

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 12, arbitrary: addition },
  { weight: 1, arbitrary: fc.record({ kind: kind('add-again'), task: index }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('remove'), task: index }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('requeue'), task: index }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('set-ready'), task: index, delayMs }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: kind('set-tier'),
      tier,
      settings: fc.option(tierSettings, { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('set-capacity'), tier, capacity }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind('set-bucket'),
      tier,
      bucket,
      settings: fc.option(bucketSettings, { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('wait'), ms: fc.constantFrom(-3, 1, 5, 20) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('open') }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('end') }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('offers'), answers: answers(6) }) },
  { weight: 12, arbitrary: fc.record({ kind: kind('cycle'), answers: answers(3) }) },
  { weight: 5, arbitrary: fc.record({ kind: kind('cycle'), answers: answers(60) }) },
);

/** Many tasks, then anything. */
export const operations: fc.Arbitrary<Operation[]> = fc
  .tuple(
    fc.array(addition, { minLength: 20, maxLength: 40, size: 'max' }),
    fc.array(operation, { minLength: 30, maxLength: 60, size: 'max' }),
  )
  .map(([first, then]) => [...first, ...then]);
