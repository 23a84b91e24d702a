/**
 * Network limits of common instance types, for agents that may not call DescribeInstanceTypes. Each row: interfaces,
 * IPv4 addresses per interface, baseline bandwidth of network card 0 in 10^6 bits a second. The baseline and not the peak
 * is what tasks can be promised.
 *
 * Source: answers of EC2 DescribeInstanceTypes as recorded in the data of moto 5.2.5 (2026); a Linux test compares them.
 */
import type { VpcLimits } from '../network/vpc-driver.ts';

type Row = readonly [interfaces: number, addressesPerInterface: number, networkMbps: number];
type Family = Readonly<Record<string, Row>>;

const FIFTH: Family = {
  large: [3, 10, 750],
  xlarge: [4, 15, 1250],
  '2xlarge': [4, 15, 2500],
  '4xlarge': [8, 30, 5000],
  '8xlarge': [8, 30, 10_000],
  '12xlarge': [8, 30, 12_000],
  '16xlarge': [15, 50, 20_000],
  '24xlarge': [15, 50, 25_000],
  metal: [15, 50, 25_000],
};

const SIXTH: Family = {
  large: [3, 10, 781],
  xlarge: [4, 15, 1562],
  '2xlarge': [4, 15, 3125],
  '4xlarge': [8, 30, 6250],
  '8xlarge': [8, 30, 12_500],
  '12xlarge': [8, 30, 18_750],
  '16xlarge': [15, 50, 25_000],
  '24xlarge': [15, 50, 37_500],
};

const LARGEST_OF_SIXTH: Family = { '32xlarge': [15, 50, 50_000], metal: [15, 50, 50_000] };
const LARGEST_OF_SEVENTH: Family = { '48xlarge': [15, 50, 50_000], 'metal-48xl': [15, 50, 50_000] };

const FAMILIES: Readonly<Record<string, Family>> = {
  c5: {
    large: [3, 10, 750],
    xlarge: [4, 15, 1250],
    '2xlarge': [4, 15, 2500],
    '4xlarge': [8, 30, 5000],
    '9xlarge': [8, 30, 12_000],
    '12xlarge': [8, 30, 12_000],
    '18xlarge': [15, 50, 25_000],
    '24xlarge': [15, 50, 25_000],
    metal: [15, 50, 25_000],
  },
  m5: FIFTH,
  r5: FIFTH,
  c6i: { ...SIXTH, ...LARGEST_OF_SIXTH },
  m6i: { ...SIXTH, ...LARGEST_OF_SIXTH },
  r6i: { ...SIXTH, ...LARGEST_OF_SIXTH },
  c7i: { ...SIXTH, ...LARGEST_OF_SEVENTH },
  m7i: { ...SIXTH, ...LARGEST_OF_SEVENTH },
};

/** Types for which the table has limits. */
export function knownInstanceTypes(): readonly string[] {
  return Object.entries(FAMILIES).flatMap(([family, sizes]) =>
    Object.keys(sizes).map((size) => `${family}.${size}`),
  );
}

/** @returns undefined for a type that is not in the table */
export function knownLimits(instanceType: string): VpcLimits | undefined {
  const [family = '', size = ''] = instanceType.split('.', 2);
  const row = FAMILIES[family]?.[size];
  // The first interface is the host's own.
  return row && { interfaces: row[0] - 1, addressesPerInterface: row[1], networkMbps: row[2] };
}
