/** What may happen to an offer pool, at random. */
import fc from 'fast-check';

const AGENTS = ['a', 'b', 'c'] as const;
const agent = fc.constantFrom<string>(...AGENTS);
const kind = <K extends string>(name: K) => fc.constant(name);
const ports = fc.uniqueArray(fc.nat(9), { maxLength: 4 });

export const stepArbitrary = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: kind('add'),
      agent,
      /** Offers may come out of order. */
      atMs: fc.integer({ min: -60, max: 0 }),
      cpu: fc.record({ web: fc.nat(20), '*': fc.nat(20) }),
      ports: fc.record({ web: ports, '*': ports }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: kind('bad'),
      agent,
      what: fc.constantFrom('duplicate' as const, 'role' as const, 'amount' as const, 'range' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('rescind'), offer: fc.nat(20), isFuture: fc.boolean() }) },
  {
    weight: 10,
    arbitrary: fc.record({ kind: kind('schedule'), agent, cpu: fc.nat(15), count: fc.nat(3) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: kind('handOver'),
      agents: fc.subarray<string>([...AGENTS], { minLength: 1 }),
      leaveOut: fc.constantFrom(false, false, true),
      wish: fc.nat(4),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: kind('release'), task: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('adopt'), agent, cpu: fc.nat(15), ports }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('wait'), byMs: fc.integer({ min: -10, max: 70 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: kind('expire') }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('expireAgent'), agent }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('disable'), agent, forMs: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('expireAll' as const, 'purge' as const) }) },
);

export type Step = typeof stepArbitrary extends fc.Arbitrary<infer S> ? S : never;
