/**
 * Prefers agents that have to pull the least, for tasks of several images (Kubernetes' ImageLocality score). Kubernetes
 * also multiplies each image by the share of nodes that have it, against a rush on the first node with a new image; that
 * is left out here, since it makes every score depend on all agents.
 */
import { type FitnessCalculator, show, StowageError } from '@stowage/core';
import { requireTexts } from './parameters.ts';
import { ONE } from './published-score.ts';

/** @public */
export interface ImageLocalityOptions {
  /** Task label that names the images, separated by commas. Default `images`. */
  readonly label?: string;
  /** Kind of the cached items. Default `image`. */
  readonly kind?: string;
  /** Size of an image in MiB, a finite number of at least 0. Default: 256 each. */
  readonly sizeMiB?: (image: string) => number;
  /** What is at hand counts from here. Default 23 MiB, as in Kubernetes. */
  readonly leastMiB?: number;
  /** What is at hand counts up to here, times the number of images. Default 1000 MiB, as in Kubernetes. */
  readonly greatestMiB?: number;
}

/**
 * (size of the images at hand − least) / (greatest · images − least), cut off at 0 and 1, from 0 to 10^9 = 1.0, rounded
 * to the nearest integer; 0 for tasks without images. O(images) per agent.
 * @throws StowageError INVALID_PLUGIN; for a size that is no number when a task class is first placed
 * @public
 */
export function imageLocality(options: ImageLocalityOptions = {}): FitnessCalculator {
  const { label = 'images', kind = 'image', sizeMiB, leastMiB = 23, greatestMiB = 1000 } = options;
  requireTexts('imageLocality', label, kind);
  if (!(isSize(leastMiB) && isSize(greatestMiB) && leastMiB < greatestMiB)) {
    throw new StowageError(
      'INVALID_PLUGIN',
      `imageLocality: leastMiB ${show(leastMiB)} and greatestMiB ${show(greatestMiB)} are not two sizes, the first below the second.`,
    );
  }
  return {
    name: 'image locality',
    // A function has no text to compare by: with one, equal policies are those of the same call.
    ...(sizeMiB === undefined
      ? { key: JSON.stringify(['imageLocality', label, kind, leastMiB, greatestMiB]) }
      : {}),
    dependsOn: 'agent',
    range: [0, ONE],
    bind(cluster, task) {
      const cached = cluster.cached(kind);
      const names = new Set(
        task
          .label(label)
          ?.split(',')
          .map((name) => name.trim()),
      );
      names.delete('');
      const images = [...names].map((name) => ({
        id: cached.idOf(name),
        size: requireSize(name, sizeMiB === undefined ? 256 : sizeMiB(name)),
      }));
      const span = greatestMiB * Math.max(1, images.length) - leastMiB;
      return {
        scoreInto(rows, count, scores) {
          for (let i = 0; i < count; i++) {
            let atHand = 0;
            for (let m = 0; m < images.length; m++) {
              if (images[m].id !== 0 && cached.has(rows[i], images[m].id)) atHand += images[m].size;
            }
            const share = Math.min(1, Math.max(0, (atHand - leastMiB) / span));
            scores[i] = Math.round(ONE * share);
          }
        },
      };
    },
  };
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function requireSize(image: string, size: unknown): number {
  if (isSize(size)) return size;
  throw new StowageError(
    'INVALID_PLUGIN',
    `imageLocality: sizeMiB gave ${show(size)} for "${image}"; give a number of at least 0.`,
  );
}
