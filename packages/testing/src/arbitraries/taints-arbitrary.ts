/**
 * Random taints and tolerations over a small vocabulary, so that they meet, and so that sets of taints occur again.
 */
import type { Taint, Toleration } from '@stowage/core';
import fc from 'fast-check';

const TAINTS: readonly Taint[] = [
  { key: 'dedicated', value: 'gpu', effect: 'NoSchedule' },
  { key: 'dedicated', effect: 'NoExecute' },
  { key: 'maintenance', value: '', effect: 'NoSchedule' },
  { key: 'maintenance', effect: 'NoExecute' },
  { key: 'maintenance', effect: 'PreferNoSchedule' },
];

/** None to two taints. @public */
export function taintsArbitrary(): fc.Arbitrary<readonly Taint[]> {
  return fc.oneof(
    fc.constantFrom(...TAINTS).map((taint) => [taint]),
    fc.subarray([...TAINTS], { maxLength: 2 }),
  );
}

/** Up to two tolerations, some of which tolerate much. @public */
export function tolerationsArbitrary(): fc.Arbitrary<readonly Toleration[]> {
  const toleration = fc.record(
    {
      key: fc.constantFrom('dedicated', 'maintenance'),
      value: fc.constantFrom('', 'gpu'),
      effect: fc.constantFrom<Taint['effect']>('NoSchedule', 'PreferNoSchedule', 'NoExecute'),
    },
    { requiredKeys: [] },
  );
  return fc.array(toleration, { maxLength: 2, size: 'max' });
}
