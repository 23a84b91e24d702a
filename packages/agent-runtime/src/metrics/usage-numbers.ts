/** The numbers that are known of a container, as names and types. */

/** Names with a unit of time or bytes; all but those of memory and `processes` only grow. @public */
export const USAGE_NUMBERS = [
  'cpuUserSeconds',
  'cpuSystemSeconds',
  'cpuSeconds',
  'cpuPeriods',
  'cpuThrottledPeriods',
  'cpuThrottledSeconds',
  'cpuStalledSeconds',
  'memoryBytes',
  'memoryLimitBytes',
  'memoryPeakBytes',
  'memoryAnonymousBytes',
  'memoryFileBytes',
  'memoryStalledSeconds',
  'outOfMemoryKills',
  'processes',
  'processesLimit',
  'blockReadBytes',
  'blockWriteBytes',
  'blockStalledSeconds',
  'networkReceiveBytes',
  'networkReceivePackets',
  'networkReceiveDrops',
  'networkTransmitBytes',
  'networkTransmitPackets',
  'networkTransmitDrops',
] as const;

/** @public */
export type UsageNumber = (typeof USAGE_NUMBERS)[number];

/**
 * CPU times are of all processes together; `…StalledSeconds` is when at least one of them waited for the resource;
 * `memoryFileBytes` is page cache. Limits are left out where there is none.
 * @public
 */
export type ContainerUsage = Readonly<Partial<Record<UsageNumber, number>>>;
