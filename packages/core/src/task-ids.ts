/**
 * Task ids and handles of the object API, with the same transactions as the engine underneath.
 */
import { fail } from './errors.ts';
import { show } from './show.ts';

type Change = readonly [kind: 'added' | 'removed', id: string, handle: number];

export class TaskIds {
  readonly #handles = new Map<string, number>();
  readonly #ids = new Map<number, string>();
  readonly #changes: Change[] = [];
  readonly #marks: number[] = [];

  get size(): number {
    return this.#handles.size;
  }

  has(id: string): boolean {
    return this.#handles.has(id);
  }

  /** @throws StowageError UNKNOWN_TASK */
  handleOf(id: string): number {
    return (
      this.#handles.get(id) ??
      fail('UNKNOWN_TASK', `task ${show(id)} is not placed; it was released or never placed.`)
    );
  }

  idOf(handle: number): string {
    return this.#ids.get(handle)!;
  }

  entries(): [id: string, handle: number][] {
    return [...this.#handles];
  }

  add(id: string, handle: number): void {
    this.#insert(id, handle);
    if (this.#marks.length > 0) this.#changes.push(['added', id, handle]);
  }

  remove(id: string): void {
    const handle = this.handleOf(id);
    this.#delete(id, handle);
    if (this.#marks.length > 0) this.#changes.push(['removed', id, handle]);
  }

  begin(): void {
    this.#marks.push(this.#changes.length);
  }

  commit(): void {
    this.#marks.pop();
    if (this.#marks.length === 0) this.#changes.length = 0;
  }

  rollback(): void {
    const mark = this.#marks.pop()!;
    while (this.#changes.length > mark) {
      const [kind, id, handle] = this.#changes.pop()!;
      if (kind === 'added') this.#delete(id, handle);
      else this.#insert(id, handle);
    }
  }

  #insert(id: string, handle: number): void {
    this.#handles.set(id, handle);
    this.#ids.set(handle, id);
  }

  #delete(id: string, handle: number): void {
    this.#handles.delete(id);
    this.#ids.delete(handle);
  }
}
