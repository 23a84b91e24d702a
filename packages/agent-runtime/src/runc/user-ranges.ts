/**
 * Hands each container a range of user and group numbers of its own. Which ranges are in use stands in the records of
 * the containers; this is the index over them in memory, for one agent per state folder.
 * The lowest free range is taken, so the result depends on the order of calls alone.
 */
import { AgentError } from '@stowage/protocol';
import { UnavailableError } from '../contract/container-backend.ts';

/** Numbers `firstId` to `firstId + count × size - 1` must belong to nobody else on the host. */
export interface UserRangeOptions {
  /** Default 2,000,000,000: above what Debian and systemd give away. */
  readonly firstId?: number;
  /** Users per container. Default 65,536. */
  readonly size?: number;
  /** Ranges, thus most containers with a user namespace. Default 2,048. */
  readonly count?: number;
}

export interface UserRange {
  readonly index: number;
  /** User 0 of the container, as the host sees it. */
  readonly firstId: number;
  readonly size: number;
}

export class UserRanges {
  readonly #firstId: number;
  readonly #size: number;
  readonly #count: number;
  readonly #used = new Set<number>();
  #next = 0;

  constructor(options: UserRangeOptions = {}) {
    const { firstId = 2_000_000_000, size = 65_536, count = 2_048 } = options;
    if (![firstId, size, count].every((each) => Number.isInteger(each) && each >= 1))
      throw new AgentError(
        'INVALID_OPTION',
        'User ranges: firstId, size and count must be whole numbers of at least 1.',
      );
    if (firstId + size * count > 2 ** 32 - 1)
      throw new AgentError(
        'INVALID_OPTION',
        'User ranges: numbers must stay below 4,294,967,295; lower firstId, size or count.',
      );
    this.#firstId = firstId;
    this.#size = size;
    this.#count = count;
  }

  /** @throws UnavailableError when all are in use */
  take(): UserRange {
    // In turn: what a container has left in a shared folder does not belong to the very next one.
    for (let step = 0; step < this.#count; step++) {
      const index = (this.#next + step) % this.#count;
      if (this.#used.has(index)) continue;
      this.#used.add(index);
      this.#next = (index + 1) % this.#count;
      return this.#range(index);
    }
    throw new UnavailableError(
      `All ${this.#count} user ranges are in use; raise the count or remove containers.`,
    );
  }

  /** Marks one as in use, as a record says. */
  adopt(index: number): void {
    this.#used.add(index);
  }

  /** Idempotent. */
  free(index: number): void {
    this.#used.delete(index);
  }

  #range(index: number): UserRange {
    return { index, firstId: this.#firstId + index * this.#size, size: this.#size };
  }
}
