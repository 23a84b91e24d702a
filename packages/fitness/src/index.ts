export { binPacking } from './bin-packing.ts';
export { spreading } from './spreading.ts';
export { type WeightedPart, WEIGHTED_SCALE, weighted } from './weighted.ts';
